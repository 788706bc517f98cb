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
    /// For, against or an abstention, in this order; carried if more are for it than against.
    Motion,
    /// The choices in order of preference, counted by instant run-off.
    Ranked,
    /// The choices in order of preference, compared two by two.
    Pairs,
    /// The choices in order of preference; several win, in proportion.
    Seats {
        /// Number of winners.
        seats: i64,
    },
    /// Each choice gets 0 to 5; the highest total wins.
    Score,
    /// Each choice gets 0 to 5; of the two with the highest totals, the one that more voters rate
    /// higher wins.
    Star,
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
    /// A number from 0 to [`MOST_POINTS`] for each choice. A choice left blank gets 0. A ballot with
    /// 0 for all choices says no to each, as one with 5 for all says yes, and is counted; one on
    /// which nothing is filled in is refused, since it was probably sent by mistake.
    Rating,
}

/// The most that a choice can get on a rating.
pub const MOST_POINTS: i64 = 5;

impl Kind {
    /// What a voter fills in.
    #[must_use]
    pub fn ballot(self) -> BallotKind {
        match self {
            Self::Single | Self::Motion => BallotKind::Marks { most: 1 },
            Self::Multiple { most } => BallotKind::Marks { most },
            Self::Ranked | Self::Pairs | Self::Seats { .. } => BallotKind::Ranking,
            Self::Score | Self::Star => BallotKind::Rating,
        }
    }

    /// Whether voters rank the choices.
    #[must_use]
    pub fn is_ranking(self) -> bool {
        self.ballot() == BallotKind::Ranking
    }

    /// Whether voters rate the choices.
    #[must_use]
    pub fn is_rating(self) -> bool {
        self.ballot() == BallotKind::Rating
    }

    /// Whether ballots are tallied as a whole. Such a ballot can be unlike all others and identify
    /// its voter, so these are published only if the organiser chose so beforehand.
    #[must_use]
    pub fn tallies_whole_ballots(self) -> bool {
        match self.ballot() {
            BallotKind::Marks { .. } => false,
            BallotKind::Ranking | BallotKind::Rating => true,
        }
    }

    /// Whether a draw can decide ties.
    #[must_use]
    pub fn has_draw(self) -> bool {
        self.is_ranking() || self == Self::Star
    }

    /// Whether voters may choose as many of so many choices as they like.
    #[must_use]
    pub fn is_approval(self, choices: usize) -> bool {
        matches!(self, Self::Multiple { most } if usize::try_from(most).is_ok_and(|most| most >= choices))
    }

    /// The value stored in the `kind` column; the maximum has its own column.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::Motion => "motion",
            Self::Multiple { .. } => "multiple",
            Self::Ranked => "ranked",
            Self::Pairs => "pairs",
            Self::Seats { .. } => "seats",
            Self::Score => "score",
            Self::Star => "star",
        }
    }

    /// The value stored in the `max_choices` column.
    #[must_use]
    pub fn most(self) -> i64 {
        match self {
            Self::Multiple { most } => most,
            Self::Seats { seats } => seats,
            Self::Single | Self::Motion | Self::Ranked | Self::Pairs | Self::Score | Self::Star => {
                1
            }
        }
    }

    /// The fewest choices with which such a poll can open.
    #[must_use]
    pub fn fewest_choices(self) -> i64 {
        match self {
            Self::Multiple { most } => most.max(2),
            Self::Seats { seats } => seats + 1,
            Self::Motion => 3,
            Self::Single | Self::Ranked | Self::Pairs | Self::Score | Self::Star => 2,
        }
    }

    /// Parses the stored values; `most` applies to [`Kind::Multiple`] and [`Kind::Seats`] only.
    #[must_use]
    pub fn of(stored: &str, most: i64) -> Option<Self> {
        match stored {
            "single" => Some(Self::Single),
            "motion" => Some(Self::Motion),
            "multiple" => Some(Self::Multiple { most }),
            "ranked" => Some(Self::Ranked),
            "pairs" => Some(Self::Pairs),
            "seats" => Some(Self::Seats { seats: most }),
            "score" => Some(Self::Score),
            "star" => Some(Self::Star),
            _ => None,
        }
    }
}
