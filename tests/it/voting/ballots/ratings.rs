//! Rated ballots: by the form, by programs, changed, and kept through sign-up.

use pollstr::polls::model::kind::Kind;
use serde_json::json;

use crate::support::app::Site;
use crate::support::html;
use crate::voting::ballots::{asked, receipt, tally};

#[tokio::test]
async fn a_rating_is_a_mark_for_each_choice_and_can_be_changed() {
    for site in Site::on_each_database().await {
        for (kind, number) in [(Kind::Score, 1), (Kind::Star, 2)] {
            let poll = asked(&site, |draft| (draft.kind, draft.changeable) = (kind, true)).await;
            let ballot = format!("{poll}/vote");
            let amy = site
                .verified(&format!("amy{number}"), &format!("+44770090012{number}"))
                .await;
            let page = amy.get(&ballot).await;
            page.says(200, "Give each choice 0 to 5.");
            assert_eq!(page.body.matches("type=\"radio\"").count(), 24);
            assert_eq!(
                html::texts(&page.body, ".rated legend"),
                ["Beagle", "Collie", "Dachshund", "Poodle"]
            );
            let empty = amy.fill(&ballot, "Vote", &[]).await;
            empty.says(422, "You didn't rate a choice. Give each 0 to 5.");
            let wrong = [("rate_1", "6"), ("rate_2", "3")];
            let wrong = amy.fill(&ballot, "Vote", &wrong).await;
            wrong.says(422, "Give this choice 0 to 5.");
            assert_eq!(
                wrong.body.matches(" checked").count(),
                1,
                "what fits is kept"
            );
            let marks = [("rate_1", "5"), ("rate_3", "2")];
            amy.fill(&ballot, "Vote", &marks)
                .await
                .goes_to(&format!("{poll}/results"));
            let stored = async |text: &str| {
                let sql = format!("SELECT COUNT(*) FROM ballot WHERE choices = '{text}'");
                site.count(&sql).await
            };
            let whole = "1:5,2:0,3:2,4:0";
            assert_eq!(stored(whole).await, 1);
            assert_eq!(tally(&site, whole).await, 1);
            let receipt = receipt(&amy, &poll).await;
            let none: Vec<(&str, &str)> = ["rate_1", "rate_2", "rate_3", "rate_4"]
                .map(|name| (name, "0"))
                .into_iter()
                .chain([("receipt", receipt.as_str())])
                .collect();
            amy.fill(&ballot, "Change my vote", &none)
                .await
                .goes_to(&format!("{poll}/results"));
            assert_eq!(stored("1:0,2:0,3:0,4:0").await, 1);
            assert_eq!(tally(&site, whole).await, 0);
            amy.get(&format!("{poll}/results"))
                .await
                .says(200, "No choice got more than 0.");
            site.execute("DELETE FROM ballot").await;
            site.execute("DELETE FROM tally").await;
        }
    }
}

#[tokio::test]
async fn a_program_rates_by_the_same_fields() {
    let site = Site::new().await;
    let poll = asked(&site, |draft| draft.kind = Kind::Star).await;
    let id = poll.trim_start_matches("/polls/");
    let amy = site.verified("amy", "+447700900123").await;
    for (form, error) in [
        (
            json!({ "poll": id }),
            "You didn't rate a choice. Give each 0 to 5.",
        ),
        (
            json!({ "poll": id, "choice": ["1"] }),
            "You didn't rate a choice. Give each 0 to 5.",
        ),
        (
            json!({ "poll": id, "rate_9": "1" }),
            "That choice isn't in this poll.",
        ),
        (
            json!({ "poll": id, "rate_1": "x" }),
            "Give this choice 0 to 5.",
        ),
    ] {
        amy.call("cast_vote", form).await.says(422, error);
    }
    amy.call("cast_vote", json!({ "poll": id, "rate_2": "4" }))
        .await
        .says(200, "/results");
    assert_eq!(tally(&site, "1:0,2:4,3:0,4:0").await, 1);
}

#[tokio::test]
async fn a_rating_picked_by_a_stranger_is_kept() {
    let site = Site::new().await;
    let poll = asked(&site, |draft| {
        (draft.kind, draft.shuffled) = (Kind::Score, true);
    })
    .await;
    let zoe = site.visitor();
    zoe.fill(&poll, "Vote", &[])
        .await
        .says(422, "You didn't rate a choice. Give each 0 to 5.");
    let marks = [("rate_2", "5"), ("rate_4", "1")];
    let next = zoe.fill(&poll, "Vote", &marks).await;
    assert_eq!(next.status, 303);
    let page = zoe.get(&poll).await;
    page.says(200, "Your choice from before.");
    let checked = html::attributes(&page.body, ".rated input[checked]", "name");
    let values = html::attributes(&page.body, ".rated input[checked]", "value");
    let mut kept: Vec<_> = checked.into_iter().zip(values).collect();
    kept.sort();
    let kept: Vec<(&str, &str)> = kept.iter().map(|(name, mark)| (&**name, &**mark)).collect();
    assert_eq!(
        kept,
        [
            ("rate_1", "0"),
            ("rate_2", "5"),
            ("rate_3", "0"),
            ("rate_4", "1")
        ]
    );
}

#[tokio::test]
async fn approval_voting_is_named_where_every_choice_may_be_chosen() {
    let site = Site::new().await;
    let amy = site.verified("amy", "+447700900123").await;
    for (most, named) in [(4, true), (3, false)] {
        let poll = asked(&site, |draft| draft.kind = Kind::Multiple { most }).await;
        let page = amy.get(&format!("{poll}/vote")).await;
        page.says(200, &format!("Choose up to {most}"));
        assert_eq!(page.body.contains("Approval voting"), named);
        let results = amy
            .fill(&format!("{poll}/vote"), "Vote", &[("choice", "1")])
            .await;
        assert_eq!(results.status, 303);
        let results = amy.get(&format!("{poll}/results")).await;
        assert_eq!(results.body.contains("Approval voting"), named);
    }
}
