//! Rankings in the BLT format of election software.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::Bound;
use std::sync::Arc;

use axum::body::Body;
use futures::stream;

use crate::polls::model::kind::Kind;
use crate::polls::model::poll::{Choice, Poll};
use crate::polls::model::selection::Selection;

/// Streams a BLT file: candidates and seats, ballots, names, title.
pub(crate) fn ballot_lines(poll: Arc<Poll>, counts: Arc<BTreeMap<String, i64>>) -> Body {
    let seats = if let Kind::Seats { seats } = poll.kind {
        seats
    } else {
        1
    };
    let mut head = format!("{} {seats}\n", poll.choices.len());
    let after = (Some(std::mem::take(&mut head)), Bound::Unbounded);
    let pieces = stream::unfold(Some(after), move |state| {
        let next = state.map(|(head, after)| {
            let mut piece = head.unwrap_or_default();
            let mut last = None;
            for (choices, times) in counts
                .range::<String, _>((after, Bound::Unbounded))
                .take(PIECE)
            {
                let numbers = Selection::read(choices)
                    .map(|selection| numbers(&poll.choices, &selection))
                    .unwrap_or_default();
                let _ = writeln!(piece, "{times}{numbers} 0");
                last = Some(choices.clone());
            }
            let state = last.map(|last| (None, Bound::Excluded(last)));
            if state.is_none() {
                piece.push_str("0\n");
                for text in poll
                    .choices
                    .iter()
                    .map(|choice| &choice.text)
                    .chain([&poll.question])
                {
                    let _ = writeln!(piece, "\"{}\"", name(text));
                }
            }
            (Ok::<_, std::convert::Infallible>(piece), state)
        });
        std::future::ready(next)
    });
    Body::from_stream(pieces)
}

pub(crate) fn numbers(choices: &[Choice], selection: &Selection) -> String {
    let number = |position: &i64| {
        choices
            .iter()
            .position(|choice| choice.position == *position)
            .map(|index| format!(" {}", index + 1))
    };
    selection.positions().iter().filter_map(number).collect()
}

/// Rankings per chunk of the stream.
pub(super) const PIECE: usize = 2_000;

/// Cleans a name for a quoted string, since BLT has no escapes. Some readers have one all the same:
/// a backslash at the end would take the closing quotation mark with it.
pub(super) fn name(text: &str) -> String {
    let mut name = text.replace('"', "'").replace(char::is_control, " ");
    if name.ends_with('\\') {
        name.push(' ');
    }
    name
}

#[cfg(test)]
#[path = "blt_tests.rs"]
mod tests;
