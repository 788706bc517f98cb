//! What guessing reveals: nothing, not even by timing.

use std::time::{Duration, Instant};

use data_encoding::HEXLOWER;
use futures::future::join_all;
use pollstr::accounts::limits;
use pollstr::accounts::limits::allow_for_an_event;
use pollstr::accounts::limits::passwords;
use pollstr::accounts::limits::passwords::PasswordAttempt;
use pollstr::platform::crypto::random;
use pollstr::platform::db::Db;
use pollstr::web::http::client_ip::ClientIp;
use sea_orm::ConnectionTrait;

use crate::support::app::Site;
use crate::support::browser::{Page, Person};
use crate::support::voters::electorate;

const PASSWORD: &str = "four words and more";
const WRONG: &str = "four words or more";

#[expect(
    clippy::disallowed_methods,
    reason = "what a guesser measures is the machine's time"
)]
fn now() -> Instant {
    Instant::now()
}

/// Returns a page without what differs each time: tokens and the typed name.
fn anonymous(page: &Page, name: &str) -> String {
    // Tokens and viewer tags are unique to a page.
    let own = [
        "name=\"_csrf\" value=\"",
        "name=\"_made_for\" value=\"",
        "hx-headers:inherited=\"",
    ];
    let page = own.iter().fold(page.body.clone(), |body, field| {
        let pieces = body.split(field).enumerate();
        pieces
            .map(|(n, piece)| {
                if n == 0 {
                    piece
                } else {
                    piece.split_once('"').unwrap().1
                }
            })
            .collect()
    });
    page.replace(name, "NAME")
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64()
}

#[tokio::test]
async fn an_unknown_name_and_a_wrong_password_are_told_alike_and_take_as_long() {
    let site = Site::new().await;
    site.registered("known").await;
    let mut times = [Vec::new(), Vec::new()];
    let mut pages = Vec::new();
    // The first round warms up; then they alternate, so that other load affects both.
    for round in 0..26 {
        for (which, name) in ["known", "nobody"].into_iter().enumerate() {
            // Each attempt comes from its own IP address, or limits would answer.
            let stranger = site.visitor();
            let mut form = stranger.form("/login", "Log in").await;
            form.extend([
                ("username".to_owned(), name.to_owned()),
                ("password".to_owned(), WRONG.to_owned()),
            ]);
            let began = now();
            let page = stranger.post("/login", &form).await;
            if round > 0 {
                times[which].push(began.elapsed());
            }
            page.says(
                422,
                "Your username and password didn't match. Please try again.",
            );
            pages.push((
                anonymous(&page, name),
                page.headers
                    .keys()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>(),
            ));
        }
    }
    assert!(pages.iter().all(|page| *page == pages[0]));
    let [known, unknown] = times.map(median);
    let ratio = known / unknown;
    assert!(
        (0.5..2.0).contains(&ratio),
        "a wrong password takes {known} s, an unknown name {unknown} s"
    );
    // Hashing dominates: a name refused without it would show in the ratio.
    assert!(unknown > 0.005, "{unknown}");
}

#[tokio::test]
async fn a_number_that_somebody_has_and_a_free_one_are_told_alike() {
    let site = Site::new().await;
    // Even just after its owner verified it with the second code.
    let amy = site.registered("amy").await;
    amy.fill("/verify", "Send code", &[("phone", "+447700900123")])
        .await
        .goes_to("/verify/code");
    site.clock.advance(30);
    amy.fill("/verify/code", "Send a new code", &[])
        .await
        .goes_to("/verify/code");
    amy.fill("/verify/code", "Confirm", &[("code", &site.code())])
        .await
        .goes_to("/");
    let (ben, cid) = (site.registered("ben").await, site.registered("cid").await);
    ben.fill("/verify", "Send code", &[("phone", "+447700900123")])
        .await
        .goes_to("/verify/code");
    cid.fill("/verify", "Send code", &[("phone", "+447700900423")])
        .await
        .goes_to("/verify/code");
    let (taken, free) = (ben.get("/verify/code").await, cid.get("/verify/code").await);
    assert_eq!(
        anonymous(&taken, "ben").replace("900123", "900423"),
        anonymous(&free, "cid")
    );
}

#[tokio::test]
async fn a_code_to_a_number_that_somebody_has_takes_as_long_as_one_to_a_free_number() {
    let site = Site::new().await;
    let taken = electorate(&site.state, 900_100, 21).await;
    let mut times = [Vec::new(), Vec::new()];
    for (round, voter) in taken.iter().enumerate() {
        // So that earlier requests don't interfere.
        site.clock.advance(25 * 60 * 60);
        for (which, number) in [voter.number.clone(), format!("+447700900{}", 500 + round)]
            .into_iter()
            .enumerate()
        {
            let guesser = site
                .registered(&format!("guesser{round}{}", ["a", "b"][which]))
                .await;
            let mut form = guesser.form("/verify", "Send code").await;
            form.push(("phone".to_owned(), number));
            let began = now();
            let page = guesser.post("/verify", &form).await;
            if round > 0 {
                times[which].push(began.elapsed());
            }
            page.goes_to("/verify/code");
        }
    }
    let [taken, free] = times.map(median);
    assert!(
        (0.5..2.0).contains(&(taken / free)),
        "a number that is taken takes {taken} s, a free one {free} s"
    );
}

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

fn too_often(error: limits::LimitError) -> limits::TooOften {
    match error {
        limits::LimitError::TooOften(error) => error,
        limits::LimitError::Database(error) => panic!("{error}"),
    }
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
            .goes_to("/");
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
async fn names_that_are_taken_are_told_a_hundred_times_an_hour_and_a_hall_has_more() {
    for site in Site::on_each_database().await {
        site.registered("known").await;
        let asker = site.visitor();
        let (db, now) = (&site.state.db, site.clock.now());
        let address = ClientIp(asker.address().to_owned());
        for _ in 0..99 {
            let _ = limits::count_taken_name(db, &address, now).await.unwrap();
        }
        let ask = async |name: &str| {
            asker
                .fill(
                    "/register",
                    "Create account",
                    &[("username", name), ("password", PASSWORD)],
                )
                .await
        };
        ask("known").await.says(422, "That name is taken.");
        // Taken or free, the response is the same.
        for name in ["known", "unknown"] {
            ask(name).await.says(
                429,
                "Too many usernames tried from your network. Please try again in 60 minutes.",
            );
        }
        allow_for_an_event(db, &address.0, 102, now + 7_200)
            .await
            .unwrap();
        ask("unknown").await.goes_to("/verify");
        assert_eq!(
            site.count("SELECT COUNT(*) FROM failure WHERE rule = 'name taken, address'")
                .await,
            100,
            "a free name is no finding"
        );
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

#[tokio::test]
async fn an_address_makes_two_hundred_accounts_an_hour() {
    let site = Site::new().await;
    let (db, now) = (&site.state.db, site.clock.now());
    let made = async |at| {
        limits::count_registration(db, "203.0.113.9", at)
            .await
            .map_err(too_often)
    };
    for _ in 0..200 {
        let _ = made(now).await.unwrap();
    }
    assert_eq!(made(now + 3_599).await.unwrap_err().wait, 1);
    let _ = made(now + 3_600).await.unwrap();
}

#[tokio::test]
async fn a_name_of_any_length_is_told_to_match_nothing() {
    for site in Site::on_each_database().await {
        // Noise, or a database would compress well.
        let name: String = (0..200).map(|_| HEXLOWER.encode(&random::<32>())).collect();
        let page = site
            .visitor()
            .fill(
                "/login",
                "Log in",
                &[("username", &name), ("password", WRONG)],
            )
            .await;
        page.says(422, "Your username and password didn't match.");
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
