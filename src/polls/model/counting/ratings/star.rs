//! Counts ratings with a final: of the two choices with the highest totals, the one that more voters
//! rate higher wins.
//!
//! Ties for a place in the final are decided by comparing the tied two by two, as in a run-off; then
//! by how many voters give five points; then by a draw. A tie in the final is decided by the totals,
//! then by fives, then by a draw; the choice that is drawn last goes on. A choice without points isn't
//! in the final.

use std::cmp::Ordering;

use crate::polls::model::counting::choices::index;
use crate::polls::model::counting::count::{Final, Tally, Tie};
use crate::polls::model::counting::ratings::score::totals;
use crate::polls::model::counting::tie_break::{TieBreak, lowest};
use crate::polls::model::kind::MOST_POINTS;
use crate::polls::model::poll::Choice;

/// How many are in the final.
const FINALISTS: usize = 2;
/// The round of the draw that decides the final; those for its places have the rounds before.
const FINAL: usize = 3;

/// Choices counted with a final.
pub(crate) struct ByStar {
    /// The totals, in the order of the poll.
    pub(crate) totals: Vec<i64>,
    /// The final; `None` if no choice has points.
    pub(crate) final_round: Option<Final>,
    /// The position of the winner; empty while a draw is to decide.
    pub(crate) winners: Vec<i64>,
}

/// What the final is decided by; choices are given by index.
struct Contest<'a> {
    choices: &'a [Choice],
    ties: &'a TieBreak<'a>,
    totals: Vec<i64>,
    /// How many ballots there are.
    all: i64,
    /// The points of each choice on each distinct ballot, and how often it occurs.
    ballots: Vec<(Vec<i64>, i64)>,
}

/// Counts ratings with a final.
pub(crate) fn by_star(choices: &[Choice], tally: &Tally, ties: &TieBreak<'_>) -> ByStar {
    let contest = Contest {
        choices,
        ties,
        totals: totals(choices, tally),
        all: tally.ballots,
        ballots: ballots(choices, tally),
    };
    let (mut held, mut winner) = (Final::default(), None);
    let finalists = contest.finalists(&mut held);
    match finalists.as_slice() {
        [only] if held.undrawn.is_empty() => winner = Some(*only),
        [one, other] => winner = contest.winner(*one, *other, &mut held),
        _ => {}
    }
    let position = |index: usize| choices[index].position;
    held.finalists = finalists.into_iter().map(position).collect();
    let held_at_all = !held.finalists.is_empty() || !held.undrawn.is_empty();
    ByStar {
        totals: contest.totals,
        final_round: held_at_all.then_some(held),
        winners: winner.map(position).into_iter().collect(),
    }
}

impl Contest<'_> {
    /// Fills the places in the final from the highest total down, and notes how ties were broken.
    fn finalists(&self, held: &mut Final) -> Vec<usize> {
        let mut finalists: Vec<usize> = Vec::new();
        while finalists.len() < FINALISTS {
            let left = (0..self.choices.len()).filter(|one| self.totals[*one] > 0);
            let left: Vec<usize> = left.filter(|one| !finalists.contains(one)).collect();
            let level = best(&left, |one| self.totals[one]);
            let (next, tie) = self.narrowed(level, FINALISTS - finalists.len());
            if next.is_empty() {
                break;
            }
            held.places.extend(tie);
            if tie == Some(Tie::Undrawn) {
                held.undrawn = next.iter().map(|one| self.choices[*one].position).collect();
                break;
            }
            finalists.extend(next);
        }
        finalists
    }

    /// Returns those of the tied choices that go on, at most so many, and what set them apart; all
    /// that a draw is still to decide between if it isn't made yet.
    fn narrowed(&self, level: Vec<usize>, places: usize) -> (Vec<usize>, Option<Tie>) {
        if level.len() <= places {
            return (level, None);
        }
        let mut tied = level;
        loop {
            let lead = self.lead_in_pairs(&tied);
            let kept = best(&tied, |one| lead[one]);
            if kept.len() == tied.len() {
                break;
            }
            tied = kept;
        }
        if tied.len() <= places {
            return (tied, Some(Tie::Pairs));
        }
        let tied = best(&tied, |one| self.fives(one));
        if tied.len() <= places {
            return (tied, Some(Tie::Fives));
        }
        self.drawn(tied, FINALISTS - places + 1)
    }

    /// Returns who wins the final, and notes how; `None` while a draw is to decide.
    fn winner(&self, one: usize, other: usize, held: &mut Final) -> Option<usize> {
        let (for_one, for_other) = self.prefer(one, other);
        held.prefer = vec![for_one, for_other];
        held.same = self.all - for_one - for_other;
        let pair = [one, other];
        let votes = |index| if index == one { for_one } else { for_other };
        let (won, tie) = match best(&pair, votes).as_slice() {
            [won] => (vec![*won], None),
            _ => match best(&pair, |index| self.totals[index]).as_slice() {
                [won] => (vec![*won], Some(Tie::Total)),
                _ => match best(&pair, |index| self.fives(index)).as_slice() {
                    [won] => (vec![*won], Some(Tie::Fives)),
                    level => self.drawn(level.to_vec(), FINAL),
                },
            },
        };
        held.tie = tie;
        if tie == Some(Tie::Undrawn) {
            held.undrawn = won.iter().map(|one| self.choices[*one].position).collect();
            return None;
        }
        won.first().copied()
    }

    fn drawn(&self, level: Vec<usize>, round: usize) -> (Vec<usize>, Option<Tie>) {
        match self.ties.drawn(&level, round) {
            Some((order, tie)) => (order.last().copied().into_iter().collect(), Some(tie)),
            None => (level, Some(Tie::Undrawn)),
        }
    }

    /// How many voters rate the one higher, and how many the other.
    fn prefer(&self, one: usize, other: usize) -> (i64, i64) {
        let (mut for_one, mut for_other) = (0, 0);
        for (points, times) in &self.ballots {
            match points[one].cmp(&points[other]) {
                Ordering::Greater => for_one += times,
                Ordering::Less => for_other += times,
                Ordering::Equal => {}
            }
        }
        (for_one, for_other)
    }

    /// How many voters give the choice the most points.
    fn fives(&self, one: usize) -> i64 {
        let ballots = self.ballots.iter();
        let fives = ballots.filter(|(points, _)| points[one] == MOST_POINTS);
        fives.map(|(_, times)| times).sum()
    }

    /// For each choice, how many of the others of these it beats, less how many beat it.
    fn lead_in_pairs(&self, among: &[usize]) -> Vec<i64> {
        let all = self.choices.len();
        // How many voters rate the first choice above the second, less how many the other way round.
        let mut margins = vec![vec![0; all]; all];
        for (points, times) in &self.ballots {
            for &one in among {
                for &other in among {
                    margins[one][other] += (points[one] - points[other]).signum() * times;
                }
            }
        }
        let lead = margins
            .iter()
            .map(|margins| margins.iter().map(|margin: &i64| margin.signum()).sum());
        lead.collect()
    }
}

fn ballots(choices: &[Choice], tally: &Tally) -> Vec<(Vec<i64>, i64)> {
    let ballots = tally.votes.iter().map(|(ballot, times)| {
        let mut points = vec![0; choices.len()];
        for (position, given) in ballot.points() {
            if let Some(index) = index(choices, position) {
                points[index] = given;
            }
        }
        (points, *times)
    });
    ballots.collect()
}

/// Those with the highest key.
fn best(among: &[usize], key: impl Fn(usize) -> i64) -> Vec<usize> {
    lowest(among, |one| -key(one))
}
