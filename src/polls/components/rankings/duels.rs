//! Choices compared two by two: a row with a bar for the pairs won, and the table of all pairs.

use leptos::prelude::*;

use crate::polls::components::bar_row::{BarRow, leads, part};
use crate::polls::model::counting::count::{Count, Duels, Row};
use crate::polls::model::counting::share::Share;
use crate::web::components::sentence::{Sentence, quote};
use crate::web::number::grouped;

/// The row of a choice: how many of the others it beats.
pub(crate) fn duel_row(count: &Count, row: &Row) -> impl IntoView + use<> {
    let (wins, others) = count.final_votes(row);
    let share = view! { <td class="share" colspan="2">{count.final_share(row)}</td> };
    view! {
        <BarRow class=leads(row.leads) text=row.text.clone() numbers=share.into_any()>
            {part("bar-fill", 0, Share::bar(wins, others))}
        </BarRow>
    }
}

/// The table of all pairs, and how they were counted.
#[component]
pub fn DuelTable(
    /// The count.
    count: Count,
    /// The pairs in it.
    duels: Duels,
    /// Whether the count is final.
    closed: bool,
) -> impl IntoView {
    let numbered = || (1..).zip(&count.rows);
    let heads = numbered().map(|(number, row)| {
        view! { <th scope="col">{number} <span class="visually-hidden" dir="auto">" " {row.text.clone()}</span></th> }
    });
    let rows = numbered().enumerate().map(|(index, (number, row))| {
        let cells = (0..count.rows.len()).map(|other| cell(&duels, index, other));
        view! {
            <tr>
                <th scope="row">{number} ". " <bdi>{row.text.clone()}</bdi> {row.leads.then(|| view! { " " <span class="badge">{if closed { "Winner" } else { "Leads" }}</span> })}</th>
                {cells.collect_view()}
            </tr>
        }
    });
    let left_out: Vec<String> = duels
        .left_out
        .iter()
        .map(|pair| win(&count, *pair))
        .collect();
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label="All pairs">
            <table class="round pairs">
                <caption>"Each against each: how many voters rank the choice of the row above that of the column"</caption>
                <thead><tr><th scope="col"><span class="visually-hidden">"Choice"</span></th> {heads.collect_view()}</tr></thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
        {(!left_out.is_empty()).then(|| view! {
            <p class="round-end">
                "Left out, because these wins would close a circle with wins as large or larger: "
                <Sentence words=left_out.join(", ")/> "."
            </p>
        })}
        <details class="rounds" id="rounds">
            <summary>"How it was counted: each against each"</summary>
            <p class="hint">{count.kind.rule(count.tie_rule)}</p>
        </details>
    }
}

/// The votes of a row against a column; the larger number of the two is bold.
fn cell(duels: &Duels, row: usize, column: usize) -> impl IntoView + use<> {
    let (votes, against) = (duels.above[row][column], duels.above[column][row]);
    if row == column {
        return view! { <td>"–"</td> }.into_any();
    }
    let to = view! { <span class="visually-hidden">{format!(" to {}", grouped(against))}</span> };
    if votes > against {
        view! { <td><strong>{grouped(votes)}</strong> {to}</td> }.into_any()
    } else {
        view! { <td>{grouped(votes)} {to}</td> }.into_any()
    }
}

/// Describes a win: `“A” over “B” (7 to 5)`.
fn win(count: &Count, [winner, loser]: [i64; 2]) -> String {
    let index = |position| count.rows.iter().position(|row| row.position == position);
    let above = |one, other| {
        let duels = count.steps.duels.as_ref()?;
        Some(grouped(duels.above[index(one)?][index(other)?]))
    };
    format!(
        "{} over {} ({} to {})",
        quote(count.text(winner)),
        quote(count.text(loser)),
        above(winner, loser).unwrap_or_default(),
        above(loser, winner).unwrap_or_default()
    )
}
