//! A page with many sections works with a single read connection: it never waits for itself.

use futures::future::join_all;
use pollstr::app::PAGES;
use pollstr::platform::db::execute;
use sea_orm::ConnectionTrait;

use crate::support::app::Site;
use crate::support::browser::{Page, Person};
use crate::support::voters::asked;

/// Asserts a complete page: one heading, one main part, every section.
fn is_whole(page: &Page, path: &str) {
    assert!(page.status.as_u16() < 500, "{path}: {}", page.body);
    let count = |tag: &str| page.body.matches(tag).count();
    assert!(
        page.status.is_redirection() || (count("<h1"), count("<main")) == (1, 1),
        "{path}: {}",
        page.body
    );
    assert!(
        !page.body.contains("show this part"),
        "{path}: {}",
        page.body
    );
}

async fn opened_at_once(person: &Person, path: &str, times: usize) {
    for page in join_all((0..times).map(|_| person.get(path))).await {
        is_whole(&page, path);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_page_answers_when_several_people_open_it_at_once_and_there_is_one_reader() {
    let site = Site::with(&[("POLLSTR_CONNECTIONS", "1")]).await;
    let amy = site.verified("amy", "+447400123456").await;
    let db = site.state.db.write();
    execute(
        db,
        "UPDATE account SET role = 'admin' WHERE username_key = 'amy'",
        [],
    )
    .await
    .unwrap();
    let poll = asked(&site.state, |_| {}).await;
    execute(
        db,
        "UPDATE poll SET owner_id = (SELECT id FROM account WHERE username_key = 'amy')",
        [],
    )
    .await
    .unwrap();
    for (route, _) in PAGES {
        let path = route.replace("{id}", &poll).replace("{name}", "amy");
        opened_at_once(&amy, &path, 4).await;
    }
    for times in [2, 32] {
        opened_at_once(&amy, "/account", times).await;
    }
}

#[tokio::test]
async fn a_section_that_fails_says_so_in_its_place() {
    for site in Site::on_each_database().await {
        let amy = site.verified("amy", "+447400123456").await;
        let rename = |from: &'static str, to: &'static str| {
            let db = site.state.db.migrations();
            async move {
                db.execute_unprepared(&format!("ALTER TABLE {from} RENAME TO {to}"))
                    .await
                    .unwrap()
            }
        };
        rename("trusted_browser", "gone").await;
        let page = amy.get("/account").await;
        rename("gone", "trusted_browser").await;
        page.says(
            200,
            "show this part right now. Reload the page to try again.",
        );
        page.says(200, "Delete your account");
        let count = |tag: &str| page.body.matches(tag).count();
        assert_eq!((count("<h1"), count("<main")), (1, 1), "{}", page.body);
    }
}
