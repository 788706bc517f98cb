//! A row of a poll with several winners: a bar that grows stage by stage, past the line of the
//! quota or not.

use leptos::prelude::*;

use crate::polls::components::bar_row::{BarRow, line, numbers, part};
use crate::polls::components::rankings::stages::votes_text;
use crate::polls::model::counting::count::{Count, Row, Seats, Standing};
use crate::polls::model::counting::rankings::stages::{Fate, UNITS};
use crate::polls::model::counting::share::Share;
use crate::web::number::of;

/// Decimals of the votes in a row; the tables of stages have all.
const DECIMALS: usize = 2;

/// The row of a choice. Until the count is final, no choice is elected.
pub(crate) fn seat_row(
    count: &Count,
    seats: &Seats,
    row: &Row,
    closed: bool,
) -> impl IntoView + use<> {
    let elected = if closed {
        "elected"
    } else {
        "would be elected"
    };
    let (votes, of_all) = count.final_votes(row);
    let bar = |votes| Share::bar(votes, of_all);
    let fate = seats.fate(row.position);
    let (class, became, reached) = match fate {
        Fate::Elected(number) => ("leads", format!(", {elected} in stage {number}"), number),
        Fate::Out(number) => ("is-out", format!(", out after stage {number}"), number),
        Fate::Open => ("", String::new(), seats.stages.len()),
    };
    let mut end = row.votes * UNITS;
    let gains = seats.stages[..reached].iter().filter_map(|stage| {
        let standing = Standing::of(&stage.standing, row.position)?;
        let begin = end;
        end += standing.gained;
        (standing.gained > 0).then(|| part("bar-gain", bar(begin), bar(end) - bar(begin)))
    });
    let gains = gains.collect_view();
    let first_choices = part("bar-fill bar-first", 0, bar(row.votes * UNITS));
    let quota = line(bar(seats.quota * UNITS));
    let note = of(row.votes, "first choice") + &became;
    let share = Share::of(votes, of_all).text(of_all);
    view! {
        <BarRow class text=row.text.clone() note=Some(note) numbers=numbers(votes_text(votes, DECIMALS), share)>
            {first_choices} {gains} {quota}
        </BarRow>
    }
}
