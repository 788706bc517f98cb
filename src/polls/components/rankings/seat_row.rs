//! A row of a poll with several winners: a bar that grows stage by stage, past the line of the
//! quota or not.

use leptos::prelude::*;

use crate::polls::components::ranked_row::part;
use crate::polls::components::rankings::stages::votes_text;
use crate::polls::model::counting::count::{Count, Row, Seats};
use crate::polls::model::counting::rankings::stages::{Fate, UNITS};
use crate::polls::model::counting::share::Share;
use crate::web::number::grouped;

/// Decimals of the votes in a row; the tables of stages have all.
const DECIMALS: usize = 2;

/// The row of a choice.
pub(crate) fn seat_row(count: &Count, seats: &Seats, row: &Row) -> impl IntoView + use<> {
    let (votes, of_all) = count.final_votes(row);
    let bar = |votes| Share::bar(votes, of_all);
    let fate = seats.fate(row.position);
    let (class, became, reached) = match fate {
        Fate::Elected(number) => ("leads", format!(", elected in stage {number}"), number),
        Fate::Out(number) => ("is-out", format!(", out after stage {number}"), number),
        Fate::Open => ("", String::new(), seats.stages.len()),
    };
    let mut end = row.votes * UNITS;
    let gains = seats.stages[..reached].iter().filter_map(|stage| {
        let mut standing = stage.standing.iter();
        let standing = standing.find(|standing| standing.choice == row.position)?;
        let begin = end;
        end += standing.gained;
        (standing.gained > 0).then(|| part("bar-gain", bar(begin), bar(end) - bar(begin)))
    });
    let gains = gains.collect_view();
    let quota = bar(seats.quota * UNITS).to_string();
    let unit = if row.votes == 1 {
        "first choice"
    } else {
        "first choices"
    };
    view! {
        <tr class=class>
            <th scope="row">
                <span class="result-text" dir="auto">{row.text.clone()}</span>
                <span class="result-note">{format!("{} {unit}{became}", grouped(row.votes))}</span>
                <svg class="bar" viewBox="0 0 10000 1" preserveAspectRatio="none" aria-hidden="true">
                    <rect class="bar-track" width="10000" height="1"></rect>
                    {part("bar-fill bar-first", 0, bar(row.votes * UNITS))}
                    {gains}
                    <line class="bar-majority" x1=quota.clone() x2=quota y1="0" y2="1"></line>
                </svg>
            </th>
            <td class="votes">{votes_text(votes, DECIMALS)}</td>
            <td class="share">{Share::of(votes, of_all).text(of_all)}</td>
        </tr>
    }
}
