//! Counts a poll by its voting method.

use crate::polls::model::counting::choices::{by_choice, most};
use crate::polls::model::counting::count::{Count, Row, Steps, Tally};
use crate::polls::model::counting::motion::side_ahead;
use crate::polls::model::counting::ranked::run_off;
use crate::polls::model::counting::rankings::pairs::by_pairs;
use crate::polls::model::counting::rankings::seats::for_seats;
use crate::polls::model::counting::ratings::score::totals;
use crate::polls::model::counting::ratings::star::by_star;
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
    let ties = TieBreak {
        rule: tie_rule,
        choices,
        tally,
        draw,
    };
    let (mut rounds, mut steps) = (Vec::new(), Steps::default());
    let (votes, winners) = match kind {
        Kind::Single | Kind::Multiple { .. } => {
            let votes = by_choice(choices, tally);
            let winners = most(choices, &votes);
            (votes, winners)
        }
        Kind::Motion => {
            let votes = by_choice(choices, tally);
            let winners = side_ahead(choices, &votes);
            (votes, winners)
        }
        Kind::Ranked => {
            let counted = run_off(choices, tally, &ties);
            rounds = counted.rounds;
            (counted.first, counted.winners)
        }
        Kind::Pairs => {
            let counted = by_pairs(choices, tally, &ties);
            steps.duels = counted.duels;
            (counted.first, counted.winners)
        }
        Kind::Seats { seats } => {
            let counted = for_seats(seats, choices, tally, &ties);
            steps.seats = counted.seats;
            (counted.first, counted.winners)
        }
        Kind::Score => {
            let totals = totals(choices, tally);
            let winners = most(choices, &totals);
            (totals, winners)
        }
        Kind::Star => {
            let counted = by_star(choices, tally, &ties);
            steps.final_round = counted.final_round;
            (counted.totals, counted.winners)
        }
    };
    let rows = choices.iter().zip(&votes).map(|(choice, &votes)| Row {
        position: choice.position,
        text: choice.text.clone(),
        votes,
        percent: Share::default(),
        leads: winners.contains(&choice.position),
    });
    let mut count = Count {
        kind,
        ballots: tally.ballots,
        version: tally.version(),
        rows: rows.collect(),
        rounds,
        tie_rule,
        steps,
    };
    count.set_shares();
    count
}
