//! How a poll is voted on and counted.

use serde::{Deserialize, Serialize};

/// The voting method of a poll.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// One choice; most votes win.
    Single,
    /// Several choices; most votes win.
    Multiple {
        /// Maximum number of choices.
        most: i64,
    },
    /// The choices in order of preference, counted by instant run-off.
    Ranked,
    /// The choices in order of preference, compared two by two.
    Pairs,
    /// The choices in order of preference; several win, in proportion.
    Seats {
        /// Number of winners.
        seats: i64,
    },
}

/// What a voter fills in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BallotKind {
    /// Some of the choices.
    Marks {
        /// Maximum number of choices.
        most: i64,
    },
    /// The choices in order of preference, best first.
    Ranking,
}

impl Kind {
    /// What a voter fills in.
    #[must_use]
    pub fn ballot(self) -> BallotKind {
        match self {
            Self::Single => BallotKind::Marks { most: 1 },
            Self::Multiple { most } => BallotKind::Marks { most },
            Self::Ranked | Self::Pairs | Self::Seats { .. } => BallotKind::Ranking,
        }
    }

    /// Whether voters rank the choices.
    #[must_use]
    pub fn is_ranking(self) -> bool {
        self.ballot() == BallotKind::Ranking
    }

    /// The value stored in the `kind` column; the maximum has its own column.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::Multiple { .. } => "multiple",
            Self::Ranked => "ranked",
            Self::Pairs => "pairs",
            Self::Seats { .. } => "seats",
        }
    }

    /// The value stored in the `max_choices` column.
    #[must_use]
    pub fn most(self) -> i64 {
        match self {
            Self::Multiple { most } => most,
            Self::Seats { seats } => seats,
            Self::Single | Self::Ranked | Self::Pairs => 1,
        }
    }

    /// The fewest choices with which such a poll can open.
    #[must_use]
    pub fn fewest_choices(self) -> i64 {
        match self {
            Self::Multiple { most } => most.max(2),
            Self::Seats { seats } => seats + 1,
            Self::Single | Self::Ranked | Self::Pairs => 2,
        }
    }

    /// Parses the stored values; `most` applies to [`Kind::Multiple`] and [`Kind::Seats`] only.
    #[must_use]
    pub fn of(stored: &str, most: i64) -> Option<Self> {
        match stored {
            "single" => Some(Self::Single),
            "multiple" => Some(Self::Multiple { most }),
            "ranked" => Some(Self::Ranked),
            "pairs" => Some(Self::Pairs),
            "seats" => Some(Self::Seats { seats: most }),
            _ => None,
        }
    }
}
