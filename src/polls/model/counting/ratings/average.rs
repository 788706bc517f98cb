//! The average of what voters give to a choice.

use std::fmt;

/// An average in tenths of a point, rounded to the nearest; a half is rounded up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Average {
    tenths: i64,
}

impl Average {
    /// The average of a total over so many ballots; nothing of nothing is nothing.
    #[must_use]
    pub fn of(total: i64, ballots: i64) -> Self {
        let tenths = if ballots == 0 {
            0
        } else {
            (20 * total + ballots) / (2 * ballots)
        };
        Self { tenths }
    }
}

/// A number with one decimal: `4.3`, `5.0`.
impl fmt::Display for Average {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.tenths / 10, self.tenths % 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_average_has_one_decimal_and_is_rounded_to_the_nearest() {
        let text = |total, ballots| Average::of(total, ballots).to_string();
        assert_eq!([text(0, 0), text(0, 3), text(15, 3)], ["0.0", "0.0", "5.0"]);
        assert_eq!([text(10, 3), text(11, 3)], ["3.3", "3.7"]);
        assert_eq!([text(1, 20), text(1, 21)], ["0.1", "0.0"]);
    }
}
