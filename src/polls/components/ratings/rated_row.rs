//! A row of a rated poll: its total with a bar, and its average.

use leptos::prelude::*;

use crate::polls::components::ranked_row::part;
use crate::polls::model::counting::count::{Count, Row};
use crate::polls::model::counting::ratings::average::Average;
use crate::polls::model::counting::share::Share;
use crate::web::number::grouped;

/// The row of a choice.
pub(crate) fn rated_row(count: &Count, row: &Row) -> impl IntoView + use<> {
    let (total, possible) = count.final_votes(row);
    let in_final = count.final_round.as_ref();
    let in_final = in_final.is_some_and(|held| held.finalists.contains(&row.position));
    view! {
        <tr class=if row.leads { "leads" } else { "" }>
            <th scope="row">
                <span class="result-text" dir="auto">{row.text.clone()}</span>
                {in_final.then(|| view! { <span class="result-note">"In the final"</span> })}
                <svg class="bar" viewBox="0 0 10000 1" preserveAspectRatio="none" aria-hidden="true">
                    <rect class="bar-track" width="10000" height="1"></rect>
                    {part("bar-fill", 0, Share::bar(total, possible))}
                </svg>
            </th>
            <td class="votes">{grouped(total)}</td>
            <td class="share">{Average::of(total, count.ballots).to_string()}</td>
        </tr>
    }
}
