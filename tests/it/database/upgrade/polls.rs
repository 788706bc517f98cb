//! Receipts, votes, results and sealing after an upgrade.

use pollstr::polls::sealing::recount::recount;
use pollstr::polls::sealing::seal::seal_due;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::database::upgrade::Upgraded;
use crate::support::html;

#[tokio::test]
async fn receipts_are_found_and_ballots_changed_after_the_upgrade() {
    for upgraded in Upgraded::on_each_database().await {
        let visitor = upgraded.site.visitor();
        for (poll, _, receipt) in upgraded.receipts() {
            let form = json!({ "poll": poll, "receipt": receipt });
            visitor
                .call("check_receipt", form)
                .await
                .says(200, "is counted.");
        }
        let poll = upgraded.poll("open single");
        let (_, _, receipt) = *upgraded
            .receipts()
            .iter()
            .find(|(of, voter, _)| *of == poll && *voter == "amy")
            .unwrap();
        let form = json!({ "poll": poll, "choice": "3", "change": "yes", "receipt": receipt });
        let amy = upgraded.verified("amy");
        let changed = amy.call("cast_vote", form).await;
        assert_eq!(changed.status, 200, "{}", changed.body);
        let form = json!({ "poll": poll, "receipt": receipt });
        visitor
            .call("check_receipt", form)
            .await
            .says(422, "No ballot in this poll has that receipt.");
    }
}

#[tokio::test]
async fn a_number_that_voted_before_the_upgrade_has_no_second_vote() {
    for upgraded in Upgraded::on_each_database().await {
        let poll = upgraded.poll("open ranked");
        let form = || json!({ "poll": poll, "choice": ["1", "2"] });
        for name in ["amy", "ben", "cat", "dan", "eve"] {
            let again = upgraded.verified(name).call("cast_vote", form()).await;
            again.says(
                422,
                "You've already voted in this poll, and that vote stands.",
            );
        }
        // Nor can a number vote again whose account was deleted.
        let number = upgraded.facts["deleted_number"].as_str().unwrap();
        let newcomer = upgraded.site.verified("newcomer", number).await;
        newcomer.call("cast_vote", form()).await.says(
            422,
            "You've already voted in this poll, and that vote stands.",
        );
        let count = upgraded.results(&newcomer, poll).await;
        assert_eq!(count["ballots"], 6);
        // A number that hasn't voted can vote.
        let poll = upgraded.poll("open single");
        let eve = upgraded.verified("eve");
        let form = json!({ "poll": poll, "choice": "2" });
        eve.call("cast_vote", form).await.says(200, "");
        assert_eq!(upgraded.results(&eve, poll).await["ballots"], 6);
    }
}

#[tokio::test]
async fn results_bundles_and_fingerprints_stay_the_same_after_the_upgrade() {
    for upgraded in Upgraded::on_each_database().await {
        let amy = upgraded.verified("amy");
        for (label, poll) in upgraded.polls() {
            let id = poll["id"].as_str().unwrap();
            let Some(results) = poll.get("results") else {
                amy.get(&format!("/polls/{id}")).await.says(404, "");
                continue;
            };
            assert_eq!(&upgraded.results(&amy, id).await, results, "{label}");
            let bundle = amy.get(&format!("/polls/{id}/bundle.json")).await;
            let Some(stored) = poll.get("bundle") else {
                assert_ne!(bundle.status, 200, "{label}");
                continue;
            };
            assert_eq!(bundle.body, stored.as_str().unwrap(), "{label}");
            let hash = data_encoding::HEXLOWER.encode(&Sha256::digest(&bundle.body));
            assert_eq!(hash, poll["sha256"].as_str().unwrap(), "{label}");
            amy.get(&format!("/polls/{id}/results"))
                .await
                .says(200, &hash);
        }
    }
}

#[tokio::test]
async fn polls_that_closed_before_the_upgrade_are_sealed_after_it() {
    for upgraded in Upgraded::on_each_database().await {
        let (site, db) = (&upgraded.site, &upgraded.site.state.db);
        let amy = upgraded.verified("amy");
        assert_eq!(seal_due(db, &site.clock).await.unwrap(), 2);
        assert_eq!(seal_due(db, &site.clock).await.unwrap(), 0);
        for (label, poll) in upgraded.polls() {
            let id = poll["id"].as_str().unwrap();
            let counted = recount(db, id, site.clock.now()).await.unwrap().unwrap();
            assert!(counted.faults.is_empty(), "{label}: {counted}");
            let Some(results) = poll.get("results") else {
                continue;
            };
            assert_eq!(&upgraded.results(&amy, id).await, results, "{label}");
            let bundle = amy.get(&format!("/polls/{id}/bundle.json")).await;
            assert_eq!(bundle.status == 200, !label.starts_with("open"), "{label}");
        }
    }
}

#[tokio::test]
async fn polls_are_found_after_the_upgrade() {
    for upgraded in Upgraded::on_each_database().await {
        let found = async |words: &str| {
            let page = upgraded.site.visitor().get(&format!("/?q={words}")).await;
            html::texts(&page.body, "li.card").join(" ")
        };
        assert!(
            found("d%C3%B6gs+rank")
                .await
                .contains("How do you rank these dogs?")
        );
        assert_eq!(found("ogs").await, "");
    }
}
