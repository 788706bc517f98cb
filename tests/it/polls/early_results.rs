//! Results asked for before the close, in polls that publish them then: a page for people, a refusal
//! for programs, and a calendar file.

use pollstr::polls::model::poll::ResultsRule;
use reqwest::Method;
use serde_json::json;

use crate::polls::create::{id, make, run};
use crate::support::app::{START_TIME, Site};
use crate::support::browser::{Page, Person};
use crate::support::html;
use crate::support::voters::asked;

const WORDS: &str = "Results will be published when the poll closes";

/// Creates a poll that closes in two days and three hours.
async fn waiting(site: &Site) -> String {
    let poll = asked(&site.state, |draft| {
        draft.results = ResultsRule::AfterClose;
        draft.closes_at = Some(START_TIME + 2 * 86_400 + 3 * 3_600);
    });
    format!("/polls/{}", poll.await)
}

async fn get(person: &Person, path: &str, header: (&str, &str)) -> Page {
    let request = person.request(Method::GET, path);
    person.send(request.header(header.0, header.1)).await
}

#[tokio::test]
async fn people_get_a_page_that_says_when_and_ways_to_go_on() {
    for site in Site::on_each_database().await {
        let poll = waiting(&site).await;
        let results = format!("{poll}/results");
        let amy = site.verified("amy", "+447700900123").await;
        // A flash message is shown once.
        amy.get("/").await.says(200, "Open polls");
        for person in [&site.visitor(), &site.registered("una").await, &amy] {
            let page = person.get(&results).await;
            assert_eq!(page.status, 200, "{}", page.body);
            assert_eq!(html::text(&page.body, "h1"), "Which dog?");
            assert_eq!(
                html::text(&page.body, "main .lead"),
                format!("{WORDS}, on 26 Nov 2026, 09:00 UTC.")
            );
            assert_eq!(
                html::text(&page.body, "time[data-left]"),
                "in 2 days and 3 hours"
            );
            let links = html::attributes(&page.body, "main a:not([hidden])", "href");
            assert_eq!(
                links,
                [
                    format!("{poll}/closes.ics"),
                    format!("{poll}/vote"),
                    poll.clone()
                ]
            );
        }
        get(&amy, &results, ("hx-request", "true"))
            .await
            .says(200, WORDS);
        amy.fill(&format!("{poll}/vote"), "Vote", &[("choice", "1")])
            .await
            .goes_to(&poll);
        let page = amy.get(&results).await;
        assert!(!page.body.contains(&format!("{poll}/vote")));
        site.clock.advance(2 * 86_400 + 3 * 3_600 - 90);
        let page = amy.get(&results).await;
        assert_eq!(html::text(&page.body, "time[data-left]"), "in 1 minute");
        site.clock.advance(90);
        amy.get(&results).await.says(200, "Download the results");
    }
}

#[tokio::test]
async fn programs_are_refused_without_a_login() {
    for site in Site::on_each_database().await {
        let poll = waiting(&site).await;
        let stranger = site.visitor();
        for accept in ["*/*", "application/json", "text/csv"] {
            for path in ["results", "results.csv", "results.json", "live"] {
                let answer = get(&stranger, &format!("{poll}/{path}"), ("accept", accept)).await;
                assert_eq!(answer.status, 403, "{path} as {accept}");
            }
        }
        for path in ["results.csv", "results.json"] {
            stranger
                .get(&format!("{poll}/{path}"))
                .await
                .says(403, WORDS);
        }
        stranger
            .get(&format!("/api/results?id={}", id(&poll)))
            .await
            .says(403, WORDS);
    }
}

#[tokio::test]
async fn a_poll_without_a_closing_time_has_the_same_page_without_times() {
    let site = Site::new().await;
    let poll = asked(&site.state, |draft| draft.results = ResultsRule::AfterClose).await;
    let page = site.visitor().get(&format!("/polls/{poll}/results")).await;
    page.says(200, &format!("{WORDS}."));
    assert!(!page.body.contains("closes.ics") && !page.body.contains("data-left"));
    let page = site.visitor().get(&format!("/polls/{poll}")).await;
    page.says(200, "Results are published when the poll closes.");
    assert!(!page.body.contains("closes.ics"));
    site.visitor()
        .get(&format!("/polls/{poll}/closes.ics"))
        .await
        .says(404, "Page not found");
}

/// Unfolds a calendar file and returns its properties, with texts unescaped.
fn properties(file: &str) -> Vec<(String, String)> {
    let unfolded = file.strip_suffix("\r\n").unwrap().replace("\r\n ", "");
    let unescaped = |text: &str| {
        let (mut plain, mut signs) = (String::new(), text.chars());
        while let Some(sign) = signs.next() {
            match sign {
                '\\' => match signs.next().unwrap() {
                    'n' => plain.push('\n'),
                    other => plain.push(other),
                },
                ',' | ';' => panic!("{text}"),
                other => plain.push(other),
            }
        }
        plain
    };
    let property = |line: &str| {
        assert!(!line.contains(['\r', '\n']), "{line:?}");
        let (name, value) = line.split_once(':').unwrap();
        let value = match name {
            "SUMMARY" | "UID" => unescaped(value),
            _ => value.to_owned(),
        };
        (name.to_owned(), value)
    };
    unfolded.split("\r\n").map(property).collect()
}

#[tokio::test]
async fn the_calendar_file_holds_the_closing_time() {
    for site in Site::on_each_database().await {
        let question = format!("Tea, milk; or \\ both? {}", "犬".repeat(60));
        let closes_at = START_TIME + 3_600;
        let poll = asked(&site.state, |draft| {
            draft.question.clone_from(&question);
            draft.closes_at = Some(closes_at);
        })
        .await;
        let path = format!("/polls/{poll}/closes.ics");
        let file = site.visitor().get(&path).await;
        assert_eq!(file.status, 200, "{}", file.body);
        assert_eq!(file.header("content-type"), "text/calendar; charset=utf-8");
        assert_eq!(
            file.header("content-disposition"),
            format!("attachment; filename=\"poll-{poll}.ics\"")
        );
        assert!(file.body.split("\r\n").all(|line| line.len() <= 75));
        let origin = &site.state.config.origin;
        let host = origin.as_str().split(['/', ':']).nth(3).unwrap();
        let expected = [
            ("BEGIN", "VCALENDAR"),
            ("VERSION", "2.0"),
            ("PRODID", "-//Pollstr//Pollstr//EN"),
            ("BEGIN", "VEVENT"),
            ("UID", &format!("{poll}@{host}")),
            ("DTSTAMP", "20261124T060000Z"),
            ("DTSTART", "20261124T070000Z"),
            ("SUMMARY", &format!("Results: {question}")),
            ("URL", &format!("{}/polls/{poll}/results", origin.as_str())),
            ("END", "VEVENT"),
            ("END", "VCALENDAR"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(properties(&file.body), expected);
        site.clock.advance(60);
        let later = properties(&site.visitor().get(&path).await.body);
        assert_eq!(later[4], expected[4], "calendars update the event");
    }
}

#[tokio::test]
async fn the_calendar_file_of_a_poll_that_one_cannot_see_is_not_found() {
    let site = Site::new().await;
    let olga = site.verified("olga", "+447700900123").await;
    let more = json!({ "closes": "2098-07-01T18:30", "results": "after_close", "save": "draft" });
    let draft = make(&olga, more).await;
    let file = format!("{draft}/closes.ics");
    site.visitor().get(&file).await.says(404, "Page not found");
    olga.get(&file).await.says(200, "DTSTART:20980701T183000Z");
    run(&olga, "open_poll", &draft).await.says(200, "");
    site.visitor().get(&file).await.says(200, "DTSTART");
    let page = site.visitor().get(&draft).await;
    page.says(200, "Results are published when the poll closes, on ");
    assert!(html::attributes(&page.body, "main a", "href").contains(&file));
}
