//! What other sites see of a poll: link preview, image, embed. Never a person, never a count too
//! early.

mod cards;
mod embeds;
mod previews;

use pollstr::polls::store::drafts;
use pollstr::polls::store::drafts::Draft;
use reqwest::Method;
use serde_json::json;

use crate::support::app::Site;
use crate::support::browser::Person;

/// Creates a poll and returns its path.
async fn asked(site: &Site, change: impl FnOnce(&mut Draft)) -> String {
    let now = site.clock.now();
    let mut draft = Draft::asking("Which \"dog\"?", &["Beagle", "Collie"], now);
    change(&mut draft);
    let transaction = site.state.db.begin().await.unwrap();
    let id = drafts::insert(&transaction, &draft, now).await.unwrap();
    transaction.commit().await.unwrap();
    format!("/polls/{id}")
}

async fn votes(site: &Site, name: &str, number: &str, poll: &str) -> Person {
    let person = site.verified(name, number).await;
    person
        .call(
            "cast_vote",
            json!({ "poll": poll.trim_start_matches("/polls/"), "choice": "1" }),
        )
        .await
        .says(200, poll);
    person
}

/// Returns the bytes of an image.
async fn picture(person: &Person, poll: &str) -> Vec<u8> {
    let answer = person
        .request(Method::GET, &format!("{poll}/picture.png"))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    answer.bytes().await.unwrap().to_vec()
}

fn oembed(site: &Site, poll: &str, more: &str) -> String {
    format!("/oembed?url={}{poll}{more}", site.origin)
}
