//! What a browser loads for the first view of each page, compressed as it is sent.

use std::collections::BTreeMap;

use brotli::BrotliCompress;
use brotli::enc::BrotliEncoderParams;
use pollstr::app::PAGES;
use reqwest::Method;
use serde_json::json;

use crate::accounts::admin_pages::admin;
use crate::support::app::Site;
use crate::support::browser::Person;
use crate::support::html;

/// The most bytes for the page and everything that it loads.
const MOST: usize = 30_000;

/// The size of a page as it is sent, compressed.
async fn sent(person: &Person, path: &str) -> usize {
    let request = person
        .request(Method::GET, path)
        .header("accept-encoding", "br");
    let answer = request.send().await.unwrap();
    assert_eq!(answer.headers()["content-encoding"], "br", "{path}");
    answer.bytes().await.unwrap().len()
}

/// The size of a script, style sheet or image as a release build holds it, compressed once.
async fn embedded(person: &Person, path: &str) -> usize {
    let file = person.get(path).await;
    assert_eq!(file.status, 200, "{path}");
    let (mut compressed, best) = (Vec::new(), BrotliEncoderParams::default());
    BrotliCompress(&mut file.body.as_bytes(), &mut compressed, &best).unwrap();
    compressed.len()
}

#[tokio::test]
async fn every_page_is_below_30_kb_at_first_view_with_all_that_it_loads() {
    let site = Site::new().await;
    let admin = admin(&site).await;
    let form = json!({ "question": "Where shall we walk?", "choice": ["Up", "Down"], "results": "always" });
    let made: serde_json::Value =
        serde_json::from_str(&admin.call("create_poll", form).await.body).unwrap();
    let id = made["next"]
        .as_str()
        .unwrap()
        .trim_start_matches("/polls/")
        .to_owned();
    let (stranger, newcomer) = (site.visitor(), site.registered("amy").await);
    let mut files = BTreeMap::new();
    let mut sizes = Vec::new();
    for (route, _) in PAGES {
        let path = route.replace("{id}", &id).replace("{name}", "ada");
        for person in [&stranger, &newcomer, &admin] {
            let page = person.get(&path).await;
            if page.status != 200 {
                continue;
            }
            let mut loaded = html::attributes(&page.body, "script[src]", "src");
            loaded.extend(html::attributes(
                &page.body,
                "link[rel=stylesheet], link[rel=icon]",
                "href",
            ));
            assert!(loaded.len() >= 3, "{path}: {loaded:?}");
            let mut total = sent(person, &path).await;
            for file in loaded {
                let known = files.get(&file).copied();
                let bytes = match known {
                    Some(bytes) => bytes,
                    None => embedded(&stranger, &file).await,
                };
                files.insert(file, bytes);
                total += bytes;
            }
            sizes.push((total, path.clone()));
        }
    }
    sizes.sort_unstable();
    assert!(sizes.len() > PAGES.len() / 2, "{sizes:?}");
    let (largest, page) = sizes.last().unwrap();
    assert!(*largest < MOST, "{page} has {largest} bytes; {files:?}");
}
