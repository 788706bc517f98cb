//! A row of a rated poll: its total with a bar, and its average.

use leptos::prelude::*;

use crate::polls::components::bar_row::{BarRow, leads, numbers, part};
use crate::polls::model::counting::count::{Count, Row};
use crate::polls::model::counting::ratings::average::Average;
use crate::polls::model::counting::share::Share;
use crate::web::number::grouped;

/// The row of a choice.
pub(crate) fn rated_row(count: &Count, row: &Row) -> impl IntoView + use<> {
    let (total, possible) = count.final_votes(row);
    let in_final = count.steps.final_round.as_ref();
    let in_final = in_final.is_some_and(|held| held.finalists.contains(&row.position));
    let average = Average::of(total, count.ballots).to_string();
    view! {
        <BarRow
            class=leads(row.leads)
            text=row.text.clone()
            note=in_final.then(|| "In the final".to_owned())
            numbers=numbers(grouped(total), average)
        >
            {part("bar-fill", 0, Share::bar(total, possible))}
        </BarRow>
    }
}
