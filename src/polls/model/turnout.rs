//! How many people have voted, as told while results are hidden: coarse, and the same for a minute.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The number is told in steps of this size at first.
const STEP: i64 = 5;
/// From this number of voters on, it is told exactly.
const EXACT_FROM: i64 = 50;
/// How long a turnout stays as it was shown, in milliseconds.
const LASTS: i64 = 60_000;

/// How many people have voted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Turnout {
    /// Fewer than this, perhaps none.
    FewerThan(i64),
    /// This many, and fewer than the next step.
    AtLeast(i64),
    /// Exactly this many.
    Exactly(i64),
}

impl Turnout {
    /// Returns what is told of this many voters.
    #[must_use]
    pub fn of(voters: i64) -> Self {
        match voters {
            ..STEP => Self::FewerThan(STEP),
            STEP..EXACT_FROM => Self::AtLeast(voters - voters % STEP),
            _ => Self::Exactly(voters),
        }
    }

    /// The fewest voters of whom this is told.
    fn fewest(self) -> i64 {
        match self {
            Self::FewerThan(_) => 0,
            Self::AtLeast(voters) | Self::Exactly(voters) => voters,
        }
    }
}

/// A turnout and when it was read. Its text holds the rounded number only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShownTurnout {
    /// The turnout.
    pub turnout: Turnout,
    /// When it was read, in milliseconds since 1970.
    pub since: i64,
}

impl ShownTurnout {
    /// Parses a stored text, such as `10 1795500000000`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (voters, since) = text.split_once(' ')?;
        Some(Self {
            turnout: Turnout::of(voters.parse().ok()?),
            since: since.parse().ok()?,
        })
    }

    /// Whether it is still shown. After a clock that was ahead, it is not.
    #[must_use]
    pub fn lasts(&self, now: i64) -> bool {
        (0..LASTS).contains(&(now - self.since))
    }
}

impl fmt::Display for ShownTurnout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.turnout.fewest(), self.since)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_voters_are_told_in_steps_of_five_and_many_exactly() {
        for (voters, told) in [
            (0, Turnout::FewerThan(5)),
            (4, Turnout::FewerThan(5)),
            (5, Turnout::AtLeast(5)),
            (14, Turnout::AtLeast(10)),
            (49, Turnout::AtLeast(45)),
            (50, Turnout::Exactly(50)),
            (63, Turnout::Exactly(63)),
        ] {
            assert_eq!(Turnout::of(voters), told, "{voters}");
        }
    }

    #[test]
    fn the_stored_text_is_rounded_too_and_is_read_back() {
        for (voters, text) in [(0, "0 7"), (3, "0 7"), (14, "10 7"), (63, "63 7")] {
            let shown = ShownTurnout {
                turnout: Turnout::of(voters),
                since: 7,
            };
            assert_eq!(shown.to_string(), text);
            assert_eq!(ShownTurnout::parse(text), Some(shown));
        }
        for text in ["", "10", "ten 7", "10 now", "10 7 9"] {
            assert_eq!(ShownTurnout::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_turnout_lasts_a_minute_and_not_until_a_clock_that_was_ahead_is_reached() {
        let shown = ShownTurnout {
            turnout: Turnout::of(0),
            since: 100_000,
        };
        assert_eq!(
            [99_999, 100_000, 159_999, 160_000].map(|now| shown.lasts(now)),
            [false, true, true, false]
        );
    }
}
