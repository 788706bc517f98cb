//! What viewers receive: every vote, and changes of the poll.

use pollstr::polls::sealing::seal::seal_due;
use reqwest::Method;

use crate::polls::live::{Event, Stream, sql, vote};
use crate::support::app::Site;

#[tokio::test]
async fn viewers_on_every_process_see_each_vote() {
    for site in Site::on_each_database().await {
        let second_instance = site.second_instance().await;
        let poll = site.poll().await;
        let (amy, ben) = (
            site.verified("amy", "+447700900123").await,
            site.verified("ben", "+447700900124").await,
        );
        vote(&amy, &poll, 1).await;
        let mut here = Stream::open(&amy, &format!("{poll}/live"), None).await;
        let mut there = Stream::open(
            &amy.at(&second_instance.origin),
            &format!("{poll}/live"),
            None,
        )
        .await;
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
async fn new_viewers_get_results_after_a_change_or_a_failed_render() {
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
    page.says(200, &format!("data-stream=\"{poll}/live?after=0\""));
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
    assert!(!page.body.contains("data-stream") && !page.body.contains(">Refresh<"));
}
