//! Counts rankings for several winners, by the rules of Scottish council elections.
//!
//! These are in schedule 1 of the Scottish Local Government Elections Order 2011, from the first
//! stage to the filling of the last vacancies. Only choices that have no votes at all go out
//! together, since their order changes nothing.

use std::cmp::Reverse;

use crate::polls::model::counting::choices::index;
use crate::polls::model::counting::count::{Seats, Stage, Standing, Tally, Tie};
use crate::polls::model::counting::rankings::pairs::first_choices;
use crate::polls::model::counting::rankings::stages::UNITS;
use crate::polls::model::counting::tie_break::{Broken, TieBreak, lowest};
use crate::polls::model::poll::Choice;

/// A count for several winners.
pub(crate) struct ForSeats {
    /// The first choices, in the order of the poll.
    pub(crate) first: Vec<i64>,
    /// The stages; `None` without votes.
    pub(crate) seats: Option<Seats>,
    /// The positions of the elected, in the order of their election.
    pub(crate) winners: Vec<i64>,
}

/// Counts rankings for this many seats.
pub(crate) fn for_seats(
    seats: i64,
    choices: &[Choice],
    tally: &Tally,
    tie_break: &TieBreak<'_>,
) -> ForSeats {
    let first = first_choices(choices, tally);
    let valid: i64 = first.iter().sum();
    if valid == 0 {
        return ForSeats {
            first,
            seats: None,
            winners: Vec::new(),
        };
    }
    // A file to recount may say anything.
    let seats = seats.clamp(1, i64::try_from(choices.len()).unwrap_or(1));
    let quota = valid / (seats + 1) + 1;
    let mut counting = Counting {
        choices,
        tally,
        tie_break,
        quota: quota * UNITS,
        vacancies: usize::try_from(seats).unwrap_or(1),
        total: valid * UNITS,
        state: vec![State::Continuing; choices.len()],
        votes: vec![0; choices.len()],
        papers: vec![Vec::new(); choices.len()],
        history: Vec::new(),
    };
    let stages = counting.stages();
    let seats = Seats {
        seats,
        quota,
        stages,
    };
    ForSeats {
        first,
        winners: seats.winners().collect(),
        seats: Some(seats),
    }
}

/// Where a choice stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Continuing,
    Elected,
    Out,
}

/// All ballots with one ranking, while they count for one choice.
#[derive(Clone, Copy)]
struct Papers {
    /// The index of the ranking in the tally.
    ranking: usize,
    /// How far the ranking has been read.
    read: usize,
    /// What each of the ballots is worth, in units.
    value: i64,
}

/// What is transferred next.
enum Next {
    Surplus(Broken),
    Out(Broken),
}

struct Counting<'a> {
    choices: &'a [Choice],
    tally: &'a Tally,
    tie_break: &'a TieBreak<'a>,
    /// In units, as all votes here.
    quota: i64,
    vacancies: usize,
    total: i64,
    state: Vec<State>,
    votes: Vec<i64>,
    papers: Vec<Vec<Papers>>,
    /// The votes at the end of each stage.
    history: Vec<Vec<i64>>,
}

impl Counting<'_> {
    fn stages(&mut self) -> Vec<Stage> {
        let all = 0..self.tally.votes.len();
        self.transfer(all.map(|ranking| Papers {
            ranking,
            read: 0,
            value: UNITS,
        }));
        let mut stages = Vec::new();
        loop {
            let mut stage = self.stage();
            let elected = self.elect(|votes, quota| votes >= quota);
            stage.elected = self.positions(&elected);
            let remaining = self.fill();
            stage.remaining = self.positions(&remaining);
            let next = (self.vacancies > 0).then(|| self.next());
            if let Some(Next::Surplus(broken) | Next::Out(broken)) = &next {
                let positions = self.positions(&broken.choices);
                match &next {
                    Some(Next::Out(_)) => stage.out = positions,
                    _ => stage.surplus = positions,
                }
                stage.tie = broken.tie;
            }
            let undrawn = stage.tie == Some(Tie::Undrawn);
            stages.push(stage);
            match next.filter(|_| !undrawn) {
                Some(Next::Surplus(broken)) => self.transfer_surplus(broken.choices[0]),
                Some(Next::Out(broken)) => self.exclude(&broken.choices),
                None => return stages,
            }
        }
    }

    /// Records the votes at the end of a stage.
    fn stage(&mut self) -> Stage {
        let before = self.history.last();
        let standing = (0..self.choices.len()).filter(|&index| self.state[index] != State::Out);
        let standing: Vec<Standing> = standing
            .map(|index| Standing {
                choice: self.choices[index].position,
                votes: self.votes[index],
                gained: before.map_or(0, |before| self.votes[index] - before[index]),
            })
            .collect();
        self.history.push(self.votes.clone());
        Stage {
            exhausted: self.total - self.votes.iter().sum::<i64>(),
            standing,
            ..Stage::default()
        }
    }

    /// Elects the continuing choices with enough votes, and returns them, most votes first.
    fn elect(&mut self, enough: impl Fn(i64, i64) -> bool) -> Vec<usize> {
        let mut elected = self.continuing();
        elected.retain(|&index| enough(self.votes[index], self.quota));
        elected.sort_by_key(|&index| Reverse(self.votes[index]));
        for &index in &elected {
            self.state[index] = State::Elected;
        }
        self.vacancies = self.vacancies.saturating_sub(elected.len());
        elected
    }

    /// Elects all continuing choices if there are as many as vacancies.
    fn fill(&mut self) -> Vec<usize> {
        if self.continuing().len() > self.vacancies {
            return Vec::new();
        }
        self.elect(|_, _| true)
    }

    /// Returns whose votes are transferred next: the largest surplus, or else the fewest votes.
    fn next(&self) -> Next {
        let last = self.history.len();
        let elected = (0..self.choices.len()).filter(|&index| self.state[index] == State::Elected);
        let with_surplus: Vec<usize> = elected
            .filter(|&index| self.votes[index] > self.quota)
            .collect();
        if !with_surplus.is_empty() {
            let largest = lowest(&with_surplus, |index| -self.votes[index]);
            return Next::Surplus(self.decided(largest, last, -1));
        }
        let continuing = self.continuing();
        let fewest = lowest(&continuing, |index| self.votes[index]);
        let without = fewest.iter().all(|&index| self.votes[index] == 0);
        if without && continuing.len() - fewest.len() >= self.vacancies {
            return Next::Out(Broken::clearly(fewest));
        }
        Next::Out(self.decided(fewest, last, 1))
    }

    /// Leaves one of choices with equal votes, or all if a draw that isn't made yet decides.
    fn decided(&self, level: Vec<usize>, stage: usize, sign: i64) -> Broken {
        let mut broken = Broken::by_earlier_rounds(level, &self.history, sign);
        if broken.choices.len() > 1 {
            match self.tie_break.drawn(&broken.choices, stage) {
                Some((mut order, tie)) => {
                    order.truncate(1);
                    broken = Broken {
                        choices: order,
                        tie: Some(tie),
                    };
                }
                None => broken.tie = Some(Tie::Undrawn),
            }
        }
        broken
    }

    /// Transfers all ballots of an elected choice at a value reduced to its surplus. The fifth
    /// decimal isn't rounded.
    fn transfer_surplus(&mut self, from: usize) {
        let (votes, surplus) = (self.votes[from], self.votes[from] - self.quota);
        let papers = std::mem::take(&mut self.papers[from]);
        self.votes[from] = self.quota;
        self.transfer(papers.into_iter().map(|papers| Papers {
            value: reduced(papers.value, surplus, votes),
            ..papers
        }));
    }

    /// Takes choices out and transfers their ballots at the value they have. Nothing is transferred
    /// once as many choices are left as vacancies, since these are elected at once.
    fn exclude(&mut self, out: &[usize]) {
        for &index in out {
            self.state[index] = State::Out;
            self.votes[index] = 0;
        }
        if self.continuing().len() > self.vacancies {
            for &index in out {
                let papers = std::mem::take(&mut self.papers[index]);
                self.transfer(papers.into_iter());
            }
        }
    }

    /// Gives each of these ballots to its next continuing choice.
    fn transfer(&mut self, papers: impl Iterator<Item = Papers>) {
        for mut papers in papers {
            let (ballot, times) = &self.tally.votes[papers.ranking];
            let rest = &ballot.positions()[papers.read..];
            let next = rest.iter().enumerate().find_map(|(step, position)| {
                let index = index(self.choices, *position)?;
                (self.state[index] == State::Continuing).then_some((step, index))
            });
            if let Some((step, to)) = next {
                papers.read += step + 1;
                self.votes[to] += times * papers.value;
                self.papers[to].push(papers);
            }
        }
    }

    fn continuing(&self) -> Vec<usize> {
        let all = 0..self.choices.len();
        all.filter(|&index| self.state[index] == State::Continuing)
            .collect()
    }

    fn positions(&self, indices: &[usize]) -> Vec<i64> {
        let position = |&index: &usize| self.choices[index].position;
        indices.iter().map(position).collect()
    }
}

/// The value of a ballot transferred with a surplus, in units. The product of two numbers of units
/// may be larger than an `i64`.
fn reduced(value: i64, surplus: i64, votes: i64) -> i64 {
    let reduced = i128::from(value) * i128::from(surplus) / i128::from(votes);
    i64::try_from(reduced).unwrap_or(0)
}
