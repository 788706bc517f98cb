//! Motions: their form, results and files.

use pollstr::polls::model::kind::Kind;
use pollstr::polls::model::poll::ResultsRule;
use pollstr::polls::sealing::seal::seal_due;
use serde_json::{Value, json};

use crate::polls::create::{NUMBER, faults, make, run, stored, with};
use crate::support::app::{START_TIME, Site};
use crate::support::voters::{asked, cast_all, electorate};

#[tokio::test]
async fn a_motion_is_carried_by_those_who_take_a_side() {
    for site in Site::on_each_database().await {
        let poll = asked(&site.state, |draft| {
            draft.closes_at = Some(START_TIME + 3_600);
            draft.choices = ["Yes", "No", "Abstain"].map(str::to_owned).to_vec();
            (draft.kind, draft.results) = (Kind::Motion, ResultsRule::Always);
        })
        .await;
        let people = electorate(&site.state, 1, 10).await;
        let votes = people.iter().zip([1, 1, 1, 2, 3, 3, 3, 3, 3, 3]);
        let votes = votes.map(|(voter, choice)| voter.vote(&poll, &[choice]));
        let cast = cast_all(&site.state.ballots, votes).await;
        assert!(cast.iter().all(Result::is_ok), "{cast:?}");
        let visitor = site.visitor();
        let results = visitor.get(&format!("/polls/{poll}/results")).await;
        results.says(200, "is ahead, 3 to 1, with 6 abstentions.");
        results.says(200, "75\u{a0}%");

        site.clock.advance(3_600);
        seal_due(&site.state.db, &site.clock).await.unwrap();
        let results = visitor.get(&format!("/polls/{poll}/results")).await;
        results.says(200, "Carried, 3 to 1, with 6 abstentions.");
        let csv = visitor.get(&format!("/polls/{poll}/results.csv")).await;
        csv.says(200, "Yes,3,75,yes\r\nNo,1,25,no\r\nAbstain,6,,no\r\n");
        let recounted = visitor.get(&format!("/polls/{poll}/bundle.json")).await;
        recounted.says(200, "\"motion\"");
    }
}

#[tokio::test]
async fn a_motion_has_exactly_three_choices() {
    let site = Site::new().await;
    let olga = site.verified("olga", NUMBER).await;
    let message = json!({ "kind": "A motion has three choices: for, against and abstain." });
    for (choices, save) in [
        (&["Yes", "No"][..], ""),
        (&["Yes", "No", "Abstain", "Perhaps"], ""),
        (&["Yes", "No", "Abstain", "Perhaps"], "draft"),
    ] {
        let form = with(json!({ "kind": "motion", "choice": choices, "save": save }));
        let refused: Value = faults(&olga.call("create_poll", form).await);
        assert_eq!(refused, message, "{choices:?} {save}");
    }
    let draft = make(&olga, json!({ "kind": "motion", "save": "draft" })).await;
    assert_eq!(stored(&site, &draft).await.poll.kind, Kind::Motion);
    run(&olga, "open_poll", &draft).await.says(422, "choices");
}
