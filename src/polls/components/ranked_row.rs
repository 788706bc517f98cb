//! A row of a run-off: a bar that grows round by round, up to the last round of its choice.

use leptos::prelude::*;

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
    let majority = (bar(last.votes()) / 2).to_string();
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
    Some(view! {
        <tr class=class>
            <th scope="row">
                <span class="result-text" dir="auto">{row.text.clone()}</span>
                {first.map(|first| view! { <span class="result-note">{first}</span> })}
                <svg class="bar" viewBox="0 0 10000 1" preserveAspectRatio="none" aria-hidden="true">
                    <rect class="bar-track" width="10000" height="1"></rect>
                    {part("bar-fill bar-first", 0, bar(row.votes))}
                    {gains}
                    <line class="bar-majority" x1=majority.clone() x2=majority y1="0" y2="1"></line>
                </svg>
            </th>
            <td class="votes">{grouped(votes)}</td>
            <td class="share">{Share::of(votes, of_all).text(of_all)}</td>
        </tr>
    })
}

/// A part of a bar, in units of 10,000.
pub(crate) fn part(class: &'static str, begin: i64, width: i64) -> impl IntoView {
    view! { <rect class=class x=begin.to_string() width=width.to_string() height="1"></rect> }
}
