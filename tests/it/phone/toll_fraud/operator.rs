//! What the operator can do: raise limits, end pauses, and read about both.

use pollstr::accounts::limits::circuit_breaker::area::Kind;
use pollstr::accounts::limits::circuit_breaker::resume::{self, resume};
use pollstr::accounts::limits::sends::SendDenied;
use pollstr::accounts::limits::{Limit, allow_for_an_event};
use sea_orm::ConnectionTrait;

use crate::phone::toll_fraud::{Ask, address, ask, attack};
use crate::support::app::{START_TIME, Site};
use crate::support::environment::{folder, program};

fn is_paused(answer: &Result<i64, SendDenied>) -> bool {
    matches!(answer, Err(SendDenied::Paused { country: "United Kingdom", wait }) if wait.kind == Kind::Country)
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
