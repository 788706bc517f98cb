//! Toll fraud: an attacker requests codes to numbers that earn money. It is stopped where it
//! happens, and everyone else can go on.

use pollstr::accounts::limits::circuit_breaker::area::{Areas, Kind};
use pollstr::accounts::limits::circuit_breaker::resume::{self, resume};
use pollstr::accounts::limits::sends::status::Status;
use pollstr::accounts::limits::sends::{self, Send, SendDecision, SendDenied};
use pollstr::accounts::limits::{Limit, allow_for_an_event};
use pollstr::verification::numbers::countries;
use sea_orm::ConnectionTrait;

use crate::support::app::{START_TIME, Site, folder, program};

const MINUTE: i64 = 60;

/// A request for a code: number and account are `n`'s own.
struct Ask {
    n: i64,
    network: i64,
    prefix: i64,
    at: i64,
}

/// Requests a code and returns why it was denied.
async fn ask(
    site: &Site,
    Ask {
        n,
        network,
        prefix,
        at,
    }: Ask,
) -> Result<i64, SendDenied> {
    let transaction = site.state.db.begin().await.unwrap();
    let (address, mac) = (address(network), n.to_be_bytes());
    let areas = Areas {
        network: address.clone(),
        prefix: format!("prefix {prefix}"),
        wide_prefix: String::new(),
    };
    let send = Send {
        account: 1_000_000 + n,
        number_mac: &mac,
        country: countries::find("GB"),
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
        SendDecision::Allowed(id) => Ok(id),
        SendDecision::Denied(denied) => Err(denied),
    }
}

fn address(network: i64) -> String {
    format!("10.1.{}.{}", network / 250, network % 250)
}

/// Requests codes to 500 numbers over 100 prefixes, from 100 IP addresses, with this pause; returns
/// how many were sent.
async fn attack(site: &Site, seconds: i64) -> usize {
    let mut through = 0;
    for n in 0..500 {
        let answer = ask(
            site,
            Ask {
                n,
                network: n % 100,
                prefix: n / 5,
                at: START_TIME + n * seconds,
            },
        )
        .await;
        through += usize::from(answer.is_ok());
    }
    through
}

fn is_paused(answer: &Result<i64, SendDenied>) -> bool {
    matches!(answer, Err(SendDenied::Paused { country: "United Kingdom", wait }) if wait.kind == Kind::Country)
}

#[tokio::test]
async fn five_addresses_with_ten_accounts_pause_no_country() {
    for site in Site::on_each_database().await {
        let mut guests = Vec::new();
        for n in 0..10 {
            let address = if n % 2 == 0 {
                site.visitor()
            } else {
                guests
                    .last()
                    .map(crate::support::browser::Person::other_browser)
                    .unwrap()
            };
            let form = [
                ("username", &*format!("guest{n}")),
                ("password", "four words and more"),
            ];
            address
                .fill("/register", "Create account", &form)
                .await
                .goes_to("/verify");
            guests.push(address);
        }
        for round in 0..5 {
            for (n, guest) in guests.iter().enumerate() {
                let number = format!("+44740{n}{round}12345");
                guest
                    .fill("/verify", "Send code", &[("phone", &number)])
                    .await
                    .goes_to("/verify/code");
            }
            site.clock.advance(31);
        }
        // Fifty codes are abandoned. Requests from elsewhere go on, whether their numbers start
        // alike or not.
        site.clock.advance(11 * MINUTE);
        for (name, number) in [("amy", "+447400019999"), ("ben", "+447700900123")] {
            let person = site.registered(name).await;
            person
                .fill("/verify", "Send code", &[("phone", number)])
                .await
                .goes_to("/verify/code");
        }
        assert_eq!(site.phones().starts(), 52);
    }
}

#[tokio::test]
async fn five_hundred_numbers_over_a_hundred_prefixes_get_fewer_than_a_hundred_and_fifty_codes() {
    // Both fast and slow: a hundred may be active together, and after twenty that expired the
    // country is paused.
    for seconds in [0, 10] {
        for site in Site::on_each_database().await {
            let through = attack(&site, seconds).await;
            assert!(
                (20..150).contains(&through),
                "one in {seconds} s: {through}"
            );
            let status = Status::read(&site.state.db, &site.state.config.ceilings, START_TIME)
                .await
                .unwrap();
            assert!(
                status
                    .paused
                    .iter()
                    .any(|pause| pause.what() == Some((Kind::Country, "GB"))),
                "one in {seconds} s"
            );
            assert!(
                status
                    .to_string()
                    .contains("Paused for new numbers: United Kingdom since"),
                "{status}"
            );
        }
    }
}

#[tokio::test]
async fn a_block_of_numbers_is_paused_by_itself() {
    for site in Site::on_each_database().await {
        for n in 0..10 {
            ask(
                &site,
                Ask {
                    n,
                    network: n,
                    prefix: 1,
                    at: START_TIME,
                },
            )
            .await
            .unwrap();
        }
        let later = START_TIME + 11 * MINUTE;
        let answer = ask(
            &site,
            Ask {
                n: 50,
                network: 50,
                prefix: 1,
                at: later,
            },
        )
        .await;
        assert!(
            matches!(&answer, Err(SendDenied::Paused { wait, .. }) if wait.kind == Kind::Prefix),
            "{answer:?}"
        );
        ask(
            &site,
            Ask {
                n: 51,
                network: 51,
                prefix: 2,
                at: later,
            },
        )
        .await
        .unwrap();
        let status = Status::read(&site.state.db, &site.state.config.ceilings, later)
            .await
            .unwrap()
            .to_string();
        assert!(
            status.contains("Paused for new numbers with the same prefix: United Kingdom since"),
            "{status}"
        );
    }
}

#[tokio::test]
async fn an_address_whose_codes_are_never_typed_is_paused_by_itself() {
    for site in Site::on_each_database().await {
        for n in 0..10 {
            ask(
                &site,
                Ask {
                    n,
                    network: 1,
                    prefix: n,
                    at: START_TIME,
                },
            )
            .await
            .unwrap();
        }
        let later = START_TIME + 61 * MINUTE;
        let answer = ask(
            &site,
            Ask {
                n: 50,
                network: 1,
                prefix: 50,
                at: later,
            },
        )
        .await;
        assert!(matches!(answer, Err(SendDenied::TooOften(_))), "{answer:?}");
        ask(
            &site,
            Ask {
                n: 51,
                network: 2,
                prefix: 50,
                at: later,
            },
        )
        .await
        .unwrap();
    }
}

#[tokio::test]
async fn an_attacker_who_always_asks_first_does_not_take_every_probe() {
    for site in Site::on_each_database().await {
        attack(&site, 0).await;
        let (mut at, mut n, mut probes) = (START_TIME + 20 * MINUTE, 1_000, 0);
        let newcomer = loop {
            // Everyone asks before the next may go, and again as soon as possible; the newcomer
            // last.
            at += 30 * MINUTE;
            assert!(
                at < START_TIME + 1_400 * MINUTE,
                "of {probes} probes the newcomer had none"
            );
            let mut through = Vec::new();
            for network in [1, 2, 3, 4, 5, 200] {
                n += 1;
                if ask(
                    &site,
                    Ask {
                        n,
                        network,
                        prefix: n,
                        at,
                    },
                )
                .await
                .is_ok()
                {
                    through.push(network);
                }
            }
            assert!(through.len() <= 1, "{through:?}");
            probes += through.len();
            if through.contains(&200) {
                break n;
            }
        };
        assert!(newcomer > 0);
    }
}

#[tokio::test]
async fn a_hall_that_is_allowed_more_passes_a_pause_and_no_ceiling_of_a_day() {
    for site in Site::on_each_database_with(&[("POLLSTR_DAILY_SENDS", "103")]).await {
        let through = i64::try_from(attack(&site, 0).await).unwrap();
        assert_eq!(through, 100);
        let newcomer = |n| Ask {
            n,
            network: 200,
            prefix: 200,
            at: START_TIME + 1,
        };
        assert!(is_paused(&ask(&site, newcomer(600)).await));
        allow_for_an_event(&site.state.db, &address(200), 500, START_TIME + 3_600)
            .await
            .unwrap();
        for n in 601..604 {
            ask(&site, newcomer(n)).await.unwrap();
        }
        assert!(matches!(
            ask(&site, newcomer(604)).await,
            Err(SendDenied::TooOften(error)) if error.limit == Limit::SendPerDay
        ));
    }
}

#[tokio::test]
async fn a_pause_that_the_operator_ends_does_not_begin_again_over_the_same_codes() {
    for site in Site::on_each_database().await {
        let (db, keys) = (&site.state.db, &site.state.keys);
        for (round, what) in (0..).zip(["GB", "all"]) {
            let begun = START_TIME + round * 3_600;
            for n in 0..200 {
                let n = round * 1_000 + n;
                let _ = ask(
                    &site,
                    Ask {
                        n,
                        network: n,
                        prefix: n,
                        at: begun,
                    },
                )
                .await;
            }
            let newcomer = |n| Ask {
                n: round * 1_000 + n,
                network: round * 1_000 + n,
                prefix: n,
                at: begun + 1,
            };
            assert!(is_paused(&ask(&site, newcomer(600)).await), "{what}");
            let elsewhere = resume::parse("FR", keys).unwrap();
            assert_eq!(resume(db, &elsewhere, begun + 1).await.unwrap(), 0);
            assert!(is_paused(&ask(&site, newcomer(600)).await), "{what}");
            assert_eq!(
                resume(db, &resume::parse(what, keys).unwrap(), begun + 1)
                    .await
                    .unwrap(),
                1,
                "{what}"
            );
            // Now, and after the codes have expired.
            for (n, later) in [(601, 1), (602, 900)] {
                ask(
                    &site,
                    Ask {
                        at: begun + later,
                        ..newcomer(n)
                    },
                )
                .await
                .unwrap();
            }
        }
    }
}

#[tokio::test]
async fn a_paused_block_is_named_by_any_number_of_it() {
    for site in Site::on_each_database().await {
        let prefix = site.state.keys.prefix("44740012");
        let sql = format!(
            "INSERT INTO circuit_breaker (area, country, since, probe_at, judged_from, typed, lost)
             VALUES ('prefix {prefix}', 'GB', {START_TIME}, 0, 0, 0, 20)"
        );
        for named in ["+44 7400 12", "+447400123456", "GB", "all"] {
            site.state
                .db
                .write()
                .execute_unprepared("DELETE FROM circuit_breaker")
                .await
                .unwrap();
            site.state
                .db
                .write()
                .execute_unprepared(&sql)
                .await
                .unwrap();
            let which = |named| resume::parse(named, &site.state.keys).unwrap();
            assert_eq!(
                resume(&site.state.db, &which("+447401123456"), START_TIME)
                    .await
                    .unwrap(),
                0
            );
            assert_eq!(
                resume(&site.state.db, &which(named), START_TIME)
                    .await
                    .unwrap(),
                1,
                "{named}"
            );
        }
    }
}

#[test]
fn the_commands_about_sending_say_what_they_did_or_why_not_in_one_line() {
    let folder = folder();
    let run = |arguments: &[&str]| {
        let output = program(&folder).args(arguments).output().unwrap();
        (
            output.status.success(),
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    assert!(run(&["migrate"]).0);
    assert_eq!(
        run(&["resume", "GB"]),
        (
            true,
            "Nothing was paused for GB.\n".to_owned(),
            String::new()
        )
    );
    let (right, _, said) = run(&["resume", "nowhere"]);
    assert!(
        !right
            && said.starts_with("pollstr: \"nowhere\" isn't a country such as GB")
            && said.lines().count() == 1,
        "{said}"
    );
    let said = run(&["allow", "203.0.113.9", "6000", "4"]).1;
    assert!(
        said.starts_with(
            "Allowed 6000 new accounts and 6000 codes per hour from 203.0.113.9 until "
        ),
        "{said}"
    );
    assert!(
        said.contains(
            "raise POLLSTR_HOURLY_SENDS (1000 an hour) and POLLSTR_DAILY_SENDS (5000 in 24 hours)"
        ),
        "{said}"
    );
    assert_eq!(
        run(&["allow", "203.0.113.9", "500", "4"]).1.lines().count(),
        1
    );
}
