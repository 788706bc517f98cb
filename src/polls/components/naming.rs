//! Choices of a count named in sentences, and what is said of those that a draw decides about.

use crate::polls::model::counting::count::{Count, Tie};
use crate::web::components::sentence::{quote, quote_all};

/// Said where a draw that isn't made yet would decide.
pub(crate) const DRAW_DECIDES: &str = "A draw at the close decides which of them is out.";

/// Quotes and joins the choices at these positions.
pub(crate) fn named<'a>(count: &Count, positions: impl IntoIterator<Item = &'a i64>) -> String {
    quote_all(&texts(count, positions))
}

/// Names the choices that a draw has put out, given how each tie was broken and who was out then;
/// `None` if there are none.
pub(crate) fn drawn_out<'a>(
    count: &Count,
    ties: impl Iterator<Item = (Option<Tie>, &'a Vec<i64>)>,
) -> Option<String> {
    let drawn = ties.filter(|(tie, _)| *tie == Some(Tie::Drawn));
    match texts(count, drawn.flat_map(|(_, out)| out)).as_slice() {
        [] => None,
        [one] => Some(format!("{} went out by a draw.", quote(one))),
        several => Some(format!("{} went out by draws.", quote_all(several))),
    }
}

fn texts<'a, 'c>(count: &'c Count, positions: impl IntoIterator<Item = &'a i64>) -> Vec<&'c str> {
    let positions = positions.into_iter();
    positions.map(|position| count.text(*position)).collect()
}
