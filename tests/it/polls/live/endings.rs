//! When a stream ends, and what it sends last.

use std::collections::BTreeSet;

use pollstr::polls::sealing::seal::seal_due;

use crate::polls::live::{Event, Stream, sql};
use crate::support::app::Site;

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
async fn the_final_event_waits_for_sealing_and_includes_every_vote() {
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
