//! Provider outages seen through the whole site: pages in time, no wrong verification, nothing of a
//! person's limits used up.

mod codes;
mod faults;
mod health;

use std::time::Duration;

use pollstr::platform::clock::Clock;
use pollstr::simulator::Simulator;

use crate::phone::providers::Vendor;
use crate::support::app::{START_TIME, Site};
use crate::support::browser::{Page, Person};

/// A site that uses one of the providers, played by the simulator.
struct Provided {
    site: Site,
    phones: Simulator,
}

impl Provided {
    async fn by(vendor: Vendor) -> Self {
        let clock = Clock::manual(START_TIME);
        let phones = Simulator::new(clock.clone());
        let address = phones.listen().await.unwrap();
        Self {
            site: Site::provided(clock, &vendor.settings(&address)).await,
            phones,
        }
    }

    fn code(&self) -> String {
        self.phones.messages()[0].code.clone()
    }

    /// Returns how many messages, wrong codes and attempts are counted.
    async fn used_up(&self) -> (i64, i64, i64) {
        let wrong = "SELECT COUNT(*) FROM failure WHERE rule LIKE 'wrong code%'";
        let tries = "SELECT COALESCE(SUM(tries), 0) FROM verification";
        (
            self.site.count("SELECT COUNT(*) FROM send").await,
            self.site.count(wrong).await,
            self.site.count(tries).await,
        )
    }
}

/// Submits a form and expects a page within six seconds.
async fn in_time(person: &Person, path: &str, button: &str, field: (&str, &str)) -> Page {
    let mut form = person.form(path, button).await;
    form.push((field.0.to_owned(), field.1.to_owned()));
    tokio::time::timeout(Duration::from_secs(6), person.post(path, &form))
        .await
        .unwrap()
}
