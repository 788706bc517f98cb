//! Streams and the right to see results.

use pollstr::polls::sealing::seal::seal_due;

use crate::polls::live::{Event, Stream, sql, vote};
use crate::support::app::Site;

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
