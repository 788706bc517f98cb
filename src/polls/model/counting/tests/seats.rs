//! Tests counting for several winners in random elections against a slow, simple second
//! implementation.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::any;

use super::random_elections::{hold, ranked_election};
use super::{cast, count, leading};
use crate::polls::model::counting::count::{Count, Seats, Stage, Tie};
use crate::polls::model::counting::counted;
use crate::polls::model::counting::rankings::stages::UNITS;
use crate::polls::model::draw::{Draw, ReceiptsHash, Seed};
use crate::polls::model::kind::Kind;

/// Counts paper by paper, following [the rule in words](Kind::rule) literally.
mod slow {
    use super::*;

    /// A ballot paper, its value in units and who has it.
    struct Paper<'a> {
        ranked: &'a [i64],
        value: i64,
        at: Option<i64>,
    }

    #[derive(Debug, Default, PartialEq)]
    pub(crate) struct Slow {
        /// The votes of each stage, of the choices that aren't out.
        pub(crate) votes: Vec<BTreeMap<i64, i64>>,
        pub(crate) elected: Vec<BTreeSet<i64>>,
        pub(crate) surplus: Vec<i64>,
        pub(crate) out: Vec<BTreeSet<i64>>,
    }

    pub(crate) fn seats(
        choices: i64,
        seats: usize,
        ballots: &[Vec<i64>],
        draw: Option<&Draw>,
    ) -> Slow {
        let quota = i64::try_from(ballots.len() / (seats + 1) + 1).unwrap() * UNITS;
        let mut slow = Slow::default();
        let mut continuing: BTreeSet<i64> = (1..=choices).collect();
        let (mut elected, mut done) = (BTreeSet::new(), BTreeSet::new());
        let paper = |ranked| Paper {
            ranked,
            value: UNITS,
            at: None,
        };
        let mut papers: Vec<Paper<'_>> = ballots.iter().map(|ballot| paper(ballot)).collect();
        for paper in &mut papers {
            paper.at = paper.ranked.first().copied();
        }
        while !ballots.is_empty() {
            let standing = continuing.iter().chain(&elected);
            let votes: BTreeMap<i64, i64> = standing
                .map(|choice| {
                    let own = papers.iter().filter(|paper| paper.at == Some(*choice));
                    let own = own.map(|paper| paper.value).sum();
                    (*choice, if done.contains(choice) { quota } else { own })
                })
                .collect();
            slow.votes.push(votes.clone());
            let reached = continuing.iter().copied();
            let mut new: BTreeSet<i64> = reached.filter(|choice| votes[choice] >= quota).collect();
            continuing.retain(|choice| !new.contains(choice));
            elected.extend(&new);
            // Votes in this stage, the one before, and so on back.
            let fate = |choice: &i64| {
                let stages = slow.votes.iter().rev();
                stages.map(|votes| votes[choice]).collect::<Vec<_>>()
            };
            let one_of = |among: Vec<i64>| match draw {
                Some(draw) => {
                    let stage = slow.votes.len();
                    among
                        .into_iter()
                        .min_by_key(|choice| draw.lot(stage, *choice))
                }
                None => among.into_iter().max(),
            };
            if continuing.len() <= seats - elected.len() {
                new.extend(&continuing);
                elected.append(&mut continuing);
            }
            let mut out = BTreeSet::new();
            let mut transferred = None;
            if elected.len() < seats {
                let surplus = elected.difference(&done).copied();
                let surplus: Vec<i64> = surplus.filter(|choice| votes[choice] > quota).collect();
                if let Some(best) = surplus.iter().map(fate).max() {
                    let level = surplus.into_iter().filter(|choice| fate(choice) == best);
                    transferred = one_of(level.collect());
                } else {
                    let without = continuing.iter().copied();
                    out = without.filter(|choice| votes[choice] == 0).collect();
                    if out.is_empty() || continuing.len() - out.len() < seats - elected.len() {
                        let worst = continuing.iter().map(fate).min().unwrap();
                        let level = continuing.iter().copied();
                        let level = level.filter(|choice| fate(choice) == worst);
                        out = one_of(level.collect()).into_iter().collect();
                    }
                    continuing.retain(|choice| !out.contains(choice));
                }
            }
            slow.elected.push(new);
            slow.out.push(out.clone());
            slow.surplus.extend(transferred);
            if elected.len() == seats {
                break;
            }
            // The last vacancies are filled, so no vote is transferred any more.
            let filled = continuing.len() <= seats - elected.len();
            for paper in &mut papers {
                let from = paper
                    .at
                    .filter(|at| out.contains(at) || transferred == Some(*at));
                let Some(from) = from else { continue };
                if transferred == Some(from) {
                    paper.value = (votes[&from] - quota) * paper.value / votes[&from];
                }
                let mut next = paper.ranked.iter().copied();
                next.find(|choice| *choice == from);
                paper.at = next.find(|choice| continuing.contains(choice) && !filled);
            }
            done.extend(transferred);
        }
        slow
    }
}

/// What the fast count says, in the form of the slow one.
fn as_slow(seats: &Seats) -> slow::Slow {
    let stages = || seats.stages.iter();
    let votes = |stage: &Stage| {
        let standing = stage.standing.iter();
        standing
            .map(|standing| (standing.choice, standing.votes))
            .collect()
    };
    slow::Slow {
        votes: stages().map(votes).collect(),
        elected: stages().map(|stage| stage.winners().collect()).collect(),
        surplus: stages().flat_map(|stage| stage.surplus.clone()).collect(),
        out: stages()
            .map(|stage| stage.out.iter().copied().collect())
            .collect(),
    }
}

#[test]
fn seats_agree_with_a_slow_and_plain_count() {
    let met = [Tie::EarlierRound, Tie::Order, Tie::Drawn].map(|tie| (Cell::new(0), tie));
    let (surpluses, level, remaining) = (Cell::new(0), Cell::new(0), Cell::new(0));
    let note = |counter: &Cell<usize>, met: bool| counter.set(counter.get() + usize::from(met));
    let draw = Draw::new("poll", Seed::random(), ReceiptsHash::default());
    hold(
        4_000,
        &(any::<bool>(), any::<u8>(), ranked_election()),
        |(drawn, seats, (choices, ballots))| {
            let seats = 1 + i64::from(seats) % (choices - 1);
            let kind = Kind::Seats { seats };
            let (poll, tally) = cast(kind, choices, &ballots, drawn);
            let draw = drawn.then_some(&draw);
            let fast = counted::count(&poll, &tally, draw);
            let slow = slow::seats(choices, usize::try_from(seats).unwrap(), &ballots, draw);
            let Some(fast) = &fast.steps.seats else {
                assert!(ballots.is_empty() && leading(&fast).is_empty());
                return;
            };
            assert_eq!(as_slow(fast), slow, "{seats} of {choices}: {ballots:?}");
            assert_eq!(fast.winners().count(), usize::try_from(seats).unwrap());
            let total = i64::try_from(ballots.len()).unwrap() * UNITS;
            for stage in &fast.stages {
                let votes: i64 = stage.standing.iter().map(|standing| standing.votes).sum();
                assert_eq!(votes + stage.exhausted, total);
                for (times, tie) in &met {
                    note(times, stage.tie == Some(*tie));
                }
                note(&surpluses, !stage.surplus.is_empty());
                note(&level, !stage.surplus.is_empty() && stage.tie.is_some());
                note(&remaining, !stage.remaining.is_empty());
            }
        },
    );
    let others = [surpluses.get(), level.get(), remaining.get()];
    assert!(
        met.iter().all(|(times, _)| times.get() > 300) && others.iter().all(|times| *times > 50),
        "{met:?}, {others:?} surpluses, equal ones, seats filled at the end"
    );
}

/// Without ties, one seat goes to the winner of the run-off: the quota is a majority of all votes,
/// and who has a majority of those left can't be last.
#[test]
fn one_seat_goes_to_the_winner_of_the_run_off() {
    let compared = Cell::new(0);
    hold(3_000, &ranked_election(), |(choices, ballots)| {
        let counted = |kind| {
            let (poll, tally) = cast(kind, choices, &ballots, true);
            count(&poll, &tally)
        };
        let (seat, ranked) = (counted(Kind::Seats { seats: 1 }), counted(Kind::Ranked));
        let stages = seat.steps.seats.iter().flat_map(|seats| &seats.stages);
        let ties = stages.map(|stage| stage.tie);
        let ties = ties.chain(ranked.rounds.iter().map(|round| round.tie));
        if ties.flatten().next().is_none() && leading(&ranked).len() == 1 {
            assert_eq!(leading(&seat), leading(&ranked), "{ballots:?}");
            compared.set(compared.get() + 1);
        }
    });
    assert!(compared.get() > 1_000, "{compared:?}");
}

#[test]
fn before_the_draw_a_count_is_the_beginning_of_the_one_after_it() {
    let open = Cell::new(0);
    let draw = Draw::new("poll", Seed::random(), ReceiptsHash::default());
    hold(2_000, &ranked_election(), |(choices, ballots)| {
        let (poll, tally) = cast(Kind::Seats { seats: 2 }, choices, &ballots, true);
        let (before, after) = (
            count(&poll, &tally),
            counted::count(&poll, &tally, Some(&draw)),
        );
        assert!(!after.is_undrawn());
        if before.is_undrawn() {
            open.set(open.get() + 1);
            let stages = |count: Count| count.steps.seats.unwrap().stages;
            let (before, after) = (stages(before), stages(after));
            let sure = before.len() - 1;
            assert_eq!(before[..sure], after[..sure]);
            assert_eq!(before[sure].standing, after[sure].standing);
            let (tied, decided) = (&before[sure], &after[sure]);
            assert!(decided.out.iter().all(|out| tied.out.contains(out)));
            assert!(decided.surplus.iter().all(|one| tied.surplus.contains(one)));
        } else {
            assert_eq!(before, after);
        }
    });
    assert!(open.get() > 100, "{open:?}");
}
