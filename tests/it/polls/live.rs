//! Live results: who gets updates, how, and until when.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use pollstr::platform::db::Db;
use pollstr::polls::live::hub::{ALL, Full, MAX_STREAMS_PER_IP};
use pollstr::polls::live::pg_notify::PgNotifier;
use pollstr::polls::sealing::seal::seal_due;
use pollstr::polls::store::polls;
use pollstr::web::http::client_ip::ClientIp;
use reqwest::{Method, Response};
use sea_orm::ConnectionTrait;
use serde_json::json;
use tokio::sync::mpsc::unbounded_channel;
use tokio::time::{Instant, timeout};

use crate::support::app::Site;
use crate::support::browser::Person;
use crate::support::voters::electorate;

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

#[tokio::test]
async fn whoever_watches_sees_each_vote_over_all_processes() {
    for site in Site::on_each_database().await {
        let twin = site.twin().await;
        let poll = site.poll().await;
        let (amy, ben) = (
            site.verified("amy", "+447700900123").await,
            site.verified("ben", "+447700900124").await,
        );
        vote(&amy, &poll, 1).await;
        let mut here = Stream::open(&amy, &format!("{poll}/live"), None).await;
        let mut there = Stream::open(&amy.at(&twin.origin), &format!("{poll}/live"), None).await;
        for stream in [&mut here, &mut there] {
            let Event::Results { version: 1, html } = stream.next().await else {
                panic!("not the first vote")
            };
            assert!(
                html.starts_with("<div id=\"results\">") && html.contains("1 vote so far"),
                "{html}"
            );
        }
        vote(&ben, &poll, 2).await;
        assert_eq!((here.version().await, there.version().await), (2, 2));
    }
}

#[tokio::test]
async fn a_stream_is_not_kept_not_gathered_and_goes_on_where_it_broke() {
    let site = Site::new().await;
    let poll = site.poll().await;
    let amy = site.verified("amy", "+447700900123").await;
    vote(&amy, &poll, 1).await;
    let path = format!("{poll}/live");
    let request = amy
        .request(Method::GET, &path)
        .header("accept-encoding", "gzip, br");
    let mut response = request.send().await.unwrap();
    let header = |name: &str| {
        response
            .headers()
            .get(name)
            .map(|value| value.to_str().unwrap().to_owned())
    };
    assert_eq!(header("content-type").unwrap(), "text/event-stream");
    assert_eq!(header("cache-control").unwrap(), "no-store");
    assert_eq!(header("x-accel-buffering").unwrap(), "no");
    assert_eq!(header("content-encoding"), None);
    assert_eq!(response.chunk().await.unwrap().unwrap(), "retry: 2000\n\n");
    // Neither gets what it already knows again.
    let mut resumed = Stream::open(&amy, &path, Some(1)).await;
    let mut loaded = Stream::open(&amy, &format!("{path}?after=1"), None).await;
    vote(&site.verified("ben", "+447700900124").await, &poll, 2).await;
    assert_eq!((resumed.version().await, loaded.version().await), (2, 2));
}

#[tokio::test]
async fn results_that_are_hidden_are_not_streamed() {
    let site = Site::new().await;
    let poll = site.poll().await;
    let path = format!("{poll}/live");
    let (stranger, unverified, amy) = (
        site.visitor(),
        site.registered("una").await,
        site.verified("amy", "+447700900123").await,
    );
    let ben = site.verified("ben", "+447700900124").await;
    for person in [&stranger, &unverified, &amy] {
        let answer = person.get(&path).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("cache-control")),
            (403, "no-store")
        );
    }
    assert_eq!(stranger.get("/polls/nosuchpoll/live").await.status, 404);
    sql(
        &site,
        "UPDATE poll SET results = 'after_close', closes_at = 1795500100",
    )
    .await;
    vote(&ben, &poll, 1).await;
    for person in [&stranger, &ben] {
        assert_eq!(person.get(&path).await.status, 403);
    }
    site.clock.advance(100);
    assert_eq!(seal_due(&site.state.db, &site.clock).await, Ok(3));
    let mut closed = Stream::open(&stranger, &path, None).await;
    assert_eq!(
        (
            closed.version().await,
            closed.next().await,
            closed.next().await
        ),
        (1, Event::Over, Event::End)
    );
    sql(&site, "UPDATE poll SET hidden_reason = 'spam'").await;
    assert_eq!(stranger.get(&path).await.status, 404);
}

#[tokio::test]
async fn a_stream_ends_with_the_right_to_see() {
    for site in Site::on_each_database().await {
        let poll = site.poll().await;
        let path = format!("{poll}/live");
        let (amy, ben) = (
            site.verified("amy", "+447700900123").await,
            site.verified("ben", "+447700900124").await,
        );
        vote(&amy, &poll, 1).await;
        vote(&ben, &poll, 2).await;
        let mut first = Stream::open(&amy, &path, None).await;
        let mut second = Stream::open(&ben, &path, None).await;
        assert_eq!((first.version().await, second.version().await), (2, 2));
        amy.fill(&poll, "Log out", &[]).await.goes_to("/");
        assert_eq!(
            (first.next().await, first.next().await),
            (Event::Over, Event::End)
        );
        let mut again = Stream::open(&ben, &path, None).await;
        assert_eq!(again.version().await, 2);
        site.clock.advance(3_700);
        // Someone else verifies Ben's number.
        site.verified("eve", "+447700900124").await;
        for stream in [&mut second, &mut again] {
            assert_eq!(
                (stream.next().await, stream.next().await),
                (Event::Over, Event::End)
            );
        }
        assert_eq!(site.state.live.watchers(), 0);
    }
}

#[tokio::test]
async fn a_stream_goes_on_when_its_session_steps_up() {
    let site = Site::new().await;
    let poll = site.poll().await;
    let amy = site.verified("amy", "+447700900123").await;
    vote(&amy, &poll, 1).await;
    let mut stream = Stream::open(&amy, &format!("{poll}/live"), None).await;
    assert_eq!(stream.version().await, 1);
    sql(
        &site,
        "UPDATE session SET previous_id = id, id = X'00' WHERE number_mac IS NOT NULL",
    )
    .await;
    site.state.live.recheck_grants().await.unwrap();
    vote(&site.verified("ben", "+447700900124").await, &poll, 2).await;
    assert_eq!(stream.version().await, 2);
}

#[tokio::test]
async fn a_stream_ends_at_the_close_after_the_last_vote_and_when_a_poll_is_taken_down() {
    let site = Site::new().await;
    let poll = site.poll().await;
    let path = format!("{poll}/live");
    sql(
        &site,
        "UPDATE poll SET results = 'always', closes_at = 1795500100",
    )
    .await;
    let stranger = site.visitor();
    let mut stream = Stream::open(&stranger, &path, None).await;
    assert_eq!(stream.version().await, 0);
    site.clock.advance(100);
    seal_due(&site.state.db, &site.clock).await.unwrap();
    let Event::Results { version: 0, html } = stream.next().await else {
        panic!("not the last word")
    };
    assert!(html.contains("0 votes<"), "{html}");
    assert_eq!(
        (stream.next().await, stream.next().await),
        (Event::Over, Event::End)
    );
    sql(
        &site,
        "UPDATE poll SET closes_at = NULL, sealing_state = 'not_started', fingerprint = NULL",
    )
    .await;
    let mut stream = Stream::open(&stranger, &path, None).await;
    assert_eq!(stream.version().await, 0);
    sql(&site, "UPDATE poll SET hidden_reason = 'spam'").await;
    assert_eq!(
        (stream.next().await, stream.next().await),
        (Event::Over, Event::End)
    );
}

#[tokio::test]
async fn the_last_word_waits_until_the_ballot_box_is_shut_and_has_every_vote() {
    for site in Site::on_each_database().await {
        let poll = site.poll().await;
        sql(
            &site,
            "UPDATE poll SET results = 'always', closes_at = 1795500100",
        )
        .await;
        let mut stream = Stream::open(&site.visitor(), &format!("{poll}/live"), None).await;
        assert_eq!(stream.version().await, 0);
        site.clock.advance(100);
        // By another instance's clock the poll is still open, and its votes arrive.
        let id = poll.trim_start_matches("/polls/");
        let of_poll = format!("(SELECT id FROM poll WHERE public_id = '{id}')");
        sql(&site, &format!("INSERT INTO tally (poll_id, key, votes) VALUES ({of_poll}, '1', 1), ({of_poll}, 'ballots', 1)")).await;
        site.state.live.voted(&BTreeSet::from([id]));
        let Event::Results { version: 1, html } = stream.next().await else {
            panic!("not a vote")
        };
        assert!(html.contains("1 vote so far"), "{html}");
        sql(
            &site,
            &format!("UPDATE tally SET votes = 2 WHERE poll_id = {of_poll}"),
        )
        .await;
        seal_due(&site.state.db, &site.clock).await.unwrap();
        let last = match stream.next().await {
            // It may have been read between the two.
            Event::Results { version: 2, html } if html.contains("2 votes so far") => {
                stream.next().await
            }
            last => last,
        };
        let Event::Results { version: 2, html } = last else {
            panic!("not the last word")
        };
        assert!(html.contains("2 votes<"), "{html}");
        assert_eq!(
            (stream.next().await, stream.next().await),
            (Event::Over, Event::End)
        );
    }
}

#[tokio::test]
async fn whoever_comes_after_a_poll_was_changed_or_could_not_be_shown_is_shown_it() {
    let site = Site::new().await;
    let poll = site.poll().await;
    let path = format!("{poll}/live");
    sql(&site, "UPDATE poll SET results = 'always'").await;
    let (amy, ben) = (site.visitor(), site.visitor());
    let mut before = Stream::open(&amy, &path, None).await;
    assert_eq!(before.version().await, 0);
    sql(&site, "UPDATE choice SET text = 'Changed'").await;
    let mut after = Stream::open(&ben, &path, None).await;
    let Event::Results { html, .. } = after.next().await else {
        panic!("no results")
    };
    assert!(html.contains("Changed"), "{html}");
    assert_eq!(
        (before.next().await, before.next().await),
        (Event::Over, Event::End)
    );
    // A count that overflows ends the streams; later ones work.
    let count = format!(
        "(SELECT id FROM poll WHERE public_id = '{}')",
        poll.trim_start_matches("/polls/")
    );
    sql(&site, &format!("INSERT INTO tally (poll_id, key, votes) VALUES ({count}, '1', {}), ({count}, 'ballots', 1)", i64::MAX)).await;
    assert_eq!(
        (after.next().await, after.next().await),
        (Event::Over, Event::End)
    );
    sql(&site, "UPDATE tally SET votes = 1").await;
    assert_eq!(Stream::open(&ben, &path, None).await.version().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_who_watch_share_a_render_and_there_are_two_a_second_at_most() {
    let site = Site::new().await;
    let id = site.poll().await.trim_start_matches("/polls/").to_owned();
    let poll = polls::find(site.state.db.read(), &id, 0)
        .await
        .unwrap()
        .unwrap()
        .poll;
    let watch = |address: &str| {
        site.state
            .live
            .watch(&poll, ClientIp(address.to_owned()), None)
            .unwrap()
    };
    let (mut first, mut second) = (watch("a"), watch("b"));
    let began = Instant::now();
    let counting = tokio::spawn(async move {
        let mut renders = 0;
        loop {
            first.frames.changed().await.unwrap();
            renders += 1;
            let frame = first.frames.borrow_and_update().clone().unwrap();
            if frame.place == (40, false) {
                return (renders, frame);
            }
        }
    });
    for voter in electorate(&site.state, 0, 40).await {
        site.state
            .ballots
            .cast(voter.vote(&id, &[1]))
            .await
            .unwrap();
    }
    let (renders, frame) = counting.await.unwrap();
    assert!(
        renders <= 1 + began.elapsed().as_millis() / 500,
        "{renders} in {:?}",
        began.elapsed()
    );
    let same = second
        .frames
        .wait_for(|frame| {
            frame
                .as_ref()
                .is_some_and(|frame| frame.place == (40, false))
        })
        .await
        .unwrap()
        .clone()
        .unwrap();
    assert!(Arc::ptr_eq(&frame, &same));
}

#[tokio::test]
async fn streams_end_when_the_process_is_told_to_stop() {
    let site = Site::new().await;
    let poll = site.poll().await;
    sql(&site, "UPDATE poll SET results = 'always'").await;
    let mut stream = Stream::open(&site.visitor(), &format!("{poll}/live"), None).await;
    assert_eq!(stream.version().await, 0);
    site.stop();
    // No final event: a browser reconnects to the next process.
    assert_eq!(stream.next().await, Event::End);
}

#[tokio::test]
async fn one_address_takes_only_so_many_places_and_leaves_them_free_again() {
    let site = Site::new().await;
    let id = site.poll().await.trim_start_matches("/polls/").to_owned();
    let poll = polls::find(site.state.db.read(), &id, 0)
        .await
        .unwrap()
        .unwrap()
        .poll;
    let watch = |address: usize| {
        site.state
            .live
            .watch(&poll, ClientIp(address.to_string()), None)
    };
    let mut places: Vec<_> = (0..MAX_STREAMS_PER_IP).map(|_| watch(0).unwrap()).collect();
    assert_eq!(watch(0).unwrap_err(), Full::ClientIp);
    places.pop();
    places.push(watch(0).unwrap());
    places.extend(
        (MAX_STREAMS_PER_IP..ALL).map(|place| watch(1 + place / MAX_STREAMS_PER_IP).unwrap()),
    );
    assert_eq!(watch(1_000).unwrap_err(), Full::All);
    drop(places);
    assert_eq!(site.state.live.watchers(), 0);
    watch(0).unwrap();
}

#[tokio::test]
async fn without_scripts_results_load_themselves_again_where_that_is_asked_for() {
    let site = Site::new().await;
    let poll = site.poll().await;
    sql(
        &site,
        "UPDATE poll SET results = 'always', closes_at = 1795500100",
    )
    .await;
    let stranger = site.visitor();
    let results = format!("{poll}/results");
    let page = stranger.get(&results).await;
    assert_eq!(page.header("refresh"), "");
    page.says(200, &format!("hx-sse:connect=\"{poll}/live?after=0\""));
    page.says(
        200,
        &format!("<a href=\"{results}?refresh=10\">Refresh every 10 seconds</a>"),
    );
    let page = stranger.get(&format!("{results}?refresh=10")).await;
    assert_eq!(page.header("refresh"), "10");
    page.says(200, "Stop");
    assert_eq!(
        stranger
            .get(&format!("{results}?refresh=1"))
            .await
            .header("refresh"),
        ""
    );
    assert_eq!(
        stranger
            .get(&format!("{poll}?refresh=10"))
            .await
            .header("refresh"),
        ""
    );
    site.clock.advance(100);
    assert_eq!(
        stranger
            .get(&format!("{results}?refresh=10"))
            .await
            .header("refresh"),
        "10",
        "the last votes may be under way"
    );
    seal_due(&site.state.db, &site.clock).await.unwrap();
    let page = stranger.get(&format!("{results}?refresh=10")).await;
    assert_eq!(page.header("refresh"), "");
    assert!(!page.body.contains("hx-sse:connect") && !page.body.contains(">Refresh<"));
}

#[tokio::test]
async fn word_of_a_vote_reaches_the_other_processes_on_postgres_and_not_its_own() {
    for site in Site::on_each_database().await {
        if site.state.db.backend() != sea_orm::DbBackend::Postgres {
            continue;
        }
        let theirs = Db::connect(&site.state.config.database_url).await.unwrap();
        let (mine, theirs) = (PgNotifier::new(&site.state.db), PgNotifier::new(&theirs));
        let (sender, mut heard) = unbounded_channel();
        mine.listen(move |poll| sender.send(poll.to_owned()).unwrap());
        // The listener starts at its own time, so the notification is repeated.
        let word = async {
            loop {
                mine.tell("mine");
                theirs.tell("theirs");
                tokio::task::yield_now().await;
                if let Ok(poll) = heard.try_recv() {
                    return poll;
                }
            }
        };
        assert_eq!(
            timeout(Duration::from_secs(20), word).await.unwrap(),
            "theirs"
        );
    }
}
