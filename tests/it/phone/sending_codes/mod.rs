//! Sending codes: which numbers get one, how often, where and at what cost, and what the operator
//! sees.

mod countries;
mod limits;
mod numbers;
mod records;

use std::sync::atomic::{AtomicI64, Ordering};

use futures::future::join_all;
use sea_orm::ConnectionTrait;

use crate::support::app::Site;
use crate::support::browser::{Page, Person};

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
