//! Hidden results: viewers who may not see them yet get byte-identical responses, whatever was
//! voted.

use std::collections::BTreeMap;

use reqwest::Method;
use sea_orm::ConnectionTrait;
use serde_json::json;

use crate::support::app::Site;
use crate::support::browser::Person;

/// Everything that shows a poll. A new route that knows polls belongs in this list.
const SURFACES: &[&str] = &[
    "/",
    "/?q=dog",
    "/?order=closing",
    "/polls/{id}",
    "/polls/{id}/vote",
    "/polls/{id}/results",
    "/polls/{id}/results?refresh=10",
    "/polls/{id}/screen",
    "/polls/{id}/screen?refresh=10",
    "/polls/{id}/receipt",
    "/polls/{id}/live",
    "/api/poll?id={id}",
    "/api/receipt?id={id}",
    "/api/polls",
    "/api/polls?q=dog",
    "/api/polls?order=closing",
    "/api/ballot?id={id}",
    "/api/results?id={id}",
    "/api/turnout?id={id}",
    "/polls/{id}/results.csv",
    "/polls/{id}/results.json",
    "/polls/{id}/results.blt",
    "/polls/{id}/bundle.json",
    "/polls/{id}/closes.ics",
    "/polls/{id}/embed",
    "/polls/{id}/picture.png",
    "/polls/{id}/result.png",
    "/oembed?url={origin}/polls/{id}",
    "/polls/{id}/edit",
    "/account/polls",
    "/api/own_polls",
    "/api/own_poll?id={id}",
    "/api/editable_poll?id={id}",
    "/admin",
    "/admin/polls/{id}",
    "/api/site_numbers",
    "/api/watched_polls",
    "/api/watched_poll?id={id}",
];

/// Parts of a response.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    status: u16,
    headers: BTreeMap<String, Vec<String>>,
    body: String,
}

async fn answers(site: &Site, person: &Person, poll: &str) -> BTreeMap<String, Answer> {
    let mut answers = BTreeMap::new();
    for surface in SURFACES {
        let path = surface
            .replace("{id}", poll)
            .replace("{origin}", &site.origin);
        for (name, method, header) in [
            ("page", Method::GET, ("accept", "text/html")),
            ("head", Method::HEAD, ("accept", "text/html")),
            ("part", Method::GET, ("hx-request", "true")),
            ("known", Method::GET, ("if-none-match", "*")),
        ] {
            let page = person
                .send(person.request(method, &path).header(header.0, header.1))
                .await;
            answers.insert(format!("{name} of {path}"), answer(&page));
        }
    }
    answers
}

/// Returns a response without what always differs: time, request id, CSRF token and form nonces.
fn answer(page: &crate::support::browser::Page) -> Answer {
    let mut headers = BTreeMap::<String, Vec<String>>::new();
    for (name, value) in &page.headers {
        if !["date", "x-request-id"].contains(&name.as_str()) {
            headers
                .entry(name.to_string())
                .or_default()
                .push(value.to_str().unwrap().to_owned());
        }
    }
    let mut body = page.body.clone();
    for random in [
        "name=\"_csrf\" value=\"",
        "name=\"nonce\" value=\"",
        "\"nonce\":\"",
    ] {
        let parts: Vec<&str> = body.split(random).collect();
        let rest = parts[1..]
            .iter()
            .map(|part| part.split_once('"').unwrap().1);
        body = [parts[0]].into_iter().chain(rest).collect();
    }
    Answer {
        status: page.status.as_u16(),
        headers,
        body,
    }
}

async fn vote(person: &Person, poll: &str, choice: i64) {
    person
        .call(
            "cast_vote",
            json!({ "poll": poll, "choice": [choice.to_string()] }),
        )
        .await
        .says(200, "/results");
}

async fn sql(site: &Site, sql: &str) {
    site.state.db.write().execute_unprepared(sql).await.unwrap();
}

#[tokio::test]
async fn hidden_results_reveal_no_vote_before_their_time() {
    for site in Site::on_each_database().await {
        let poll = site.poll().await.trim_start_matches("/polls/").to_owned();
        let stranger = site.visitor();
        let unverified = site.registered("una").await;
        let undecided = site.verified("amy", "+447700900121").await;
        let owner = site.verified("olga", "+447700900122").await;
        let admin = site.verified("ada", "+447700900125").await;
        sql(
            &site,
            "UPDATE account SET role = 'admin' WHERE username = 'ada'",
        )
        .await;
        let voter = site.verified("vera", "+447700900123").await;
        let other = site.verified("ben", "+447700900124").await;
        sql(&site, "UPDATE poll SET owner_id = (SELECT id FROM account WHERE username = 'olga'), closes_at = 1795600000").await;
        vote(&voter, &poll, 1).await;
        voter
            .get(&format!("/polls/{poll}/results"))
            .await
            .says(200, "Your receipt");
        for (rule, viewers) in [
            (
                "after_vote",
                vec![&stranger, &unverified, &undecided, &owner, &admin],
            ),
            (
                "after_close",
                vec![&stranger, &unverified, &undecided, &owner, &admin, &voter],
            ),
        ] {
            sql(&site, &format!("UPDATE poll SET results = '{rule}'")).await;
            let mut before = Vec::new();
            for viewer in &viewers {
                // The CSRF cookie is set once, and a flash message shown once.
                viewer.get("/api/csrf").await.says(200, "token");
                viewer.get("/").await.says(200, "Open polls");
                before.push(answers(&site, viewer, &poll).await);
            }
            if rule == "after_vote" {
                vote(&other, &poll, 2).await;
            }
            // As if a thousand more had voted, some of them twice.
            sql(&site, "UPDATE tally SET votes = votes + 1000").await;
            sql(&site, "INSERT INTO tally (poll_id, key, votes) SELECT id, 'changes', 7 FROM poll WHERE true ON CONFLICT DO NOTHING").await;
            for (viewer, before) in viewers.iter().zip(before) {
                let after = answers(&site, viewer, &poll).await;
                for (what, before) in before {
                    assert!(
                        before == after[&what],
                        "{rule}: {what}\n{before:#?}\n{:#?}",
                        after[&what]
                    );
                }
            }
        }
    }
}

#[tokio::test]
async fn results_that_are_open_do_differ_with_what_is_voted() {
    let site = Site::new().await;
    let poll = site.poll().await.trim_start_matches("/polls/").to_owned();
    sql(&site, "UPDATE poll SET results = 'always'").await;
    let (stranger, voter) = (site.visitor(), site.verified("vera", "+447700900123").await);
    for path in [
        format!("/polls/{poll}/results"),
        format!("/api/results?id={poll}"),
    ] {
        let (first, same) = (stranger.get(&path).await, stranger.get(&path).await);
        assert_eq!(answer(&first).body, answer(&same).body);
    }
    let before = stranger.get(&format!("/polls/{poll}/results")).await;
    vote(&voter, &poll, 1).await;
    let after = stranger.get(&format!("/polls/{poll}/results")).await;
    assert_ne!(answer(&before).body, answer(&after).body);
}
