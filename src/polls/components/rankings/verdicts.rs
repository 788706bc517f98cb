//! The results of pairs and seats in one sentence.

use crate::polls::components::naming::{DRAW_DECIDES, drawn_out, named};
use crate::polls::model::counting::count::{Count, Duels, Seats, Stage, Tie};
use crate::web::components::sentence::{quote, quote_all};

/// A sentence names no more winners than this.
const NAMED: usize = 4;

/// Says who wins, or leads, when choices are compared two by two.
pub(crate) fn of_pairs(count: &Count, duels: &Duels, closed: bool) -> String {
    let level = named(count, &duels.unbeaten);
    let Some(index) = count.rows.iter().position(|row| row.leads) else {
        return format!(
            "Still open: two by two, {level} are level. A draw at the close decides which of them wins."
        );
    };
    let name = quote(&count.rows[index].text);
    let wins = if closed { "wins" } else { "leads" };
    match duels.tie {
        Some(Tie::Order) => format!(
            "{name} {wins}: two by two, {level} are level, and it is the highest on the list."
        ),
        Some(_) => format!("{name} {wins} by a draw: two by two, {level} are level."),
        None if duels.wins(index) == duels.others() => {
            format!("{name} {wins}: two by two, it beats each other choice.")
        }
        None => format!("{name} {wins}: two by two, it is the only choice left unbeaten."),
    }
}

/// Says who is elected, or ahead, in a poll with several winners.
pub(crate) fn of_seats(count: &Count, seats: &Seats, closed: bool) -> String {
    let winners: Vec<&str> = seats.winners().map(|choice| count.text(choice)).collect();
    let are = if winners.len() == 1 { "is" } else { "are" };
    let so_far = match (winners.len(), closed) {
        (0, _) => String::new(),
        (_, true) => format!("{} {are} elected.", shortened(&winners)),
        (_, false) => format!(
            "{} {are} ahead for {} seats.",
            shortened(&winners),
            seats.seats
        ),
    };
    let last = seats.stages.last().filter(|stage| stage.is_undrawn());
    let rest = last.map_or_else(
        || {
            let ties = seats.stages.iter().map(|stage| (stage.tie, &stage.out));
            drawn_out(count, ties)
        },
        |stage| Some(still_open(count, stage, seats.stages.len())),
    );
    let sentences = [Some(so_far), rest];
    let sentences = sentences.into_iter().flatten();
    let sentences = sentences.filter(|sentence| !sentence.is_empty());
    sentences.collect::<Vec<_>>().join(" ")
}

/// Says what a draw is still to decide.
fn still_open(count: &Count, stage: &Stage, number: usize) -> String {
    format!("Still open: in stage {number}, {}", undrawn(count, stage))
}

/// Says between which choices a draw is still to decide.
pub(super) fn undrawn(count: &Count, stage: &Stage) -> String {
    let tied = named(count, stage.out.iter().chain(&stage.surplus));
    if stage.out.is_empty() {
        format!(
            "{tied} have the same surplus. A draw at the close decides which of them is transferred first."
        )
    } else {
        format!("{tied} are tied for last. {DRAW_DECIDES}")
    }
}

/// Quotes and joins names, and counts those that are too many to name.
fn shortened(names: &[&str]) -> String {
    if names.len() <= NAMED {
        return quote_all(names);
    }
    let shown: Vec<String> = names[..NAMED - 1].iter().map(|name| quote(name)).collect();
    format!(
        "{} and {} more",
        shown.join(", "),
        names.len() - shown.len()
    )
}

#[cfg(test)]
#[path = "verdicts_tests.rs"]
mod tests;
