//! How a ranking decides ties, and the rule in words.

use serde::{Deserialize, Serialize};

/// How a ranking decides ties that earlier rounds leave open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TieRule {
    /// The choice lower on the list is out, and choices that are all level share the win: the rule
    /// of polls older than the draw.
    #[default]
    ListOrder,
    /// Compares the choices in pairs, then draws lots for who is out.
    Draw,
}

impl TieRule {
    /// The rule of a poll with or without the seed of a draw.
    #[must_use]
    pub fn of(has_seed: bool) -> Self {
        if has_seed {
            Self::Draw
        } else {
            Self::ListOrder
        }
    }

    /// The rule of the count, as shown on the results page.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::ListOrder => {
                "Each round counts each ballot for its highest choice still in. More than half \
                 wins. Otherwise the last one is out and its votes move on. Ties for last: the \
                 one with fewer votes in earlier rounds is out; if still tied, the one lower on \
                 the list. If everyone left is tied, they share the win."
            }
            Self::Draw => {
                "Each round counts each ballot for its highest choice still in. More than half \
                 wins. Otherwise the last one is out and its votes move on. Ties for last: the \
                 one with fewer votes in earlier rounds is out; if still tied, the one that does \
                 worst when the tied are compared two by two, by how many voters rank one above \
                 the other; if still tied, a draw decides. If everyone left is tied, the same \
                 comparisons decide who wins, but no draw: if still tied, they share the win."
            }
        }
    }
}
