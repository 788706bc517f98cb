//! Limits of wrong passwords, by account and by address.

use futures::future::join_all;
use pollstr::accounts::limits;
use pollstr::accounts::limits::passwords::PasswordAttempt;
use pollstr::accounts::limits::{allow_for_an_event, passwords};
use pollstr::platform::db::Db;
use pollstr::web::http::client_ip::ClientIp;
use sea_orm::ConnectionTrait;

use crate::accounts::guessing::{PASSWORD, WRONG, too_often};
use crate::support::app::Site;
use crate::support::browser::Person;

/// A stranger's attempt at this account.
async fn try_from(
    address: &str,
    name: &str,
    db: &Db,
    at: i64,
) -> Result<limits::CountedTry, limits::TooOften> {
    let address = ClientIp::of(address.parse().unwrap());
    passwords::count_password(
        db,
        PasswordAttempt {
            name,
            address: &address,
            known: false,
        },
        at,
    )
    .await
    .map_err(too_often)
}

#[tokio::test]
async fn past_a_hundred_wrong_passwords_in_a_row_strangers_wait_longer_and_longer() {
    for site in Site::on_each_database().await {
        let (db, now) = (&site.state.db, site.clock.now());
        // 130 networks, each with its one attempt per account.
        let mut compared = 0;
        for n in 0..130 {
            compared += i64::from(
                try_from(&format!("2001:db8:{n:x}::1"), "amy", db, now)
                    .await
                    .is_ok(),
            );
        }
        assert_eq!(compared, 100);
        assert_eq!(
            try_from("203.0.113.7", "amy", db, now + 59)
                .await
                .unwrap_err()
                .wait,
            1,
            "refused tries do not count"
        );
        let _ = try_from("203.0.113.7", "amy", db, now + 60).await.unwrap();
        assert_eq!(
            try_from("203.0.113.8", "amy", db, now + 60)
                .await
                .unwrap_err()
                .wait,
            120
        );
        // Other accounts aren't affected.
        let _ = try_from("203.0.113.6", "ben", db, now + 60).await.unwrap();
        let counted = try_from("203.0.113.8", "amy", db, now + 180).await.unwrap();
        counted.was_right(db, "amy").await.unwrap();
        assert!(
            try_from("203.0.113.9", "amy", db, now + 180).await.is_ok(),
            "a success begins a new row"
        );
    }
}

#[tokio::test]
async fn one_customers_ipv6_networks_have_one_free_try_among_them() {
    for site in Site::on_each_database().await {
        let (db, now) = (&site.state.db, site.clock.now());
        let mut compared = 0;
        for n in 0..130 {
            compared += i64::from(
                try_from(&format!("2001:db8:1:{n:x}::1"), "amy", db, now)
                    .await
                    .is_ok(),
            );
        }
        assert_eq!(compared, 10);
        // They can't attack every account either.
        let mut compared = 0;
        for n in 0..300 {
            compared += i64::from(
                try_from(
                    &format!("2001:db8:2:{n:x}::1"),
                    &format!("name{n}"),
                    db,
                    now,
                )
                .await
                .is_ok(),
            );
        }
        assert!((100..=200).contains(&compared), "{compared}");
    }
}

#[tokio::test]
async fn while_strangers_wait_the_owner_goes_on_where_the_account_is_known() {
    for site in Site::on_each_database().await {
        let amy = site.verified("amy", "+447700900123").await;
        let traveller = site.visitor();
        site.clock.advance(60);
        traveller
            .fill(
                "/login",
                "Log in",
                &[("username", "amy"), ("password", PASSWORD)],
            )
            .await
            .goes_to("/verify");
        traveller
            .fill("/verify", "Send code", &[])
            .await
            .goes_to("/verify/code");
        traveller
            .fill(
                "/verify/code",
                "Confirm",
                &[("code", &site.code()), ("remember", "yes")],
            )
            .await
            .goes_to("/account/recovery/offer");
        traveller.fill("/", "Log out", &[]).await.goes_to("/");
        let guessed = format!(
            "INSERT INTO password_failure (name, failures, last_at) VALUES ('amy', 105, {})",
            site.clock.now()
        );
        site.state
            .db
            .write()
            .execute_unprepared(&guessed)
            .await
            .unwrap();
        let log_in = async |person: &Person, password: &str| {
            person
                .fill(
                    "/login",
                    "Log in",
                    &[("username", "amy"), ("password", password)],
                )
                .await
        };
        let page = log_in(&site.visitor(), PASSWORD).await;
        page.says(429, "Too many wrong passwords.");
        assert_eq!(page.header("retry-after"), (60 * 32).to_string());
        // Amy's known IP address, with one typo.
        let home = amy.other_browser();
        log_in(&home, WRONG).await.says(422, "didn't match");
        log_in(&home, WRONG).await.says(422, "didn't match");
        // A session.
        amy.fill("/account/confirm", "Continue", &[("password", WRONG)])
            .await
            .says(422, "That is not your password.");
        // A trusted browser at another IP address.
        let elsewhere = traveller.elsewhere();
        log_in(&elsewhere, WRONG).await.says(422, "didn't match");
        assert_eq!(log_in(&elsewhere, PASSWORD).await.status, 303);
        // Then strangers start over.
        log_in(&site.visitor(), WRONG)
            .await
            .says(422, "didn't match");
    }
}

#[tokio::test]
async fn an_address_has_fifty_wrong_passwords_and_a_hall_has_more() {
    for site in Site::on_each_database().await {
        let (db, now) = (&site.state.db, site.clock.now());
        let tried = async |name: &str, at| try_from("203.0.113.9", name, db, at).await;
        for n in 0..50 {
            let _ = tried(&format!("name{n}"), now).await.unwrap();
        }
        assert_eq!(tried("another", now).await.unwrap_err().wait, 15 * 60);
        assert_eq!(
            tried("another", now + 15 * 60 - 1).await.unwrap_err().wait,
            1
        );
        allow_for_an_event(db, "203.0.113.9", 51, now + 60)
            .await
            .unwrap();
        let _ = tried("another", now).await.unwrap();
        assert_eq!(tried("another", now).await.unwrap_err().wait, 15 * 60);
        // Of several limits the longest wait is shown.
        for n in 0..10 {
            let _ = try_from(&format!("198.51.100.{n}"), "guessed", db, now + 60)
                .await
                .unwrap();
        }
        assert_eq!(tried("guessed", now + 60).await.unwrap_err().wait, 15 * 60);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_hundred_wrong_passwords_at_once_ten_are_compared() {
    for site in Site::on_each_database().await {
        let amy = site.registered("amy").await;
        let mut form = amy.form("/account/confirm", "Continue").await;
        form.push(("password".to_owned(), WRONG.to_owned()));
        // One wrong attempt first, since an IP address without failures has its own allowance.
        amy.post("/account/confirm", &form)
            .await
            .says(422, "That is not your password.");
        let answers = join_all((0..100).map(|_| amy.post("/account/confirm", &form))).await;
        let count = |status: u16| {
            answers
                .iter()
                .filter(|answer| answer.status == status)
                .count()
        };
        // On a slow machine some time out, which uses up no attempt.
        let mut compared = count(422);
        assert!(compared <= 9 && compared + count(429) + count(503) == 100);
        while amy.post("/account/confirm", &form).await.status == 422 {
            compared += 1;
        }
        assert_eq!(compared, 9);
        assert_eq!(
            site.count("SELECT COUNT(*) FROM audit_event WHERE kind = 'password wrong'")
                .await,
            10
        );
        let page = amy
            .fill("/account/confirm", "Continue", &[("password", PASSWORD)])
            .await;
        page.says(429, "Too many wrong passwords.");
        // The session continues: guessing can't lock someone out.
        amy.get("/account").await.says(200, "Your account");
        site.clock.advance(15 * 60);
        amy.fill("/account/confirm", "Continue", &[("password", PASSWORD)])
            .await
            .goes_to("/account");
    }
}
