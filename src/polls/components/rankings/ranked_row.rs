//! A row of a run-off: a bar that grows round by round, up to the last round of its choice.

use leptos::prelude::*;

use crate::polls::components::bar_row::{BarRow, line, numbers, part};
use crate::polls::model::counting::count::{Count, Row};
use crate::polls::model::counting::share::Share;
use crate::web::number::{grouped, of};

/// The row of a choice; `None` if the poll has no rounds.
pub(crate) fn ranked_row(count: &Count, row: &Row) -> Option<impl IntoView + use<>> {
    let (reached, _) = count.reached(row)?;
    let (votes, of_all) = count.final_votes(row);
    let last = count.rounds.last()?;
    let bar = |votes| Share::bar(votes, count.ballots);
    let mut end = row.votes;
    let gains = count.rounds[..=reached].iter().filter_map(|round| {
        let gained = round.gained_by(row.position).filter(|gained| *gained > 0)?;
        let begin = end;
        end += gained;
        Some(part("bar-gain", bar(begin), bar(end) - bar(begin)))
    });
    let gains = gains.collect_view();
    let first_choices = part("bar-fill bar-first", 0, bar(row.votes));
    let majority = line(bar(last.votes()) / 2);
    let is_out = last.votes_of(row.position).is_none();
    let first = (count.rounds.len() > 1).then(|| {
        let out = is_out.then(|| format!(", out after round {}", reached + 1));
        of(row.votes, "first choice") + &out.unwrap_or_default()
    });
    let class = match (row.leads, is_out) {
        (true, _) => "leads",
        (false, true) => "is-out",
        (false, false) => "",
    };
    let share = Share::of(votes, of_all).text(of_all);
    Some(view! {
        <BarRow class text=row.text.clone() note=first numbers=numbers(grouped(votes), share)>
            {first_choices} {gains} {majority}
        </BarRow>
    })
}
