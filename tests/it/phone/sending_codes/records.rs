//! What is recorded of a code: outcomes, what the operator sees, and when it is deleted.

use pollstr::accounts::limits;
use pollstr::accounts::limits::sends::status::Status;
use pollstr::accounts::phone::verifications;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::phone::sending_codes::{DAY, asks};
use crate::support::app::{START_TIME, Site};
use crate::support::browser::client;

#[tokio::test]
async fn typing_the_last_of_many_codes_confirms_only_that_one() {
    for site in Site::on_each_database().await {
        let amy = site.registered("amy").await;
        for n in 0..4 {
            asks(&amy, &format!("+44770090010{n}"))
                .await
                .goes_to("/verify/code");
            site.clock.advance(30);
        }
        amy.fill("/verify/code", "Confirm", &[("code", &site.code())])
            .await
            .goes_to("/account/recovery/offer");
        let outcomes = "SELECT COUNT(*) FROM send WHERE outcome";
        assert_eq!(site.count(&format!("{outcomes} = 'confirmed'")).await, 1);
        assert_eq!(site.count(&format!("{outcomes} IS NULL")).await, 3);
    }
}

#[tokio::test]
async fn a_code_that_was_sent_is_forgotten_after_a_day() {
    let site = Site::new().await;
    let amy = site.registered("amy").await;
    asks(&amy, "+447700900123").await.goes_to("/verify/code");
    let rows = "SELECT COUNT(*) FROM verification";
    verifications::forget_verifications(&site.state.db, START_TIME + DAY - 1)
        .await
        .unwrap();
    assert_eq!(site.count(rows).await, 1);
    verifications::forget_verifications(&site.state.db, START_TIME + DAY)
        .await
        .unwrap();
    assert_eq!(site.count(rows).await, 0);
}

#[tokio::test]
async fn a_day_later_a_message_tells_neither_whose_it_was_nor_where_it_went() {
    for site in Site::on_each_database().await {
        let amy = site.registered("amy").await;
        asks(&amy, "+447700900123").await.goes_to("/verify/code");
        let known = "SELECT COUNT(*) FROM send WHERE account_id <> 0 AND address <> '' AND LENGTH(number_mac) > 0
            AND network <> '' AND LENGTH(prefix) = 64 AND LENGTH(wide_prefix) = 64";
        limits::forget(&site.state.db, START_TIME + DAY - 1)
            .await
            .unwrap();
        assert_eq!(site.count(known).await, 1);
        limits::forget(&site.state.db, START_TIME + DAY)
            .await
            .unwrap();
        assert_eq!(site.count(known).await, 0);
        let left = "SELECT COUNT(*) FROM send WHERE account_id = 0 AND address = '' AND LENGTH(number_mac) = 0
            AND network = '' AND prefix = '' AND wide_prefix = '' AND country = 'GB'";
        assert_eq!(site.count(left).await, 1);
        limits::forget(&site.state.db, START_TIME + 30 * DAY)
            .await
            .unwrap();
        assert_eq!(site.count("SELECT COUNT(*) FROM send").await, 0);
    }
}

#[tokio::test]
async fn the_operator_sees_what_became_of_the_codes_and_no_number() {
    for site in Site::on_each_database().await {
        site.verified("amy", "+447700900123").await;
        let ben = site.registered("ben").await;
        asks(&ben, "+447700900456").await.goes_to("/verify/code");
        site.clock.advance(30);
        ben.fill("/verify/code", "Call me instead", &[("channel", "call")])
            .await
            .goes_to("/verify/code");
        let read = async || {
            Status::read(
                &site.state.db,
                &site.state.config.ceilings,
                site.clock.now(),
            )
            .await
            .unwrap()
        };
        let day = read().await.day;
        assert_eq!(day.len(), 1);
        assert_eq!(
            (
                day[0].sent,
                day[0].calls,
                day[0].typed,
                day[0].replaced,
                day[0].lost
            ),
            (3, 1, 1, 1, 0)
        );
        assert_eq!(day[0].waiting(), 1);
        site.clock.advance(600);
        let status = read().await;
        assert_eq!((status.day[0].lost, status.day[0].waiting()), (1, 0));
        let text = status.to_string();
        assert!(text.contains("United Kingdom               3       1       1       1        1       0       50       -"), "{text}");
        assert!(
            text.contains("Daily limit: 3 of 5000 messages")
                && text.ends_with("No countries are paused."),
            "{text}"
        );
        assert!(!text.contains("900"), "{text}");
    }
}

#[tokio::test]
async fn metrics_count_requests_and_codes_and_say_nothing_of_votes_or_numbers() {
    let site = Site::with(&[("POLLSTR_PRICES", "GB=0.04, *=0.10")]).await;
    let amy = site.verified("amy", "+447700900123").await;
    let poll = site.poll().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(pollstr::server::metrics::serve(
        listener,
        site.state.clone(),
        CancellationToken::new(),
    ));
    let read = async || {
        client()
            .get(format!("http://{address}/metrics"))
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap()
    };
    let form = [
        amy.form(&format!("{poll}/vote"), "Vote").await,
        vec![("choice".to_owned(), "1".to_owned())],
    ]
    .concat();
    let before = read().await;
    amy.post(&format!("{poll}/vote"), &form)
        .await
        .goes_to(&format!("{poll}/results"));
    assert_eq!(read().await, before, "a vote moves nothing");
    site.visitor()
        .get("/nothing")
        .await
        .says(404, "Page not found");
    let after = read().await;
    assert_ne!(after, before);
    for line in [
        "pollstr_database_up 1",
        "pollstr_provider_accepts 1",
        "pollstr_requests_total{status=\"4xx\"} 1",
        "pollstr_sends{country=\"GB\",outcome=\"typed\"} 1",
        "pollstr_spend{country=\"GB\"} 0.04",
        "# TYPE pollstr_requests_total counter",
        concat!(
            "pollstr_build_info{version=\"",
            env!("CARGO_PKG_VERSION"),
            "\"} 1"
        ),
    ] {
        assert!(after.lines().any(|found| found == line), "{line}: {after}");
    }
    assert!(!after.contains("900123") && !after.contains(poll.trim_start_matches("/polls/")));
    assert_eq!(
        site.visitor().get("/metrics").await.status,
        404,
        "the site itself has none"
    );
}
