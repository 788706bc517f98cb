//! Counts the numbers that strangers check, in memory: nothing about a check is stored.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::accounts::limits::limit::{Limit, Rate, TooOften};
use crate::platform::clock::Seconds;
use crate::web::http::client_ip::ClientIp;

/// Most networks that are counted at a time; all counts begin again when there are more.
const MAX_NETWORKS: usize = 10_000;

/// The checks of this instance in the current window, by network.
#[derive(Clone, Debug, Default)]
pub struct NumberChecks(Arc<Mutex<Window>>);

#[derive(Debug, Default)]
struct Window {
    begins_at: Seconds,
    counts: HashMap<String, i64>,
}

impl NumberChecks {
    /// Counts a check.
    ///
    /// # Errors
    /// If the client's network has made as many as it may until the window ends.
    pub fn count(&self, address: &ClientIp, now: Seconds) -> Result<(), TooOften> {
        let limit = Limit::NumberCheck;
        let Rate { most, window } = limit.rate();
        let mut current = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let ends_at = current.begins_at + window;
        let over = !(current.begins_at..ends_at).contains(&now);
        if over || current.counts.len() >= MAX_NETWORKS {
            *current = Window {
                begins_at: now,
                counts: HashMap::new(),
            };
        }
        let count = current.counts.entry(address.network()).or_default();
        if *count >= most {
            return limit.after(ends_at - now);
        }
        *count += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> ClientIp {
        ClientIp::of(text.parse().unwrap())
    }

    #[test]
    fn a_network_checks_a_hundred_numbers_in_ten_minutes_and_others_go_on() {
        let checks = NumberChecks::default();
        let (one, neighbour) = (address("2001:db8:1:1::1"), address("2001:db8:1:2::1"));
        for n in 0..100 {
            assert_eq!(checks.count(&one, 1_000 + n), Ok(()));
        }
        let refused = checks.count(&neighbour, 1_100).unwrap_err();
        assert_eq!(refused.wait, 500, "it has the same /48");
        assert_eq!(checks.count(&address("192.0.2.1"), 1_100), Ok(()));
        assert!(checks.count(&one, 1_599).is_err());
        assert_eq!(checks.count(&one, 1_600), Ok(()));
    }

    #[test]
    fn a_clock_that_is_set_back_begins_a_new_window() {
        let checks = NumberChecks::default();
        for _ in 0..100 {
            assert_eq!(checks.count(&address("192.0.2.1"), 5_000), Ok(()));
        }
        assert!(checks.count(&address("192.0.2.1"), 5_000).is_err());
        assert_eq!(checks.count(&address("192.0.2.1"), 4_999), Ok(()));
    }

    #[test]
    fn a_flood_of_networks_takes_no_more_memory() {
        let checks = NumberChecks::default();
        for n in 0..2 * u32::try_from(MAX_NETWORKS).unwrap() {
            let address = ClientIp::of(std::net::Ipv4Addr::from_bits(n).into());
            assert_eq!(checks.count(&address, 1_000), Ok(()));
        }
        let kept = checks.0.lock().unwrap().counts.len();
        assert!(kept <= MAX_NETWORKS, "{kept}");
    }
}
