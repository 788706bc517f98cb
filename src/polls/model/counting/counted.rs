//! Counts a poll by its voting method.

use crate::polls::model::counting::choices::{by_choice, most};
use crate::polls::model::counting::count::{Count, Row, Tally};
use crate::polls::model::counting::ranked::{RunOff, run_off};
use crate::polls::model::counting::share::Share;
use crate::polls::model::counting::tie_break::TieBreak;
use crate::polls::model::counting::tie_rule::TieRule;
use crate::polls::model::draw::Draw;
use crate::polls::model::kind::Kind;
use crate::polls::model::poll::{Choice, Poll};

/// Counts a poll. Without a draw, a tie that it would decide stays open.
#[must_use]
pub fn count(poll: &Poll, tally: &Tally, draw: Option<&Draw>) -> Count {
    count_choices(poll.kind, &poll.choices, tally, poll.tie_rule(), draw)
}

/// Counts a tally over these choices, which must be sorted by position.
#[must_use]
pub fn count_choices(
    kind: Kind,
    choices: &[Choice],
    tally: &Tally,
    tie_rule: TieRule,
    draw: Option<&Draw>,
) -> Count {
    let RunOff {
        first: votes,
        rounds,
        winners,
    } = match kind {
        Kind::Single | Kind::Multiple { .. } => {
            let votes = by_choice(choices, tally);
            RunOff {
                winners: most(choices, &votes),
                first: votes,
                rounds: Vec::new(),
            }
        }
        Kind::Ranked => {
            let ties = TieBreak {
                rule: tie_rule,
                choices,
                tally,
                draw,
            };
            run_off(choices, tally, &ties)
        }
    };
    let rows = choices.iter().zip(&votes).map(|(choice, &votes)| Row {
        position: choice.position,
        text: choice.text.clone(),
        votes,
        percent: Share::of(votes, tally.ballots),
        leads: winners.contains(&choice.position),
    });
    Count {
        kind,
        ballots: tally.ballots,
        version: tally.version(),
        rows: rows.collect(),
        rounds,
        tie_rule,
    }
}
