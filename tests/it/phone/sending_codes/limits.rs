//! How many codes a number, an account, an address and a day get.

use pollstr::accounts::admin::commands::AccountAdmin;
use pollstr::accounts::limits::allow_for_an_event;
use pollstr::accounts::limits::circuit_breaker::area::Areas;
use pollstr::accounts::limits::sends::{self, Send, SendDecision, SendDenied};

use crate::phone::sending_codes::{DAY, HOUR, MINUTE, ask_at_once, asks, past_sends, people, wait};
use crate::support::app::{START_TIME, Site};

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
            .goes_to("/account/recovery/offer");
        assert_eq!(
            site.count("SELECT COUNT(*) FROM audit_event WHERE kind = 'codes forgotten'")
                .await,
            1
        );
    }
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
