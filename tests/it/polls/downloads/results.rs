//! Result files: their contents, and when they are refused.

use pollstr::polls::model::poll::ResultsRule;
use pollstr::polls::sealing::seal::seal_due;
use serde_json::Value;

use crate::polls::downloads::{RANKINGS, ranked, voted};
use crate::support::app::Site;

#[tokio::test]
async fn result_files_hold_the_results_and_are_not_cached() {
    for site in Site::on_each_database().await {
        let (poll, _) = voted(&site, ranked, &RANKINGS).await;
        let visitor = site.visitor();
        let csv = visitor.get(&format!("{poll}/results.csv")).await;
        let lines = [
            "choice,votes,percent,leads,round 1,round 2,round 3",
            "Beagle,2,33,no,2,2,2",
            "Collie,3,50,yes,3,3,4",
            "Dachshund,1,17,no,1,1,",
            "Poodle,0,0,no,0,,",
            "(no choice left),,,,0,0,0",
        ];
        assert_eq!(
            (csv.status.as_u16(), csv.body),
            (200, format!("\u{feff}{}\r\n", lines.join("\r\n")))
        );
        assert_eq!(csv.headers["cache-control"], "no-store");
        assert_eq!(csv.headers["content-type"], "text/csv; charset=utf-8");
        let name = format!(
            "attachment; filename=\"poll-{}.csv\"",
            poll.trim_start_matches("/polls/")
        );
        assert_eq!(csv.headers["content-disposition"], name);
        let json: Value =
            serde_json::from_str(&visitor.get(&format!("{poll}/results.json")).await.body).unwrap();
        assert_eq!(
            (
                &json["count"]["ballots"],
                &json["count"]["winners"][0],
                &json["state"]
            ),
            (&6.into(), &2.into(), &"open".into())
        );
        visitor
            .get(&format!("{poll}/results.blt"))
            .await
            .says(403, "available after the poll closes");
        site.clock.advance(3_600);
        for file in ["results.blt", "bundle.json"] {
            let soon = visitor.get(&format!("{poll}/{file}")).await;
            soon.says(503, "its ballots are being sealed");
            assert_eq!(soon.header("retry-after"), "5");
        }
        assert_eq!(
            site.count("SELECT COUNT(*) FROM poll WHERE sealing_state <> 'not_started'")
                .await,
            0,
            "whoever asks for a file changes nothing"
        );
        seal_due(&site.state.db, &site.clock).await.unwrap();
        visitor.get(&format!("{poll}/results.blt")).await.says(
            200,
            "4 1\n1 1 2 0\n1 1 3 0\n1 2 0\n1 2 1 0\n1 2 3 1 0\n1 3 2 0\n0\n\"Beagle\"\n\"Collie\"\n\"Dachshund\"\n\"Poodle\"\n\"Which dog?\"\n",
        );
    }
}

#[tokio::test]
async fn a_file_is_refused_as_the_page_is_and_tells_nothing() {
    let site = Site::new().await;
    let amy = site.verified("amy", "+447700900123").await;
    let unverified = site.registered("ben").await;
    for file in ["results", "results.csv", "results.json"] {
        let (poll, _) = voted(
            &site,
            |draft| draft.results = ResultsRule::AfterVote,
            &[&[1]],
        )
        .await;
        let path = format!("{poll}/{file}");
        site.visitor()
            .get(&path)
            .await
            .goes_to(&format!("/login?next={path}"));
        unverified
            .get(&path)
            .await
            .goes_to(&format!("/verify?next={path}"));
        amy.get(&path).await.goes_to(&format!("{poll}/vote"));
        let (poll, _) = voted(
            &site,
            |draft| draft.results = ResultsRule::AfterClose,
            &[&[1]],
        )
        .await;
        // Logging in would show no more.
        let status = if file == "results" { 200 } else { 403 };
        for person in [&site.visitor(), &unverified, &amy] {
            person
                .get(&format!("{poll}/{file}"))
                .await
                .says(status, "Results will be published when the poll closes");
        }
        let json = site
            .visitor()
            .request(reqwest::Method::GET, &format!("{poll}/{file}"))
            .header("accept", "application/json");
        if file != "results" {
            site.visitor().send(json).await.says(
                403,
                "\"message\":\"Results will be published when the poll closes",
            );
        }
    }
    for file in ["results.csv", "results.json", "results.blt", "bundle.json"] {
        amy.get(&format!("/polls/nosuchpoll/{file}"))
            .await
            .says(404, "Page not found");
        amy.get(&format!("/polls/%22/{file}"))
            .await
            .says(404, "Page not found");
    }
    let (draft, _) = voted(&site, |draft| draft.draft = true, &[]).await;
    amy.get(&format!("{draft}/bundle.json"))
        .await
        .says(404, "Page not found");
}
