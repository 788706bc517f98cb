//! Who cannot vote, and the reason that they read.

use serde_json::json;

use crate::support::app::Site;
use crate::voting::ballots::asked;

#[tokio::test]
async fn each_reason_that_prevents_voting_has_its_own_message() {
    let site = Site::new().await;
    let amy = site.verified("amy", "+447700900123").await;
    let says = async |poll: &str, status: u16, words: &str| {
        amy.get(&format!("{poll}/vote")).await.says(200, words);
        let id = poll.trim_start_matches("/polls/");
        amy.call("cast_vote", json!({ "poll": id, "choice": "1" }))
            .await
            .says(status, "message");
    };
    let now = site.clock.now();
    let early = asked(&site, |draft| draft.opens_at = now + 1).await;
    says(&early, 422, "Voting begins on").await;
    let over = asked(&site, |draft| draft.closes_at = Some(now)).await;
    says(&over, 422, "Voting has ended.").await;
    let abroad = asked(&site, |draft| {
        draft.countries = vec!["49".to_owned(), "43".to_owned()];
    })
    .await;
    says(
        &abroad,
        422,
        "Only phone numbers starting with +49 or +43 can vote in this poll.",
    )
    .await;
    let home = asked(&site, |draft| {
        draft.countries = vec!["49".to_owned(), "44".to_owned()];
    })
    .await;
    amy.fill(&format!("{home}/vote"), "Vote", &[("choice", "5")])
        .await
        .says(422, "That choice isn't in this poll.");
    amy.fill(
        &format!("{home}/vote"),
        "Vote",
        &[("choice", "1"), ("choice", "2")],
    )
    .await
    .says(422, "Select only one choice.");
    amy.fill(&format!("{home}/vote"), "Vote", &[("choice", "1")])
        .await
        .goes_to(&format!("{home}/results"));
    says(
        &home,
        422,
        "You've already voted in this poll, and that vote stands.",
    )
    .await;
    let draft = asked(&site, |draft| draft.draft = true).await;
    amy.get(&format!("{draft}/vote"))
        .await
        .says(404, "Page not found");
    let id = draft.trim_start_matches("/polls/");
    amy.call("cast_vote", json!({ "poll": id, "choice": "1" }))
        .await
        .says(404, "message");
    site.clock.advance(1);
    amy.fill(&format!("{early}/vote"), "Vote", &[("choice", "1")])
        .await
        .goes_to(&format!("{early}/results"));
}
