//! Rounds of the run-off: a table per round, and where the ballots of eliminated choices went.

use leptos::prelude::*;

use crate::polls::components::naming::{DRAW_DECIDES, named};
use crate::polls::components::summary::tie_of_all;
use crate::polls::model::counting::count::{Count, Round, Tie};
use crate::web::components::sentence::Sentence;
use crate::web::number::{grouped, of};

/// The rounds of a run-off, collapsed by default.
#[component]
pub fn Rounds(
    /// The count.
    count: Count,
) -> impl IntoView {
    let rounds = count.rounds.len();
    let title = if rounds == 1 {
        "How it was counted: one round".to_owned()
    } else {
        format!("How it was counted: {rounds} rounds")
    };
    let tables = count.rounds.iter().enumerate().map(|(index, round)| {
        let before = index
            .checked_sub(1)
            .map_or(0, |before| count.rounds[before].exhausted);
        round_table(&count, index + 1, round, round.exhausted - before)
    });
    view! {
        <details class="rounds" id="rounds">
            <summary>{title}</summary>
            <p class="hint">{count.tie_rule.text()}</p>
            {tables.collect_view()}
        </details>
    }
}

fn round_table(
    count: &Count,
    number: usize,
    round: &Round,
    newly_exhausted: i64,
) -> impl IntoView + use<> {
    let rows = round.standing.iter().map(|standing| {
        let out = round.out.contains(&standing.choice);
        view! {
            <tr class=if out { "out" } else { "" }>
                <th scope="row" dir="auto">{count.text(standing.choice).to_owned()}</th>
                {(number > 1).then(|| view! { <td>{gained(standing.gained)}</td> })}
                <td>{grouped(standing.votes)}</td>
            </tr>
        }
    });
    let exhausted = (round.exhausted > 0).then(|| {
        view! {
            <tr class="exhausted">
                <th scope="row">"No choices left"</th>
                {(number > 1).then(|| view! { <td>{gained(newly_exhausted)}</td> })}
                <td>{grouped(round.exhausted)}</td>
            </tr>
        }
    });
    view! {
        <table class="round">
            <caption>{format!("Round {number}")}</caption>
            <thead>
                <tr>
                    <th scope="col"><span class="visually-hidden">"Choice"</span></th>
                    {(number > 1).then(|| view! { <th scope="col">"New"</th> })}
                    <th scope="col">"Votes"</th>
                </tr>
            </thead>
            <tbody>{rows.collect_view()} {exhausted}</tbody>
        </table>
        <p class="round-end"><Sentence words=ending(count, round)/></p>
    }
}

fn gained(votes: i64) -> String {
    if votes > 0 {
        format!("+{}", grouped(votes))
    } else {
        String::new()
    }
}

/// Describes the outcome of a round in words.
fn ending(count: &Count, round: &Round) -> String {
    let names = named(count, &round.out);
    let votes: i64 = round
        .standing
        .iter()
        .filter(|standing| round.out.contains(&standing.choice))
        .map(|standing| standing.votes)
        .sum();
    let why = match round.tie {
        None => "",
        Some(Tie::EarlierRound) => " Tied for last, and had fewer votes in an earlier round.",
        Some(Tie::Pairs) => " Tied for last, and did worst against the others tied, two by two.",
        Some(Tie::Order) => " Tied for last in every round, and lower on the list.",
        Some(_) => " Tied for last in every way, and drawn by lot.",
    };
    let out = |are: &str| format!("{names} {are} out");
    match (round.out.len(), votes) {
        _ if round.tie == Some(Tie::Undrawn) => {
            format!("{names} are tied for last. {DRAW_DECIDES}")
        }
        (0, _) => {
            let (most, all) = (round.most(), round.votes());
            if most * 2 > all {
                format!("{} of {}: a majority.", grouped(most), of(all, "vote"))
            } else {
                format!("Everyone left is tied.{}", tie_of_all(round))
            }
        }
        (1, 0) => format!("{}, with no votes.", out("is")),
        (_, 0) => format!("{}, with no votes.", out("are")),
        (_, 1) => format!(
            "{}.{why} Its vote moves to that voter's next choice still in the race.",
            out("is")
        ),
        _ => format!(
            "{}.{why} Its {} votes move to each voter's next choice still in the race.",
            out("is"),
            grouped(votes)
        ),
    }
}

#[cfg(test)]
#[path = "rounds_tests.rs"]
mod tests;
