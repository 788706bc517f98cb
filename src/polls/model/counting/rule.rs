//! How motions, rankings and ratings are counted, in words.

use crate::polls::model::counting::ratings::rule::{SCORE_LINE, SCORE_RULE, STAR_LINE, star_rule};
use crate::polls::model::counting::tie_rule::TieRule;
use crate::polls::model::kind::Kind;

/// How a motion is counted.
const MOTION_RULE: &str = "Carried if more are for it than against. Abstentions count for neither.";

impl Kind {
    /// How a motion, ranking or rating is counted, in one line; `None` for other ballots.
    #[must_use]
    pub fn counted_by(self) -> Option<String> {
        match self {
            Self::Single | Self::Multiple { .. } => None,
            Self::Motion => Some(MOTION_RULE.to_owned()),
            Self::Score => Some(SCORE_LINE.to_owned()),
            Self::Star => Some(STAR_LINE.to_owned()),
            Self::Ranked => Some(
                "One winner: the last one drops out, round by round, until one has a majority."
                    .to_owned(),
            ),
            Self::Pairs => Some(
                "One winner: each choice is compared with each other, by how many voters rank it higher."
                    .to_owned(),
            ),
            Self::Seats { seats } => Some(format!(
                "{seats} winners, in proportion: votes that a winner doesn't need move to the voter's next choice."
            )),
        }
    }

    /// How the votes are counted and ties decided, as the pages of the poll say.
    #[must_use]
    pub fn rule(self, ties: TieRule) -> String {
        match self {
            Self::Single | Self::Multiple { .. } | Self::Ranked => ties.text().to_owned(),
            Self::Motion => MOTION_RULE.to_owned(),
            Self::Score => SCORE_RULE.to_owned(),
            Self::Star => star_rule(ties),
            Self::Pairs => format!(
                "Each choice is compared with each other one: the one that more voters rank higher \
                 wins. A choice left out of a ranking is below all that are in it. Larger wins, by \
                 more voters, count first; a win is left out if it would close a circle with wins as \
                 large or larger. The choice that no win is left against wins. If there are several, \
                 {}.",
                match ties {
                    TieRule::ListOrder => "the one highest on the list wins",
                    TieRule::Draw => "a draw decides which of them wins",
                }
            ),
            Self::Seats { .. } => format!(
                "The quota is the number of votes divided by one more than the seats, rounded down, \
                 plus one. Each ballot counts for its highest choice, and a choice that reaches the \
                 quota is elected. What it has above the quota moves on: all its ballots go to their \
                 next choices at a smaller value, the largest surplus first. When there is no surplus, \
                 the last choice is out, and its ballots move on at the value they have. When as many \
                 are left as seats, they are elected. Ties for last, or for the largest surplus: the \
                 last stage in which they differed decides; if they never did, {}. These are the rules \
                 of council elections in Scotland.",
                match ties {
                    TieRule::ListOrder => "the one lower on the list goes first",
                    TieRule::Draw => "a draw decides",
                }
            ),
        }
    }
}
