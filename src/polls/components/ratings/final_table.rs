//! The final of a rated poll, and how its votes were counted.

use leptos::prelude::*;

use crate::polls::model::counting::count::{Count, Final, Tie};
use crate::web::number::grouped;

/// The table of the final, if there is one with two choices, and the rule in words.
#[component]
pub fn RatingRule(
    /// The count.
    count: Count,
    /// Whether the count is final.
    closed: bool,
) -> impl IntoView {
    let held = count.steps.final_round.clone();
    let held = held.filter(|held| !held.prefer.is_empty());
    let title = match count.steps.final_round {
        Some(_) => "How it was counted: totals and a final",
        None => "How it was counted: the highest total",
    };
    view! {
        {held.map(|held| final_table(&count, &held, closed))}
        <details class="rounds" id="rounds">
            <summary>{title}</summary>
            <p class="hint">{count.kind.rule(count.tie_rule)}</p>
        </details>
    }
}

fn final_table(count: &Count, held: &Final, closed: bool) -> impl IntoView + use<> {
    let ahead = if closed { "Winner" } else { "Leads" };
    let leads = |choice: i64| {
        count
            .rows
            .iter()
            .any(|row| row.position == choice && row.leads)
    };
    let rows = held.finalists.iter().zip(&held.prefer).map(|(&choice, &votes)| {
        view! {
            <tr>
                <th scope="row"><bdi>{count.text(choice).to_owned()}</bdi> {leads(choice).then(|| view! { " " <span class="badge">{ahead}</span> })}</th>
                <td>{grouped(votes)}</td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    view! {
        <table class="round">
            <caption>"The final: how many voters rate each of the two higher"</caption>
            <thead>
                <tr>
                    <th scope="col"><span class="visually-hidden">"Choice"</span></th>
                    <th scope="col">"Voters"</th>
                </tr>
            </thead>
            <tbody>
                {rows}
                <tr class="exhausted"><th scope="row">"No preference"</th><td>{grouped(held.same)}</td></tr>
            </tbody>
        </table>
        {places(&held.places).map(|places| view! { <p class="round-end">{places}</p> })}
    }
}

/// Says how ties for a place in the final were broken, by the last of them.
fn places(ties: &[Tie]) -> Option<&'static str> {
    ties.last().map(|tie| match tie {
        Tie::Pairs => "Choices tied for a place in the final were compared two by two.",
        Tie::Fives => "Choices tied for a place in the final were told apart by their fives.",
        Tie::Order => "Choices tied for a place in the final: the one higher on the list is in it.",
        Tie::Drawn => "A draw decided between choices tied for a place in the final.",
        Tie::Undrawn | Tie::Total | Tie::EarlierRound => {
            "Choices are tied for a place in the final."
        }
    })
}
