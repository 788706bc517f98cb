//! Rated polls: results, files, sealing and recounting.

use pollstr::polls::model::kind::Kind;
use pollstr::polls::model::poll::ResultsRule;
use pollstr::polls::sealing::recount::recount;
use pollstr::polls::sealing::recount_file::check;
use pollstr::polls::sealing::seal::seal_due;
use serde_json::{Value, json};

use crate::support::app::{START_TIME, Site};
use crate::support::html;
use crate::support::voters::{asked, cast_all, electorate};

/// Casts ratings in a one-hour poll and returns its path.
async fn rated(site: &Site, kind: Kind, published: bool, marks: &[[i64; 4]]) -> String {
    let poll = asked(&site.state, |draft| {
        draft.closes_at = Some(START_TIME + 3_600);
        (draft.kind, draft.rankings, draft.results) = (kind, published, ResultsRule::Always);
    })
    .await;
    let first = usize::try_from(site.count("SELECT COUNT(*) FROM account").await).unwrap();
    let people = electorate(&site.state, first, marks.len()).await;
    let votes = people.iter().zip(marks);
    let votes = votes.map(|(voter, marks)| voter.rating(&poll, marks));
    let cast = cast_all(&site.state.ballots, votes).await;
    assert!(cast.iter().all(Result::is_ok), "{cast:?}");
    format!("/polls/{poll}")
}

const MARKS: [[i64; 4]; 6] = [
    [5, 2, 0, 0],
    [3, 4, 1, 0],
    [3, 4, 0, 0],
    [3, 4, 0, 0],
    [0, 0, 0, 0],
    [5, 0, 0, 2],
];

#[tokio::test]
async fn a_rated_poll_is_counted_sealed_and_recounted() {
    for site in Site::on_each_database().await {
        for kind in [Kind::Score, Kind::Star] {
            let poll = rated(&site, kind, true, &MARKS).await;
            let visitor = site.visitor();
            let results = visitor.get(&format!("{poll}/results")).await;
            if kind == Kind::Star {
                results.says(200, "No preference");
                let badge = html::texts(&results.body, "table.round .badge");
                assert_eq!(badge, ["Leads"]);
                results.says(
                    200,
                    "“Collie” leads the final against “Beagle”: 3 voters to 2.",
                );
            } else {
                results.says(
                    200,
                    "“Beagle” leads with the highest total: 19, 3.2 on average.",
                );
            }
            site.clock.advance(3_600);
            seal_due(&site.state.db, &site.clock).await.unwrap();
            if kind == Kind::Star {
                let results = visitor.get(&format!("{poll}/results")).await;
                let badge = html::texts(&results.body, "table.round .badge");
                assert_eq!(badge, ["Winner"]);
            }
            let bundle = visitor.get(&format!("{poll}/bundle.json")).await.body;
            let right = check(bundle.as_bytes()).unwrap();
            assert_eq!((right.ballots, right.omit_reason), (6, None));
            let json: Value = serde_json::from_str(&bundle).unwrap();
            assert_eq!(json["ballots"][0], "1:0,2:0,3:0,4:0");
            assert_eq!(
                json["count"]["votes"][0],
                json!({ "choice": 1, "votes": 19 })
            );
            let star = kind == Kind::Star;
            assert_eq!(json["count"]["winners"], json!([if star { 2 } else { 1 }]));
            assert_eq!(json["seed"].is_string(), star);
            let forged = bundle.replacen("1:0,2:0,3:0,4:0", "1:0,2:0,3:0,4:1", 1);
            assert!(check(forged.as_bytes()).is_err());
            let id = poll.trim_start_matches("/polls/");
            let now = site.clock.now();
            let recounted = recount(&site.state.db, id, now).await.unwrap().unwrap();
            assert_eq!(recounted.faults, Vec::<String>::new());
            visitor
                .get(&format!("{poll}/results.blt"))
                .await
                .says(404, "Page not found");
            let sheet = visitor.get(&format!("{poll}/results.csv")).await.body;
            assert!(sheet.contains("\r\nBeagle,19,"), "{sheet}");
            assert_eq!(visitor.get(&format!("{poll}/result.png")).await.status, 200);
            site.execute("UPDATE tally SET votes = votes + 1 WHERE key LIKE '1:5%'")
                .await;
            let recounted = recount(&site.state.db, id, now).await.unwrap().unwrap();
            assert!(recounted.faults[0].contains("tally"), "{recounted:?}");
            site.clock.advance(-3_600);
        }
    }
}

#[tokio::test]
async fn whole_ratings_are_published_only_where_the_poll_says_so() {
    let site = Site::new().await;
    let mut polls = Vec::new();
    for kind in [Kind::Score, Kind::Star] {
        polls.push((rated(&site, kind, false, &MARKS).await, "\"ratings\""));
        polls.push((
            rated(&site, kind, true, &MARKS[..4]).await,
            "\"few_voters\"",
        ));
    }
    site.clock.advance(3_600);
    seal_due(&site.state.db, &site.clock).await.unwrap();
    for (poll, left_out) in polls {
        let bundle = site.visitor().get(&format!("{poll}/bundle.json")).await;
        bundle.says(200, &format!("\"left_out\":{left_out}"));
        bundle.says(200, "\"ballots\":null");
        check(bundle.body.as_bytes()).unwrap();
    }
}

#[tokio::test]
async fn a_draw_for_a_place_in_the_final_waits_for_the_close() {
    for site in Site::on_each_database().await {
        let marks = [[[5, 4, 0, 0], [5, 0, 4, 0]]; 3].concat();
        let poll = rated(&site, Kind::Star, true, &marks).await;
        let visitor = site.visitor();
        let open = visitor.get(&format!("{poll}/results")).await;
        open.says(
            200,
            "Still open: “Collie” and “Dachshund” are tied for a place in the final.",
        );
        site.clock.advance(3_600);
        seal_due(&site.state.db, &site.clock).await.unwrap();
        let closed = visitor.get(&format!("{poll}/results")).await;
        closed.says(200, "“Beagle” wins the final against");
        closed.says(
            200,
            "A draw decided between choices tied for a place in the final.",
        );
        let bundle = visitor.get(&format!("{poll}/bundle.json")).await.body;
        check(bundle.as_bytes()).unwrap();
        let id = poll.trim_start_matches("/polls/");
        let recounted = recount(&site.state.db, id, site.clock.now()).await.unwrap();
        assert!(recounted.unwrap().faults.is_empty());
    }
}
