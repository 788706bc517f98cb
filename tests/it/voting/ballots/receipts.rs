//! Receipts: where they are shown, and changing a vote with one.

use pollstr::polls::model::poll::ResultsRule;
use serde_json::json;

use crate::support::app::Site;
use crate::support::browser::Page;
use crate::voting::ballots::{asked, receipt, shown, tally};

#[tokio::test]
async fn a_vote_is_changed_with_its_receipt_where_the_poll_says_so() {
    for site in Site::on_each_database().await {
        let poll = asked(&site, |draft| draft.changeable = true).await;
        let ballot = format!("{poll}/vote");
        let (amy, ben) = (
            site.verified("amy", "+447700900123").await,
            site.verified("ben", "+447700900124").await,
        );
        amy.fill(&ballot, "Vote", &[("choice", "1")])
            .await
            .goes_to(&format!("{poll}/results"));
        let first = receipt(&amy, &poll).await;
        let wrong = [("choice", "2"), ("receipt", "0000-0000-0000-0000")];
        amy.fill(&ballot, "Change my vote", &wrong)
            .await
            .says(422, "No ballot in this poll has that receipt.");
        amy.fill(&ballot, "Change my vote", &[("choice", "2")])
            .await
            .says(422, "Enter your receipt.");
        // Another person's receipt is worthless to someone who hasn't voted.
        let id = poll.trim_start_matches("/polls/");
        let stolen = json!({ "poll": id, "choice": "3", "change": "yes", "receipt": first });
        ben.call("cast_vote", stolen.clone())
            .await
            .says(422, "You haven't voted in this poll yet.");
        amy.fill(
            &ballot,
            "Change my vote",
            &[("choice", "2"), ("receipt", &first)],
        )
        .await
        .goes_to(&format!("{poll}/results"));
        assert_eq!(
            (
                tally(&site, "1").await,
                tally(&site, "2").await,
                tally(&site, "ballots").await
            ),
            (0, 1, 1)
        );
        let second = receipt(&amy, &poll).await;
        amy.call("cast_vote", stolen)
            .await
            .says(422, "No ballot in this poll has that receipt.");
        let lookup = format!("{poll}/receipt");
        let stranger = site.visitor();
        stranger
            .fill(&lookup, "Check", &[("receipt", &first)])
            .await
            .says(422, "No ballot in this poll has that receipt.");
        stranger
            .fill(&lookup, "Check", &[("receipt", &second.to_lowercase())])
            .await
            .says(200, "is counted.");
        stranger
            .fill(&lookup, "Check", &[("receipt", "12")])
            .await
            .says(422, "A receipt has sixteen letters and digits.");
    }
}

#[tokio::test]
async fn while_results_are_hidden_the_receipt_is_shown_on_the_poll_page() {
    for site in Site::on_each_database().await {
        let closes_at = site.clock.now() + 86_400;
        let poll = asked(&site, |draft| {
            (draft.changeable, draft.results, draft.closes_at) =
                (true, ResultsRule::AfterClose, Some(closes_at));
        })
        .await;
        let (amy, ballot) = (
            site.verified("amy", "+447700900123").await,
            format!("{poll}/vote"),
        );
        amy.fill(&ballot, "Vote", &[("choice", "1")])
            .await
            .goes_to(&poll);
        amy.get(&format!("{poll}/results"))
            .await
            .says(200, "Results will be published when the poll closes, on ");
        let page = amy.get(&poll).await;
        page.says(200, "Thanks, your vote is counted.");
        let first = shown(&page.body);
        let again = amy.get(&poll).await;
        again.says(200, "You have voted in this poll.");
        assert!(
            !again.body.contains("Your receipt"),
            "a receipt is shown once"
        );
        amy.fill(&format!("{poll}/receipt"), "Check", &[("receipt", &first)])
            .await
            .says(200, "is counted.");
        amy.fill(
            &ballot,
            "Change my vote",
            &[("choice", "2"), ("receipt", &first)],
        )
        .await
        .goes_to(&poll);
        let second = shown(&amy.get(&poll).await.body);
        // After the close the results are public again.
        site.state.clock.advance(86_399);
        amy.fill(
            &ballot,
            "Change my vote",
            &[("choice", "3"), ("receipt", &second)],
        )
        .await
        .goes_to(&poll);
        site.state.clock.advance(1);
        amy.get(&format!("{poll}/results"))
            .await
            .says(200, "Your receipt");
    }
}

#[tokio::test]
async fn a_receipt_travels_in_a_cookie_of_its_poll_until_it_is_shown() {
    let site = Site::new().await;
    let amy = site.verified("amy", "+447700900123").await;
    for (rule, shown_on) in [
        (ResultsRule::AfterVote, "/results"),
        (ResultsRule::AfterClose, ""),
    ] {
        let poll = asked(&site, |draft| draft.results = rule).await;
        let cookie = |page: &Page| {
            let cookies = page
                .headers
                .get_all("set-cookie")
                .iter()
                .map(|cookie| cookie.to_str().unwrap().to_owned());
            cookies
                .filter(|cookie| cookie.starts_with("receipt="))
                .collect::<Vec<_>>()
        };
        let voted = amy
            .fill(&format!("{poll}/vote"), "Vote", &[("choice", "1")])
            .await;
        let [set] = &cookie(&voted)[..] else {
            panic!("{:?}", voted.headers)
        };
        let (value, attributes) = set.trim_start_matches("receipt=").split_once("; ").unwrap();
        assert_eq!(
            (value.len(), attributes),
            (
                16,
                format!("HttpOnly; SameSite=Lax; Path={poll}; Max-Age=600").as_str()
            )
        );
        assert!(!voted.body.contains(value) && !voted.header("location").contains(value));
        let page = amy.get(&format!("{poll}{shown_on}")).await;
        assert_eq!(shown(&page.body).replace('-', ""), value);
        assert_eq!(
            cookie(&page),
            [format!(
                "receipt=; HttpOnly; SameSite=Lax; Path={poll}; Max-Age=0"
            )]
        );
        assert_eq!(
            cookie(&amy.get(&format!("{poll}{shown_on}")).await),
            Vec::<String>::new()
        );
    }
}

#[tokio::test]
async fn fifty_changes_with_one_receipt_at_once_are_one_change() {
    for site in Site::on_each_database().await {
        let poll = asked(&site, |draft| draft.changeable = true).await;
        let amy = site.verified("amy", "+447700900123").await;
        amy.fill(&format!("{poll}/vote"), "Vote", &[("choice", "1")])
            .await
            .goes_to(&format!("{poll}/results"));
        let receipt = receipt(&amy, &poll).await;
        let ballot = format!("{poll}/vote");
        let filled_in = vec![
            ("choice".to_owned(), "2".to_owned()),
            ("receipt".to_owned(), receipt),
        ];
        // Fifty pages, so that none counts as a repetition.
        let pages =
            futures::future::join_all((0..50).map(|_| amy.form(&ballot, "Change my vote"))).await;
        let changes: Vec<_> = pages
            .into_iter()
            .map(|form| [form, filled_in.clone()].concat())
            .collect();
        let answers =
            futures::future::join_all(changes.iter().map(|change| amy.post(&ballot, change))).await;
        assert_eq!(
            answers.iter().filter(|answer| answer.status == 303).count(),
            1
        );
        assert_eq!(site.count("SELECT COUNT(*) FROM ballot").await, 1);
        assert_eq!(
            (
                tally(&site, "1").await,
                tally(&site, "2").await,
                tally(&site, "changes").await
            ),
            (0, 1, 1)
        );
    }
}
