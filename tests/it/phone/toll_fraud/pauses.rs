//! What pauses a country, a block of numbers or an address.

use pollstr::accounts::limits::circuit_breaker::area::Kind;
use pollstr::accounts::limits::sends::SendDenied;
use pollstr::accounts::limits::sends::status::Status;

use crate::phone::toll_fraud::{Ask, MINUTE, ask, attack};
use crate::support::app::{START_TIME, Site};

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
