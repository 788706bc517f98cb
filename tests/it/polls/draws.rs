//! Ties in a ranking that a draw decides, and that anyone can check.

use pollstr::platform::crypto::digest;
use pollstr::polls::model::kind::Kind;
use pollstr::polls::model::poll::ResultsRule;
use pollstr::polls::sealing::recount::recount;
use pollstr::polls::sealing::recount_file::{Wrong, check};
use pollstr::polls::sealing::seal::seal_due;
use pollstr::polls::store::drafts::Draft;
use pollstr::polls::store::polls;
use serde_json::Value;

use crate::polls::downloads::voted;
use crate::support::app::Site;
use crate::support::html;

/// Beagle has three first choices, Collie and Dachshund two each, and no pair says who is out.
const TIED: [&[i64]; 7] = [&[1], &[1], &[1], &[2, 3], &[2, 3], &[3, 2], &[3, 2]];

fn ranked(draft: &mut Draft) {
    (draft.kind, draft.rankings, draft.results) = (Kind::Ranked, true, ResultsRule::Always);
}

fn sha256(text: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&digest(text))
}

#[tokio::test]
async fn a_draw_waits_for_the_close_and_can_be_recomputed_from_the_recount_file() {
    for site in Site::on_each_database().await {
        let (poll, _) = voted(&site, ranked, &TIED).await;
        let visitor = site.visitor();
        let results = visitor.get(&format!("{poll}/results")).await;
        results.says(
            200,
            "Still open: “Collie” and “Dachshund” are tied for last",
        );
        results.says(200, "A draw at the close decides");
        let page = visitor.get(&poll).await;
        let announced = html::texts(&page.body, ".draw-note .fingerprint").concat();
        assert_eq!(announced.len(), 64);

        site.clock.advance(3_600);
        seal_due(&site.state.db, &site.clock).await.unwrap();
        let file = visitor.get(&format!("{poll}/bundle.json")).await.body;
        let bundle: Value = serde_json::from_str(&file).unwrap();
        let seed = bundle["seed"].as_str().unwrap();
        let bytes = data_encoding::HEXLOWER.decode(seed.as_bytes()).unwrap();
        assert_eq!(
            (sha256(&bytes), &bundle["format"]),
            (announced.clone(), &"pollstr bundle 2".into())
        );
        let receipts = bundle["receipts"].as_array().unwrap().iter();
        let receipts: String = receipts
            .map(|hash| hash.as_str().unwrap().to_owned() + "\n")
            .collect();
        let id = bundle["poll"]["id"].as_str().unwrap();
        let rounds = bundle["count"]["rounds"].as_array().unwrap();
        let drawn = rounds
            .iter()
            .position(|round| round["tie"] == "drawn")
            .unwrap();
        let head = format!(
            "pollstr bundle 2\n{id}\n{seed}\n{}\n",
            sha256(receipts.as_bytes())
        );
        let lot = |choice: i64| sha256(format!("{head}{}\n{choice}\n", drawn + 1).as_bytes());
        let (out, winner) = if lot(2) < lot(3) { (2, 3) } else { (3, 2) };
        assert_eq!(rounds[drawn]["out"], serde_json::json!([out]));
        assert_eq!(bundle["count"]["winners"], serde_json::json!([winner]));

        let name =
            |choice: i64| ["Beagle", "Collie", "Dachshund"][usize::try_from(choice).unwrap() - 1];
        let results = visitor.get(&format!("{poll}/results")).await;
        results.says(200, &format!("“{}” wins", name(winner)));
        results.says(200, &format!("“{}” went out by a draw.", name(out)));
        let recounted = recount(&site.state.db, id, site.clock.now()).await.unwrap();
        assert!(recounted.unwrap().faults.is_empty());

        check(file.as_bytes()).unwrap();
        let other = file.replace(seed, &"0".repeat(64));
        assert!(matches!(check(other.as_bytes()), Err(Wrong::Seed)));
        let other = other.replace(&announced, &sha256(&[0; 32]));
        let checked = check(other.as_bytes());
        assert!(checked.is_ok() || matches!(checked, Err(Wrong::Results)));
        let old = file.replace("bundle 2", "bundle 1");
        assert!(matches!(check(old.as_bytes()), Err(Wrong::Seed)));
    }
}

#[tokio::test]
async fn the_seed_is_a_secret_until_the_poll_is_sealed() {
    let site = Site::new().await;
    let (poll, _) = voted(&site, ranked, &TIED).await;
    let id = poll.trim_start_matches("/polls/");
    let found = polls::find(site.state.db.read(), id, site.clock.now()).await;
    let seed = found.unwrap().unwrap().seed.unwrap().hex();
    let visitor = site.visitor();
    for (path, status) in [
        (poll.clone(), 200),
        (format!("{poll}/results"), 200),
        (format!("{poll}/results.json"), 200),
        (format!("{poll}/bundle.json"), 403),
        (format!("/api/poll?id={id}"), 200),
        (format!("/api/results?id={id}"), 200),
    ] {
        let page = visitor.get(&path).await;
        assert_eq!(page.status, status, "{path}");
        assert!(!page.body.contains(&seed), "{path}");
    }
    site.clock.advance(3_600);
    seal_due(&site.state.db, &site.clock).await.unwrap();
    let bundle = visitor.get(&format!("{poll}/bundle.json")).await;
    bundle.says(200, &seed);
}

#[tokio::test]
async fn a_poll_older_than_the_draw_keeps_the_order_of_its_list() {
    for site in Site::on_each_database().await {
        let (poll, _) = voted(&site, ranked, &TIED).await;
        site.execute("UPDATE poll SET draw_seed = NULL").await;
        site.state.cache.forget(poll.trim_start_matches("/polls/"));
        let visitor = site.visitor();
        let results = visitor.get(&format!("{poll}/results")).await;
        results.says(200, "“Collie” leads");
        results.says(200, "lower on the list");
        site.clock.advance(3_600);
        seal_due(&site.state.db, &site.clock).await.unwrap();
        let bundle = visitor.get(&format!("{poll}/bundle.json")).await;
        bundle.says(200, "\"format\":\"pollstr bundle 1\"");
        check(bundle.body.as_bytes()).unwrap();
    }
}

#[tokio::test]
async fn choices_that_are_all_level_are_told_apart_by_pairs() {
    let site = Site::new().await;
    let votes: [&[i64]; 6] = [&[1, 2], &[1, 2], &[2, 1], &[2, 1], &[3, 1], &[3, 1]];
    let (poll, _) = voted(&site, ranked, &votes).await;
    site.clock.advance(3_600);
    let results = site.visitor().get(&format!("{poll}/results")).await;
    results.says(200, "“Beagle” wins");
    results.says(
        200,
        "Tied with the others left, but ahead of them two by two.",
    );
}
