//! Stages of a poll with several winners: a table per stage, and what followed from it.

use leptos::prelude::*;

use crate::polls::components::naming::named;
use crate::polls::components::rankings::verdicts::undrawn;
use crate::polls::model::counting::count::{Count, Seats, Stage, Tie};
use crate::polls::model::counting::rankings::stages::UNITS;
use crate::web::components::sentence::Sentence;
use crate::web::number::grouped;

/// All decimals of a vote.
const DECIMALS: usize = 5;

/// The stages, collapsed by default.
#[component]
pub fn Stages(
    /// The count.
    count: Count,
    /// The stages in it.
    seats: Seats,
    /// Whether the count is final.
    closed: bool,
) -> impl IntoView {
    let title = match seats.stages.len() {
        1 => "How it was counted: one stage".to_owned(),
        stages => format!("How it was counted: {stages} stages"),
    };
    let tables = (1..)
        .zip(&seats.stages)
        .map(|(number, stage)| stage_table(&count, &seats, closed, number, stage));
    let quota = format!(
        "The quota here: {} ÷ {}, rounded down, plus 1: {} votes.",
        grouped(count.ballots),
        seats.seats + 1,
        grouped(seats.quota)
    );
    view! {
        <details class="rounds" id="rounds">
            <summary>{title}</summary>
            <p class="hint">{count.kind.rule(count.tie_rule)}</p>
            <p class="hint">{quota}</p>
            {tables.collect_view()}
        </details>
    }
}

fn stage_table(
    count: &Count,
    seats: &Seats,
    closed: bool,
    number: usize,
    stage: &Stage,
) -> impl IntoView + use<> {
    let later = number > 1;
    let badge = if closed { "Elected" } else { "Ahead" };
    let rows = stage.standing.iter().map(|standing| {
        let out = stage.out.contains(&standing.choice) && !stage.is_undrawn();
        let elected = stage.winners().any(|winner| winner == standing.choice);
        view! {
            <tr class=if out { "out" } else { "" }>
                <th scope="row"><bdi>{count.text(standing.choice).to_owned()}</bdi> {elected.then(|| view! { " " <span class="badge">{badge}</span> })}</th>
                {later.then(|| view! { <td>{change(standing.gained)}</td> })}
                <td>{votes_text(standing.votes, DECIMALS)}</td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    let before = number
        .checked_sub(2)
        .and_then(|before| seats.stages.get(before));
    let newly = stage.exhausted - before.map_or(0, |before| before.exhausted);
    let elected: usize = seats.stages[..number]
        .iter()
        .map(|stage| stage.winners().count())
        .sum();
    let vacancies = usize::try_from(seats.seats).map_or(0, |seats| seats.saturating_sub(elected));
    // Nothing is transferred once as many are left as seats.
    let moves = stage.standing.len() > stage.out.len() + elected + vacancies;
    let exhausted = (stage.exhausted > 0).then(|| {
        view! {
            <tr class="exhausted">
                <th scope="row">"Not transferred"</th>
                {later.then(|| view! { <td>{change(newly)}</td> })}
                <td>{votes_text(stage.exhausted, DECIMALS)}</td>
            </tr>
        }
    });
    view! {
        <table class="round">
            <caption>{format!("Stage {number}")}</caption>
            <thead>
                <tr>
                    <th scope="col"><span class="visually-hidden">"Choice"</span></th>
                    {later.then(|| view! { <th scope="col">"Change"</th> })}
                    <th scope="col">"Votes"</th>
                </tr>
            </thead>
            <tbody>{rows} {exhausted}</tbody>
        </table>
        <p class="round-end"><Sentence words=ending(count, stage, closed, moves)/></p>
    }
}

fn change(units: i64) -> String {
    match units {
        0 => String::new(),
        1.. => format!("+{}", votes_text(units, DECIMALS)),
        _ => format!("−{}", votes_text(-units, DECIMALS)),
    }
}

/// Formats units as votes, cut to so many decimals: `1,204.5`.
pub(crate) fn votes_text(units: i64, decimals: usize) -> String {
    let (whole, rest) = (units / UNITS, units % UNITS);
    let digits = format!("{rest:05}");
    let digits = digits[..decimals.min(DECIMALS)].trim_end_matches('0');
    let dot = if digits.is_empty() { "" } else { "." };
    format!("{}{dot}{digits}", grouped(whole))
}

/// Describes the outcome of a stage in words: `closed` says whether it is final, `moves` whether the
/// votes of a choice that is out are transferred.
fn ending(count: &Count, stage: &Stage, closed: bool, moves: bool) -> String {
    let names = |positions: &[i64]| named(count, positions);
    let are = |positions: &[i64]| if positions.len() == 1 { "is" } else { "are" };
    let are_elected = |positions: &[i64]| match (closed, are(positions)) {
        (true, are) => format!("{are} elected."),
        (false, _) => "would be elected.".to_owned(),
    };
    let mut sentences = Vec::new();
    if let [_, ..] = stage.elected.as_slice() {
        let reached = if stage.elected.len() == 1 {
            "reaches"
        } else {
            "reach"
        };
        let elected = names(&stage.elected);
        let are_elected = are_elected(&stage.elected);
        sentences.push(format!("{elected} {reached} the quota and {are_elected}"));
    }
    if stage.is_undrawn() {
        sentences.push(undrawn(count, stage));
        return sentences.join(" ");
    }
    let votes: i64 = stage
        .out
        .iter()
        .filter_map(|out| stage.votes_of(*out))
        .sum();
    if !stage.surplus.is_empty() {
        let why = match stage.tie {
            None => "",
            Some(Tie::EarlierRound) => {
                " As large as another, but it had more votes in an earlier stage."
            }
            Some(Tie::Order) => " As large as another in every stage, and lower on the list.",
            Some(_) => " As large as another in every stage, and drawn by lot.",
        };
        let surplus = names(&stage.surplus);
        sentences.push(format!(
            "The surplus of {surplus} moves to its voters' next choices.{why}"
        ));
    }
    if !stage.out.is_empty() {
        let why = match stage.tie {
            None if votes == 0 => ", with no votes.",
            None => ".",
            Some(Tie::EarlierRound) => ". Tied for last, and had fewer votes in an earlier stage.",
            Some(Tie::Order) => ". Tied for last in every stage, and lower on the list.",
            Some(_) => ". Tied for last in every stage, and drawn by lot.",
        };
        sentences.push(format!(
            "{} {} out{why}",
            names(&stage.out),
            are(&stage.out)
        ));
        if moves && votes > 0 {
            sentences
                .push("Its votes move to its voters' next choices still in the race.".to_owned());
        }
    }
    if !stage.remaining.is_empty() {
        sentences.push(format!(
            "As many are left as seats, so {} {}",
            names(&stage.remaining),
            are_elected(&stage.remaining)
        ));
    }
    sentences.join(" ")
}

#[cfg(test)]
#[path = "stages_tests.rs"]
mod tests;
