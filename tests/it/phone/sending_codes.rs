//! Sending codes: which numbers get one, how often, where and at what cost, and what the operator
//! sees.

use std::sync::atomic::{AtomicI64, Ordering};

use futures::future::join_all;
use pollstr::accounts::admin::commands::AccountAdmin;
use pollstr::accounts::limits;
use pollstr::accounts::limits::allow_for_an_event;
use pollstr::accounts::limits::circuit_breaker::area::Areas;
use pollstr::accounts::limits::sends::status::Status;
use pollstr::accounts::limits::sends::{self, Send, SendDecision, SendDenied};
use pollstr::accounts::phone::verifications;
use pollstr::simulator::WireFault;
use reqwest::Method;
use sea_orm::ConnectionTrait;
use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::support::app::{START_TIME, Site};
use crate::support::browser::{Page, Person, client};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Inserts past messages, each to another account, number and IP address.
async fn past_sends(site: &Site, count: i64, at: i64, address: &str, outcome: &str) {
    static NEXT: AtomicI64 = AtomicI64::new(0);
    for n in (0..count).map(|_| NEXT.fetch_add(1, Ordering::Relaxed)) {
        let mac = match site.state.db.backend() {
            sea_orm::DbBackend::Postgres => format!("'\\x{n:08x}'::bytea"),
            _ => format!("x'{n:08x}'"),
        };
        let sql = format!(
            "INSERT INTO send (at, account_id, number_mac, address, verified, country, voice, outcome, network, prefix)
            VALUES ({at}, {}, {mac}, '{address}', FALSE, 'GB', FALSE, {outcome}, 'network{n}', 'prefix{n}')",
            1_000_000 + n
        );
        site.state
            .db
            .write()
            .execute_unprepared(&sql)
            .await
            .unwrap();
    }
}

async fn asks(person: &Person, phone: &str) -> Page {
    person
        .fill("/verify", "Send code", &[("phone", phone)])
        .await
}

fn wait(page: &Page) -> i64 {
    assert_eq!(page.status, 429, "{}", page.body);
    page.header("retry-after").parse().unwrap()
}

/// Sends all codes concurrently, each to its own number; returns how many were allowed.
async fn ask_at_once(people: &[Person], first: usize) -> usize {
    let answers = people
        .iter()
        .zip(first..)
        .map(|(person, n)| async move { asks(person, &format!("+447700900{n:03}")).await });
    let answers = join_all(answers).await;
    assert!(
        answers
            .iter()
            .all(|answer| matches!(answer.status.as_u16(), 303 | 429))
    );
    answers.iter().filter(|answer| answer.status == 303).count()
}

async fn people(site: &Site, count: usize) -> Vec<Person> {
    let mut people = Vec::new();
    for n in 0..count {
        people.push(site.registered(&format!("person{n}")).await);
    }
    people
}

#[tokio::test]
async fn a_number_is_read_by_its_country_and_a_plus_wins() {
    let site = Site::new().await;
    let amy = site.registered("amy").await;
    let page = amy
        .send(
            amy.request(Method::GET, "/verify")
                .header("accept-language", "fr-CH,fr;q=0.9,en-GB;q=0.8"),
        )
        .await;
    page.says(
        200,
        "<option value=\"CH\" selected>Switzerland +41</option>",
    );
    amy.fill("/verify", "Send code", &[("phone", "07700 900123")])
        .await
        .says(422, "Choose your country, or start with +");
    let page = amy
        .fill(
            "/verify",
            "Send code",
            &[("phone", "07700 90012"), ("country", "GB")],
        )
        .await;
    page.says(
        422,
        "<option value=\"GB\" selected>United Kingdom +44</option>",
    );
    page.says(422, "value=\"07700 90012\"");
    amy.fill(
        "/verify",
        "Send code",
        &[("phone", "07700 900123"), ("country", "GB")],
    )
    .await
    .goes_to("/verify/code");
    assert_eq!(site.phones().messages()[0].to, "+447700900123");
    amy.get("/verify")
        .await
        .says(200, "<option value=\"GB\" selected>");
    let ben = site.registered("ben").await;
    ben.fill(
        "/verify",
        "Send code",
        &[("phone", "0033 6 39 98 12 34"), ("country", "GB")],
    )
    .await
    .goes_to("/verify/code");
    assert_eq!(site.phones().messages()[0].to, "+33639981234");
}

#[tokio::test]
async fn a_number_is_shown_as_it_is_understood_before_anything_is_sent() {
    let site = Site::new().await;
    let amy = site.registered("amy").await;
    let shown = |phone: &'static str, country: &'static str| {
        amy.call("show_number", json!({ "phone": phone, "country": country }))
    };
    shown("07700900123", "GB")
        .await
        .says(200, "We'll text +44\u{a0}7700\u{a0}900123, United Kingdom.");
    shown("+442079460999", "").await.says(
        200,
        "That's a landline, so we'll call +44\u{a0}20\u{a0}7946\u{a0}0999",
    );
    shown("+1 900 234 5678", "")
        .await
        .says(422, "This is a premium rate number.");
    shown("", "").await.says(422, "Enter your phone number.");
    // The same without scripts: the form returns with what was typed.
    let page = amy
        .fill(
            "/verify",
            "Send code",
            &[("phone", "07700900123"), ("country", "GB"), ("look", "yes")],
        )
        .await;
    page.says(200, "We'll text +44\u{a0}7700\u{a0}900123, United Kingdom.");
    page.says(200, "value=\"07700900123\"");
    assert_eq!(
        (
            site.phones().starts(),
            site.count("SELECT COUNT(*) FROM send").await
        ),
        (0, 0)
    );
    site.visitor()
        .call("show_number", json!({ "phone": "+447700900123" }))
        .await
        .says(401, "log in");
}

#[tokio::test]
async fn a_fixed_line_is_called_and_the_page_says_so() {
    let site = Site::new().await;
    let amy = site.registered("amy").await;
    asks(&amy, "+44 20 7946 0999").await.goes_to("/verify/code");
    assert_eq!(
        site.phones().messages()[0].channel,
        pollstr::simulator::Channel::Voice
    );
    amy.get("/verify/code").await.says(200, "We are calling");
}

#[tokio::test]
async fn a_number_is_whole_while_its_code_is_good_and_masked_otherwise() {
    let site = Site::new().await;
    let amy = site.registered("amy").await;
    asks(&amy, "+447700900123").await.goes_to("/verify/code");
    let page = amy.get("/verify/code").await;
    page.says(200, ">+44 7700 900123</strong>");
    page.says(200, "data-countdown=\"30\"");
    page.says(200, "data-countdown=\"300\"");
    site.clock.advance(300);
    let page = amy.get("/verify/code").await;
    page.says(200, ">+44 ···· ··23</strong>");
    assert!(!page.body.contains("900123"));
    let ben = site.verified("ben", "+447700900456").await.other_browser();
    ben.fill(
        "/login",
        "Log in",
        &[("username", "ben"), ("password", "four words and more")],
    )
    .await;
    site.clock.advance(30);
    ben.fill("/verify", "Send code", &[])
        .await
        .goes_to("/verify/code");
    let page = ben.get("/verify/code").await;
    page.says(200, ">+44 ···· ··56</strong>");
    assert!(!page.body.contains("900456") && !page.body.contains("Use another number"));
}

#[tokio::test]
async fn codes_go_to_the_countries_that_are_named_and_the_refusal_names_the_other() {
    let site = Site::with(&[("POLLSTR_COUNTRIES", "GB, IE")]).await;
    let amy = site.registered("amy").await;
    asks(&amy, "+33 6 39 98 12 34")
        .await
        .says(422, "This site doesn't send codes to numbers from France.");
    let page = amy.get("/verify").await;
    assert_eq!(page.body.matches("<option").count(), 3);
    page.says(200, "Ireland +353");
    amy.call("show_number", json!({ "phone": "+33639981234" }))
        .await
        .says(422, "France");
    assert_eq!(site.phones().starts(), 0);
    asks(&amy, "+447700900123").await.goes_to("/verify/code");
}

#[tokio::test]
async fn a_country_that_there_is_not_stops_the_start() {
    let site = Site::new().await;
    for (setting, value) in [("POLLSTR_COUNTRIES", "UK"), ("POLLSTR_PRICES", "UK=0.1")] {
        let config = pollstr::platform::config::Config::from_sources("", |name| {
            (name == setting).then(|| value.to_owned())
        })
        .unwrap();
        let ceilings = config.ceilings;
        let config = pollstr::platform::config::Config {
            ceilings,
            ..(*site.state.config).clone()
        };
        let error = pollstr::server::startup::start(config, site.clock.clone())
            .await
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with(&format!("{setting}: UK is not a country")),
            "{error}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_country_whose_codes_are_hardly_ever_typed_is_paused_and_probed() {
    for site in Site::on_each_database().await {
        let amy = site.verified("amy", "+447700900999").await;
        let people = people(&site, 12).await;
        site.clock.advance(2 * HOUR);
        // Of the last 50 finished codes, 10 typed ones are enough.
        let now = site.clock.now();
        past_sends(&site, 40, now - 600, "past", "NULL").await;
        past_sends(&site, 9, now - 600, "past", "'confirmed'").await;
        asks(&people[0], "+447700900100")
            .await
            .goes_to("/verify/code");
        // Amy's own falls out of the 50; an active code and replaced ones don't count.
        past_sends(&site, 1, now - 600, "past", "NULL").await;
        past_sends(&site, 5, now - 600, "past", "'replaced'").await;
        let page = asks(&people[1], "+447700900101").await;
        page.says(429, "Codes to new numbers from United Kingdom rarely arrive at the moment, so we've paused them.");
        assert_eq!(wait(&page), 15 * MINUTE);
        // Other countries and verified numbers still get codes.
        asks(&people[2], "+1 212 555 0100")
            .await
            .goes_to("/verify/code");
        let elsewhere = amy.other_browser();
        elsewhere
            .fill(
                "/login",
                "Log in",
                &[("username", "amy"), ("password", "four words and more")],
            )
            .await;
        elsewhere
            .fill("/verify", "Send code", &[])
            .await
            .goes_to("/verify/code");
        site.clock.advance(15 * MINUTE - 1);
        assert_eq!(wait(&asks(&people[1], "+447700900101").await), 1);
        // Then a single probe now and then, chosen at random.
        let mut through = 0;
        site.clock.advance(1);
        for _ in 0..60 {
            through = ask_at_once(&people[3..10], 103).await;
            assert!(through <= 1, "{through}");
            if through == 1 {
                break;
            }
            site.clock.advance(MINUTE);
        }
        assert_eq!(through, 1, "within an hour");
        let page = asks(&people[10], "+447700900110").await;
        page.says(429, "We still send a few, at random.");
        assert!((1..=15 * MINUTE).contains(&wait(&page)));
        let status = Status::read(
            &site.state.db,
            &site.state.config.ceilings,
            site.clock.now(),
        )
        .await
        .unwrap();
        assert_eq!(status.paused.len(), 1);
        assert!(
            status
                .to_string()
                .contains("Paused for new numbers: United Kingdom since"),
            "{status}"
        );
        // A probe that the provider didn't send is inconclusive: the next may go in the same
        // minute, and as the only candidate it is chosen.
        site.clock.advance(40 * MINUTE);
        site.phones().set_fault(Some(WireFault::Status500));
        asks(&people[1], "+447700900101")
            .await
            .says(503, "Please wait a moment");
        site.phones().set_fault(None);
        asks(&people[1], "+447700900101")
            .await
            .goes_to("/verify/code");
        // Codes are being typed again.
        past_sends(&site, 20, site.clock.now() - 600, "past", "'confirmed'").await;
        assert_eq!(ask_at_once(&people[11..12], 111).await, 1);
        assert_eq!(
            site.count("SELECT COUNT(*) FROM circuit_breaker WHERE since > 0")
                .await,
            0
        );
    }
}

#[tokio::test]
async fn an_account_gets_three_codes_at_a_number_and_others_get_the_rest_of_five() {
    for site in Site::on_each_database().await {
        let mac = site.state.keys.number("+447700900123");
        let send = async |n: i64, at: i64| {
            let transaction = site.state.db.begin().await.unwrap();
            let (address, areas) = (format!("203.0.113.{n}"), Areas::default());
            let send = Send {
                account: 1_000_000 + n,
                number_mac: &mac,
                country: None,
                voice: false,
                verified: false,
                address: &address,
                areas: &areas,
                life: 300,
            };
            let answer = sends::decide(&transaction, &site.state.config.ceilings, send, at)
                .await
                .unwrap();
            transaction.commit().await.unwrap();
            match answer {
                SendDecision::Allowed(_) => None,
                SendDecision::Denied(SendDenied::TooOften(error)) => Some(error.wait),
                SendDecision::Denied(denied) => panic!("{denied}"),
            }
        };
        for n in 0..3 {
            assert_eq!(send(0, START_TIME + n).await, None);
        }
        assert_eq!(
            send(0, START_TIME + 3).await,
            Some(HOUR - 3),
            "the last two of an hour are for others"
        );
        for n in 1..3 {
            assert_eq!(send(n, START_TIME + 4).await, None);
        }
        assert_eq!(
            send(3, START_TIME + 5).await,
            Some(HOUR),
            "rounded up, for it tells of others"
        );
        assert_eq!(send(3, START_TIME + HOUR - 1).await, Some(5 * MINUTE));
        assert_eq!(send(3, START_TIME + HOUR).await, None);
    }
}

#[tokio::test]
async fn whoever_types_the_last_of_many_codes_has_not_typed_the_others() {
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
            .goes_to("/");
        let outcomes = "SELECT COUNT(*) FROM send WHERE outcome";
        assert_eq!(site.count(&format!("{outcomes} = 'confirmed'")).await, 1);
        assert_eq!(site.count(&format!("{outcomes} IS NULL")).await, 3);
    }
}

#[tokio::test]
async fn a_newcomer_who_is_stuck_begins_again_when_the_operator_says_so() {
    for site in Site::on_each_database().await {
        let amy = site.registered("amy").await;
        for tries in [3, 3, 3] {
            asks(&amy, "+447700900123").await.goes_to("/verify/code");
            for _ in 0..tries {
                let code = if site.code() == "000000" {
                    "000001"
                } else {
                    "000000"
                };
                assert_eq!(
                    amy.fill("/verify/code", "Confirm", &[("code", code)])
                        .await
                        .status,
                    422
                );
            }
            site.clock.advance(20 * MINUTE);
        }
        asks(&amy, "+447700900123")
            .await
            .says(429, "Too many wrong codes.");
        AccountAdmin {
            db: site.state.db.clone(),
            now: site.clock.now(),
        }
        .reset_phone("amy")
        .await
        .unwrap();
        asks(&amy, "+447700900123").await.goes_to("/verify/code");
        amy.fill("/verify/code", "Confirm", &[("code", &site.code())])
            .await
            .goes_to("/");
        assert_eq!(
            site.count("SELECT COUNT(*) FROM audit_event WHERE kind = 'codes forgotten'")
                .await,
            1
        );
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

#[tokio::test(flavor = "multi_thread")]
async fn of_many_at_once_one_gets_the_last_message_of_the_day() {
    let site = Site::with(&[("POLLSTR_DAILY_SENDS", "5")]).await;
    let people = people(&site, 11).await;
    past_sends(&site, 4, START_TIME - DAY + 90, "past", "'confirmed'").await;
    assert_eq!(ask_at_once(&people[..10], 100).await, 1);
    assert_eq!(site.phones().starts(), 1);
    let refused = asks(&people[10], "+447700900200").await;
    refused.says(429, "We've reached today's limit for codes.");
    assert_eq!(wait(&refused), 90);
    site.clock.advance(89);
    assert_eq!(wait(&asks(&people[10], "+447700900200").await), 1);
    site.clock.advance(1);
    asks(&people[10], "+447700900200")
        .await
        .goes_to("/verify/code");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_costs_no_more_than_it_may() {
    let prices = [
        ("POLLSTR_PRICES", "GB=0.04, *=0.10"),
        ("POLLSTR_DAILY_SPEND", "0.12"),
    ];
    let site = Site::with(&prices).await;
    let people = people(&site, 6).await;
    past_sends(&site, 1, START_TIME - DAY + 100, "past", "'confirmed'").await;
    past_sends(&site, 1, START_TIME - DAY + 200, "past", "'confirmed'").await;
    // The expensive one fits only after both have expired; of the cheap ones, one fits.
    assert_eq!(wait(&asks(&people[0], "+1 212 555 0100").await), 200);
    assert_eq!(ask_at_once(&people[1..], 100).await, 1);
    let page = asks(&people[0], "+447700900150").await;
    page.says(429, "We've reached today's limit for codes");
    assert_eq!(wait(&page), 100);
    site.clock.advance(100);
    asks(&people[0], "+447700900150")
        .await
        .goes_to("/verify/code");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_asks_for_ten_new_numbers_an_hour_and_for_more_at_an_event() {
    for site in Site::on_each_database().await {
        let amy = site.registered("amy").await;
        let address = amy.address();
        past_sends(&site, 9, START_TIME - HOUR + 100, address, "'confirmed'").await;
        let mut hall = Vec::new();
        for n in 0..6 {
            let person = amy.other_browser();
            let name = format!("hall{n}");
            person
                .fill(
                    "/register",
                    "Create account",
                    &[("username", &name), ("password", "four words and more")],
                )
                .await;
            hall.push(person);
        }
        assert_eq!(ask_at_once(&hall[..4], 100).await, 1);
        let now = site.clock.now();
        let late = asks(&hall[4], "+447700900104").await;
        assert_eq!(wait(&late), START_TIME + 100 - now);
        allow_for_an_event(&site.state.db, address, 11, now + 50)
            .await
            .unwrap();
        assert_eq!(
            ask_at_once(&hall[..], 100).await,
            2,
            "one more, and the one that is waiting for its code already"
        );
        site.clock.advance(50);
        assert_eq!(
            asks(&amy, "+447700900110").await.status,
            429,
            "an event is over at its last second"
        );
        allow_for_an_event(&site.state.db, address, 12, now + 2 * HOUR)
            .await
            .unwrap();
        asks(&amy, "+447700900110").await.goes_to("/verify/code");
    }
}

#[tokio::test]
async fn an_account_gets_five_codes_an_hour_and_everybody_as_many_as_the_settings_say() {
    let site = Site::with(&[("POLLSTR_HOURLY_SENDS", "60")]).await;
    let amy = site.registered("amy").await;
    for n in 0..5 {
        asks(&amy, &format!("+44770090010{n}"))
            .await
            .goes_to("/verify/code");
        site.clock.advance(30);
    }
    assert_eq!(wait(&asks(&amy, "+447700900105").await), HOUR - 150);
    site.clock.advance(HOUR - 151);
    assert_eq!(asks(&amy, "+447700900105").await.status, 429);
    site.clock.advance(1);
    asks(&amy, "+447700900105").await.goes_to("/verify/code");
    let ben = site.registered("ben").await;
    site.clock.advance(2 * HOUR);
    past_sends(&site, 59, site.clock.now() - 10, "past", "'confirmed'").await;
    asks(&ben, "+447700900200").await.goes_to("/verify/code");
    assert_eq!(wait(&asks(&amy, "+447700900300").await), HOUR - 10);
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
