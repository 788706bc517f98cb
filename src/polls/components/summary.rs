//! The results in words: turnout and verdict.

use crate::polls::components::naming::{DRAW_DECIDES, drawn_out, named};
use crate::polls::components::rankings::verdicts;
use crate::polls::components::ratings::verdicts::of_ratings;
use crate::polls::model::counting::count::{Count, Round, Tie};
use crate::polls::model::counting::share::Share;
use crate::polls::model::kind::Kind;
use crate::web::components::sentence::{quote, quote_all};
use crate::web::number::{grouped, of};

/// Describes the turnout: `7 votes so far`, or `7 voters, 12 votes so far` if a ballot may hold
/// several.
#[must_use]
pub fn turnout(count: &Count, closed: bool) -> String {
    let so_far = if closed { "" } else { " so far" };
    match count.kind {
        Kind::Multiple { .. } => format!(
            "{}, {}{so_far}",
            of(count.ballots, "voter"),
            of(count.votes(), "vote")
        ),
        Kind::Single | Kind::Motion | Kind::Ranked | Kind::Pairs | Kind::Score | Kind::Star => {
            format!("{}{so_far}", of(count.ballots, "vote"))
        }
        Kind::Seats { seats } => format!(
            "{}{so_far} for {}",
            of(count.ballots, "vote"),
            of(seats, "seat")
        ),
    }
}

/// Explains the shares where they don't explain themselves.
#[must_use]
pub fn note(count: &Count) -> Option<&'static str> {
    if count.ballots == 0 {
        return None;
    }
    match count.kind {
        Kind::Ranked if count.rounds.len() > 1 => Some(
            "The light part of a bar is first choices; the rest came from choices that are out. The line marks half of the votes left at the end.",
        ),
        Kind::Multiple { .. } if count.is_approval() => Some(
            "Approval voting: shares are of voters. Together they can be more than 100\u{a0}%, because each voter could pick every choice.",
        ),
        Kind::Score | Kind::Star => Some(
            "The first number is the total, the second the average. A bar is full if every voter gives 5.",
        ),
        Kind::Multiple { .. } => Some(
            "Shares are of voters. Together they can be more than 100\u{a0}%, because each voter could pick several.",
        ),
        Kind::Pairs => {
            Some("A bar shows how many of the other choices a choice beats, two by two.")
        }
        Kind::Motion => Some("Shares are of those who took a side, without abstentions."),
        Kind::Seats { .. } => Some(
            "The light part of a bar is first choices; the rest came from other choices. The line marks the quota: with so many votes a choice is elected.",
        ),
        Kind::Single | Kind::Ranked => Share::are_rounded(count.rows.iter().map(|row| row.percent))
            .then_some("Each share is rounded, so they don't add up to exactly 100\u{a0}%."),
    }
}

/// Describes in one sentence who has won, or is ahead.
#[must_use]
pub fn verdict(count: &Count, closed: bool) -> String {
    if let Some(duels) = &count.steps.duels {
        return verdicts::of_pairs(count, duels, closed);
    }
    if let Some(seats) = &count.steps.seats {
        return verdicts::of_seats(count, seats, closed);
    }
    if count.kind.is_rating() {
        return of_ratings(count, closed);
    }
    if let Some((yes, no, abstentions)) = count.motion() {
        return of_motion(count, [yes, no], abstentions, closed);
    }
    let leading: Vec<&str> = count
        .rows
        .iter()
        .filter(|row| row.leads)
        .map(|row| row.text.as_str())
        .collect();
    let votes = count
        .rows
        .iter()
        .find(|row| row.leads)
        .map_or(0, |row| row.votes);
    match (leading.as_slice(), count.rounds.last()) {
        ([], Some(last)) => {
            format!(
                "Still open: {} are tied for last {}. {DRAW_DECIDES}",
                named(count, &last.out),
                in_round(count.rounds.len())
            )
        }
        ([], _) if closed => "No votes were cast.".to_owned(),
        ([], _) => "No votes to show yet.".to_owned(),
        ([one], Some(last)) => {
            let wins = if closed { "wins" } else { "leads" };
            format!(
                "{} {wins} {}, with {}.{}{}",
                quote(one),
                in_round(count.rounds.len()),
                out_of(last),
                tie_of_all(last),
                by_draw(count)
            )
        }
        (several, Some(last)) => {
            let win = if closed {
                "tie for first"
            } else {
                "are tied for first"
            };
            let each = last.standing.first().map_or(0, |standing| standing.votes);
            format!(
                "{} {win}: each has {} {}.{}",
                quote_all(several),
                of(each, "vote"),
                in_round(count.rounds.len()),
                by_draw(count)
            )
        }
        ([one], None) if closed => {
            format!("{} has the most votes: {}.", quote(one), grouped(votes))
        }
        ([one], None) => format!("{} is ahead, with {}.", quote(one), of(votes, "vote")),
        (several, None) if closed => {
            format!(
                "{} have the most votes: {} each.",
                quote_all(several),
                grouped(votes)
            )
        }
        (several, None) => format!(
            "{} are tied, with {} each.",
            quote_all(several),
            of(votes, "vote")
        ),
    }
}

/// Says whether a motion is carried, or which side is ahead.
fn of_motion(count: &Count, [yes, no]: [i64; 2], abstentions: i64, closed: bool) -> String {
    let abstained = match abstentions {
        0 => String::new(),
        some => format!(", with {}", of(some, "abstention")),
    };
    match (closed, yes.max(no)) {
        (true, 0) if abstentions == 0 => "No votes were cast.".to_owned(),
        (false, 0) if abstentions == 0 => "No votes to show yet.".to_owned(),
        (true, 0) => "Not carried: everyone abstained.".to_owned(),
        (false, 0) => "So far everyone has abstained.".to_owned(),
        (true, _) if yes > no => {
            format!("Carried, {} to {}{abstained}.", grouped(yes), grouped(no))
        }
        (true, _) if yes < no => {
            format!(
                "Not carried, {} to {}{abstained}.",
                grouped(yes),
                grouped(no)
            )
        }
        (true, each) => format!("Not carried: tied at {} each{abstained}.", grouped(each)),
        (false, _) if yes == no => {
            format!("Tied at {} each{abstained}.", grouped(yes))
        }
        (false, most) => format!(
            "{} is ahead, {} to {}{abstained}.",
            quote(&count.rows[usize::from(no > yes)].text),
            grouped(most),
            grouped(yes.min(no))
        ),
    }
}

/// Says what decided among all that were left, if they had equal votes.
pub(crate) fn tie_of_all(last: &Round) -> &'static str {
    match last.tie {
        Some(Tie::EarlierRound) => " Tied with the others left, but ahead in an earlier round.",
        Some(Tie::Pairs) => " Tied with the others left, but ahead of them two by two.",
        _ => "",
    }
}

/// Names the choices that a draw has put out, after a space.
fn by_draw(count: &Count) -> String {
    let ties = count.rounds.iter().map(|round| (round.tie, &round.out));
    drawn_out(count, ties).map_or_else(String::new, |sentence| format!(" {sentence}"))
}

fn in_round(number: usize) -> String {
    if number == 1 {
        "after one round".to_owned()
    } else {
        format!("after {number} rounds")
    }
}

fn out_of(last: &Round) -> String {
    format!("{} of {}", grouped(last.most()), of(last.votes(), "vote"))
}

#[cfg(test)]
#[path = "summary_tests.rs"]
mod tests;
