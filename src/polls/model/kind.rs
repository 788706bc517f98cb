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
            Self::Ranked => BallotKind::Ranking,
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
        }
    }

    /// The value stored in the `max_choices` column.
    #[must_use]
    pub fn most(self) -> i64 {
        match self {
            Self::Multiple { most } => most,
            Self::Single | Self::Ranked => 1,
        }
    }

    /// Parses the stored values; `most` applies to [`Kind::Multiple`] only.
    #[must_use]
    pub fn of(stored: &str, most: i64) -> Option<Self> {
        match stored {
            "single" => Some(Self::Single),
            "multiple" => Some(Self::Multiple { most }),
            "ranked" => Some(Self::Ranked),
            _ => None,
        }
    }
}
