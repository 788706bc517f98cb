//! A choice's share of the voters, as everyone who divides the votes would get it.
//!
//! Each share is rounded by itself, so equal votes have equal shares and the shares needn't add up
//! to 100.

use std::fmt;

use serde::{Deserialize, Serialize};

/// From this many voters on, shares have a decimal: it takes a thousand for one vote to show in it.
const DECIMAL_FROM: i64 = 1_000;

/// A percentage, in JSON a number. What would round to nothing is exact to two decimals, so that
/// only a choice without votes has 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "f64", into = "f64")]
pub struct Share {
    hundredths: i64,
}

impl Share {
    /// The share of `votes` in as many ballots, of which each voter has one.
    #[must_use]
    pub fn of(votes: i64, ballots: i64) -> Self {
        let step = step(ballots);
        let rounded = divide(votes * 10_000, ballots * step) * step;
        let hundredths = if votes > 0 && rounded == 0 {
            Self::bar(votes, ballots).max(1)
        } else {
            rounded
        };
        Self { hundredths }
    }

    /// The share in words, beside others of the same ballots: `29 %`, `28.6 %`, `< 1 %`.
    #[must_use]
    pub fn text(self, ballots: i64) -> String {
        let (whole, decimal) = (self.hundredths / 100, self.hundredths / 10 % 10);
        let too_small = (1..step(ballots)).contains(&self.hundredths);
        match (has_decimal(ballots), too_small) {
            (true, true) => "< 0.1\u{a0}%".to_owned(),
            (true, false) => format!("{whole}.{decimal}\u{a0}%"),
            (false, true) => "< 1\u{a0}%".to_owned(),
            (false, false) => format!("{whole}\u{a0}%"),
        }
    }

    /// The length of a bar of 10,000 units: exact where the share is rounded.
    #[must_use]
    pub fn bar(votes: i64, ballots: i64) -> i64 {
        divide(votes * 10_000, ballots)
    }

    /// Whether these shares don't add up to 100 because each is rounded.
    #[must_use]
    pub fn are_rounded(shares: impl IntoIterator<Item = Self>) -> bool {
        let sum: i64 = shares.into_iter().map(|share| share.hundredths).sum();
        sum != 0 && sum != 10_000
    }
}

/// A plain number: `29`, `28.6`, `0.33`.
impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.hundredths / 100, self.hundredths % 100);
        match (rest, rest % 10) {
            (0, _) => write!(f, "{whole}"),
            (_, 0) => write!(f, "{whole}.{}", rest / 10),
            _ => write!(f, "{whole}.{rest:02}"),
        }
    }
}

impl From<Share> for f64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "there are 10,000 hundredths at most"
    )]
    fn from(share: Share) -> Self {
        share.hundredths as Self / 100.0
    }
}

impl From<f64> for Share {
    #[expect(clippy::cast_possible_truncation, reason = "a percentage fits")]
    fn from(percent: f64) -> Self {
        Self {
            hundredths: (percent * 100.0).round() as i64,
        }
    }
}

/// The step to which shares are rounded, in hundredths of a percent.
fn step(ballots: i64) -> i64 {
    if has_decimal(ballots) { 10 } else { 100 }
}

fn has_decimal(ballots: i64) -> bool {
    ballots >= DECIMAL_FROM
}

/// Divides to the nearest; a half is rounded up. Nothing of nothing is nothing.
fn divide(part: i64, whole: i64) -> i64 {
    if whole == 0 {
        0
    } else {
        (2 * part + whole) / (2 * whole)
    }
}
