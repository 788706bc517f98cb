//! The results of ratings in one sentence.

use crate::polls::components::naming::named;
use crate::polls::model::counting::count::{Count, Final, Tie};
use crate::polls::model::counting::ratings::average::Average;
use crate::web::components::sentence::{quote, quote_all};
use crate::web::number::{grouped, of};

/// Says which choice has the highest total, or wins the final.
pub(crate) fn of_ratings(count: &Count, closed: bool) -> String {
    let leading: Vec<_> = count.rows.iter().filter(|row| row.leads).collect();
    let average = |total| Average::of(total, count.ballots);
    match (leading.as_slice(), &count.steps.final_round) {
        _ if count.ballots == 0 && closed => "No votes were cast.".to_owned(),
        _ if count.ballots == 0 => "No votes to show yet.".to_owned(),
        ([], Some(held)) => still_open(count, held),
        ([], None) => "No choice got more than 0.".to_owned(),
        ([row, ..], Some(held)) => of_final(count, held, row.position, closed),
        ([row], None) => format!(
            "{} {} the highest total: {}, {} on average.",
            quote(&row.text),
            if closed { "wins with" } else { "leads with" },
            grouped(row.votes),
            average(row.votes)
        ),
        ([row, ..], None) => {
            let texts: Vec<&str> = leading.iter().map(|row| row.text.as_str()).collect();
            format!(
                "{} {}: each has a total of {}, {} on average.",
                quote_all(&texts),
                if closed {
                    "share the win"
                } else {
                    "are tied for first"
                },
                grouped(row.votes),
                average(row.votes)
            )
        }
    }
}

/// Says what a draw is still to decide.
fn still_open(count: &Count, held: &Final) -> String {
    let texts = named(count, &held.undrawn);
    if held.prefer.is_empty() {
        format!(
            "Still open: {texts} are tied for a place in the final. A draw at the close decides."
        )
    } else {
        format!("Still open: {texts} are level in the final. A draw at the close decides.")
    }
}

fn of_final(count: &Count, held: &Final, winner: i64, closed: bool) -> String {
    let wins = if closed { "wins" } else { "leads" };
    let name = quote(count.text(winner));
    let others = held.finalists.iter().zip(&held.prefer);
    let Some((other, against)) = others.clone().find(|(choice, _)| **choice != winner) else {
        return format!("{name} {wins}: no other choice got more than 0.");
    };
    let votes = others.clone().find(|(choice, _)| **choice == winner);
    let votes = votes.map_or(0, |(_, votes)| *votes);
    let other = quote(count.text(*other));
    let why = match held.tie {
        None => {
            return format!(
                "{name} {wins} the final against {other}: {} to {}.",
                of(votes, "voter"),
                grouped(*against)
            );
        }
        Some(Tie::Total) => "but it has the higher total",
        Some(Tie::Fives) => "but it has more fives",
        Some(Tie::Order) => "but it is higher on the list",
        Some(Tie::Drawn | Tie::Undrawn | Tie::Pairs | Tie::EarlierRound) => {
            "and it was drawn by lot"
        }
    };
    format!(
        "{name} {wins} the final against {other}: as many voters rate one higher as the other, {why}."
    )
}

#[cfg(test)]
#[path = "verdicts_tests.rs"]
mod tests;
