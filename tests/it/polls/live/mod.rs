//! Live results: who gets updates, how, and until when.

mod access;
mod endings;
mod load;
mod updates;

use std::time::Duration;

use reqwest::{Method, Response};
use sea_orm::ConnectionTrait;
use serde_json::json;
use tokio::time::timeout;

use crate::support::app::Site;
use crate::support::browser::Person;

/// A subscriber of a stream.
struct Stream {
    response: Response,
    text: String,
}

/// A server-sent event as a browser parses it.
#[derive(Debug, PartialEq, Eq)]
enum Event {
    Results { version: i64, html: String },
    Over,
    End,
}

impl Stream {
    async fn open(person: &Person, path: &str, last: Option<i64>) -> Self {
        let request = person
            .request(Method::GET, path)
            .header("accept", "text/event-stream");
        let request = last.into_iter().fold(request, |request, last| {
            request.header("last-event-id", last)
        });
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        Self {
            response,
            text: String::new(),
        }
    }

    /// Returns the next event, skipping comments; fails the test if none arrives.
    async fn next(&mut self) -> Event {
        loop {
            if let Some((event, rest)) = self
                .text
                .split_once("\n\n")
                .map(|(event, rest)| (event.to_owned(), rest.to_owned()))
            {
                self.text = rest;
                let field = |name: &str| {
                    event
                        .lines()
                        .filter_map(move |line| line.strip_prefix(name))
                        .collect::<Vec<_>>()
                };
                if field("event: ") == ["over"] {
                    return Event::Over;
                }
                let html = field("data: ").join("\n");
                if !html.is_empty() {
                    return Event::Results {
                        version: field("id: ")[0].parse().unwrap(),
                        html,
                    };
                }
                continue;
            }
            match timeout(Duration::from_secs(20), self.response.chunk())
                .await
                .unwrap()
            {
                Ok(Some(chunk)) => self.text.push_str(std::str::from_utf8(&chunk).unwrap()),
                Ok(None) => return Event::End,
                Err(error) => panic!("{error}"),
            }
        }
    }

    async fn version(&mut self) -> i64 {
        match self.next().await {
            Event::Results { version, .. } => version,
            other => panic!("{other:?}"),
        }
    }
}

async fn vote(person: &Person, poll: &str, choice: i64) {
    let form =
        json!({ "poll": poll.trim_start_matches("/polls/"), "choice": [choice.to_string()] });
    person.call("cast_vote", form).await.says(200, poll);
}

async fn sql(site: &Site, sql: &str) {
    site.state.db.write().execute_unprepared(sql).await.unwrap();
}
