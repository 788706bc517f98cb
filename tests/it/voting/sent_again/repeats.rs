//! The same ballot sent again: one vote, one receipt, one message.

use std::collections::BTreeSet;

use pollstr::polls::model::kind::Kind;
use pollstr::polls::model::poll::ResultsRule;
use pollstr::polls::sealing::seal::seal_due;
use pollstr::polls::store::drafts::Draft;

use crate::support::app::Site;
use crate::support::voters::asked;
use crate::voting::sent_again::{AMY, BEN, OpenBallot, STANDS, THANKS, holds, receipt, tally};

#[tokio::test]
async fn a_ballot_that_is_sent_twice_is_one_vote_with_one_receipt() {
    for site in Site::on_each_database().await {
        let (amy, poll) = (
            site.verified("amy", AMY).await,
            asked(&site.state, |_| {}).await,
        );
        let ballot = OpenBallot::of(&amy, &poll).await;
        let first = ballot.votes("1").await;
        assert_eq!(ballot.votes("1").await, first);
        let page = ballot.reads().await;
        page.says(200, STANDS);
        page.says(200, "Your receipt");
        let again = ballot.reads().await.body;
        assert!(
            !again.contains("Your receipt") && !again.contains(STANDS),
            "it is shown once"
        );
        site.visitor()
            .fill(
                &format!("/polls/{poll}/receipt"),
                "Check",
                &[("receipt", &first)],
            )
            .await
            .says(200, "is counted.");
        holds(&site, 1).await;
        assert_eq!(tally(&site, ["1", "changes"]).await, [1, 0]);
    }
}

#[tokio::test]
async fn resending_a_final_vote_with_other_choices_gets_the_same_answer() {
    for site in Site::on_each_database().await {
        for kind in [Kind::Single, Kind::Multiple { most: 2 }, Kind::Ranked] {
            let poll = asked(&site.state, |draft| draft.kind = kind).await;
            let amy = site.verified(&format!("amy-{}", kind.as_str()), AMY).await;
            let ballot = OpenBallot::of(&amy, &poll).await;
            let first: &[_] = if kind == Kind::Ranked {
                &[("place_1", "1"), ("place_2", "2")]
            } else {
                &[("choice", "1")]
            };
            let counted = ballot.send(first).await;
            counted.goes_to(&format!("/polls/{poll}/results"));
            let mut answers = BTreeSet::new();
            for again in [
                first,
                &[("choice", "2")],
                &[],
                &[("choice", "1"), ("choice", "2"), ("choice", "3")],
                &[("choice", "7")],
                &[("choice", "nonsense")],
                &[("place_1", "1"), ("place_2", "1")],
                &[("choice", "2"), ("change", "yes")],
                &[
                    ("choice", "2"),
                    ("change", "yes"),
                    ("receipt", "0000-0000-0000-0000"),
                ],
            ] {
                let answer = ballot.send(again).await;
                assert_eq!(receipt(&answer), receipt(&counted), "{again:?}");
                let cookies: Vec<_> = answer
                    .headers
                    .get_all("set-cookie")
                    .iter()
                    .map(|cookie| cookie.to_str().unwrap())
                    .collect();
                answers.insert((
                    answer.status.as_u16(),
                    answer.header("location").to_owned(),
                    cookies.join("\n"),
                    answer.body.clone(),
                ));
                ballot.reads().await.says(200, STANDS);
            }
            assert_eq!(answers.len(), 1, "{answers:?}");
        }
        holds(&site, 3).await;
        assert_eq!(
            tally(&site, ["1", "1>2", "2", "changes"]).await,
            [2, 1, 0, 0]
        );
    }
}

#[tokio::test]
async fn a_vote_that_can_be_changed_is_changed_by_sending_its_page_again() {
    for site in Site::on_each_database().await {
        let (amy, poll) = (
            site.verified("amy", AMY).await,
            asked(&site.state, |draft| draft.changeable = true).await,
        );
        let ballot = OpenBallot::of(&amy, &poll).await;
        let first = ballot.votes("1").await;
        assert_eq!(ballot.votes("1").await, first);
        assert_eq!(tally(&site, ["1", "2", "changes"]).await, [1, 0, 0]);
        assert_eq!(ballot.votes("2").await, first);
        ballot.reads().await.says(200, THANKS);
        assert_eq!(tally(&site, ["1", "2", "changes"]).await, [0, 1, 1]);
        // An invalid ballot is refused as usual, since it changed nothing.
        ballot
            .send(&[])
            .await
            .says(422, "You didn't select a choice.");
        ballot
            .send(&[("choice", "7")])
            .await
            .says(422, "That choice isn't in this poll.");
        holds(&site, 1).await;

        let change = OpenBallot::to_change(&amy, &poll).await;
        let mut receipts = BTreeSet::new();
        for choice in ["3", "3", "4"] {
            let answer = change
                .send(&[("choice", choice), ("receipt", &first)])
                .await;
            answer.goes_to(&format!("/polls/{poll}/results"));
            receipts.insert(receipt(&answer));
        }
        assert!(
            receipts.len() == 1 && !receipts.contains(&first),
            "{receipts:?}"
        );
        assert_eq!(
            tally(&site, ["1", "2", "3", "4", "changes"]).await,
            [0, 0, 0, 1, 3]
        );
        // The page of a replaced ballot says no more than any other.
        ballot.send(&[("choice", "1")]).await.says(
            422,
            "You've already voted in this poll, and that vote stands.",
        );
        change
            .send(&[("choice", "4")])
            .await
            .goes_to(&format!("/polls/{poll}/results"));
        holds(&site, 1).await;
        assert_eq!(tally(&site, ["1", "4", "changes"]).await, [0, 1, 3]);
    }
}

#[tokio::test]
async fn a_vote_is_told_again_after_the_close_and_after_sealing() {
    for site in Site::on_each_database().await {
        for changeable in [false, true] {
            let closes_at = site.clock.now() + 60;
            let close = |draft: &mut Draft| {
                (draft.changeable, draft.closes_at) = (changeable, Some(closes_at));
            };
            let poll = asked(&site.state, close).await;
            let (amy, ben) = (
                site.verified(&format!("amy{changeable}"), AMY).await,
                site.verified(&format!("ben{changeable}"), BEN).await,
            );
            let (ballot, late) = (
                OpenBallot::of(&amy, &poll).await,
                OpenBallot::of(&ben, &poll).await,
            );
            let first = ballot.votes("1").await;
            site.clock.advance(60);
            for sealed in [false, true] {
                assert_eq!(
                    site.count("SELECT COUNT(*) FROM poll WHERE sealing_state = 'sealed' AND closes_at IS NOT NULL")
                        .await
                        > i64::from(changeable),
                    sealed
                );
                for choice in ["1", "2"] {
                    assert_eq!(ballot.votes(choice).await, first);
                    ballot.reads().await.says(200, STANDS);
                }
                late.send(&[("choice", "1")])
                    .await
                    .says(422, "Voting has ended, so this vote wasn't counted.");
                if !sealed {
                    assert_eq!(seal_due(&site.state.db, &site.clock).await, Ok(1));
                }
            }
        }
        holds(&site, 2).await;
        assert_eq!(tally(&site, ["1", "2"]).await, [2, 0]);
    }
}

#[tokio::test]
async fn before_results_are_shown_the_answer_leads_to_the_poll_both_times() {
    let site = Site::new().await;
    let (amy, poll) = (
        site.verified("amy", AMY).await,
        asked(&site.state, |draft| {
            draft.results = ResultsRule::AfterClose;
        })
        .await,
    );
    let ballot = OpenBallot::of(&amy, &poll).await;
    for words in [THANKS, STANDS] {
        ballot
            .send(&[("choice", "1")])
            .await
            .goes_to(&format!("/polls/{poll}"));
        amy.get(&format!("/polls/{poll}")).await.says(200, words);
    }
}
