//! How ratings are counted, in words.

use crate::polls::model::counting::tie_rule::TieRule;

/// How ratings are added up, in one line.
pub const SCORE_LINE: &str = "Give each choice 0 to 5. The highest total wins.";
/// How ratings with a final are counted, in one line.
pub const STAR_LINE: &str = "Give each choice 0 to 5. The two highest totals go into a final: the one that more voters rate higher wins.";

/// How ratings are added up and ties decided.
pub const SCORE_RULE: &str = "Each voter gives each choice 0 to 5; a choice left blank gets 0. The highest total wins. \
    Choices that share the highest total share the win.";

/// How ratings with a final are counted and ties decided.
#[must_use]
pub fn star_rule(ties: TieRule) -> String {
    let at_last = match ties {
        TieRule::ListOrder => "the one higher on the list",
        TieRule::Draw => "a draw decides",
    };
    format!(
        "Each voter gives each choice 0 to 5; a choice left blank gets 0. The two highest totals go into \
         the final. There, each vote counts for the choice it rates higher, and the choice with more \
         votes wins; a vote that rates both the same counts for neither. Ties for a place in the final: \
         the tied are compared two by two, and the one that beats most, less those that beat it, goes \
         in; if still tied, the one with more fives; if still tied, {at_last}. A tie in the final: the higher \
         total wins; if that is equal too, the one with more fives; if still tied, {at_last}. A choice without \
         points can't be in the final."
    )
}
