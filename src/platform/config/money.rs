//! Sums of money.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Sub};
use std::str::FromStr;

/// A sum of money in the operator's currency, exact to a millionth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Money(i64);

pub(super) const MILLION: i64 = 1_000_000;

impl FromStr for Money {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (whole, part) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || whole.len() > 9 || part.len() > 6 || !digits(whole) || !digits(part)
        {
            return Err(());
        }
        let number = |text: &str| text.parse::<i64>().map_err(drop);
        Ok(Self(
            number(whole)? * MILLION + number(&format!("{part:0<6}"))?,
        ))
    }
}

impl fmt::Display for Money {
    /// Rounds up to hundredths.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hundredths = (self.0 + 9_999) / 10_000;
        f.pad(&format!("{}.{:02}", hundredths / 100, hundredths % 100))
    }
}

impl Add for Money {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Money {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(sums: I) -> Self {
        sums.fold(Self(0), Add::add)
    }
}

impl Money {
    /// Multiplies by a count.
    #[must_use]
    pub fn times(self, count: i64) -> Self {
        Self(self.0.saturating_mul(count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_exact_and_shown_in_hundredths_never_too_little() {
        let sum: Money = ["0.041", "0.041", "1"]
            .map(|text| text.parse::<Money>().unwrap())
            .into_iter()
            .sum();
        assert_eq!((sum, sum.to_string().as_str()), (Money(1_082_000), "1.09"));
        assert_eq!(Money(41_200).times(1_000).to_string(), "41.20");
        for text in ["", ".", "-1", "1e3", "1,5", "1.0000001", "9999999999"] {
            assert_eq!(text.parse::<Money>(), Err(()), "{text}");
        }
    }
}
