//! Breaks ties in a run-off: by earlier rounds, by pairs, and for the last place by a draw.

use std::cmp::Reverse;

use crate::polls::model::counting::choices::index;
use crate::polls::model::counting::count::{Tally, Tie};
use crate::polls::model::counting::tie_rule::TieRule;
use crate::polls::model::draw::Draw;
use crate::polls::model::poll::Choice;

/// What ties are broken by.
pub(crate) struct TieBreak<'a> {
    pub(crate) rule: TieRule,
    pub(crate) choices: &'a [Choice],
    pub(crate) tally: &'a Tally,
    /// The draw; `None` before the close.
    pub(crate) draw: Option<&'a Draw>,
}

/// The indices of the choices that are left of those tied, and what set them apart.
pub(crate) struct Broken {
    pub(crate) choices: Vec<usize>,
    pub(crate) tie: Option<Tie>,
}

impl Broken {
    /// Choices that the votes alone set apart.
    pub(crate) fn clearly(choices: Vec<usize>) -> Self {
        Self { choices, tie: None }
    }

    /// Keeps the choices that did worst in the last round in which they differed, and so on back, or
    /// best if `sign` is negative.
    pub(crate) fn by_earlier_rounds(choices: Vec<usize>, history: &[Vec<i64>], sign: i64) -> Self {
        let mut broken = Self::clearly(choices);
        for round in history.iter().rev() {
            let kept = lowest(&broken.choices, |index| sign * round[index]);
            broken.narrow(kept, Tie::EarlierRound);
        }
        broken
    }

    /// Keeps fewer of the choices, if `tie` set them apart.
    fn narrow(&mut self, choices: Vec<usize>, tie: Tie) {
        if choices.len() < self.choices.len() {
            *self = Self {
                choices,
                tie: Some(tie),
            };
        }
    }
}

impl TieBreak<'_> {
    /// Returns which of all remaining choices, which have equal votes, wins; several if nothing
    /// sets them apart.
    pub(crate) fn best(&self, level: Vec<usize>, history: &[Vec<i64>]) -> Broken {
        match self.rule {
            TieRule::ListOrder => Broken::clearly(level),
            TieRule::Draw => self.compare(level, history, -1),
        }
    }

    /// Returns which of the choices with the fewest votes is out: one, or several if a draw that
    /// isn't made yet decides.
    pub(crate) fn last(&self, level: Vec<usize>, history: &[Vec<i64>]) -> Broken {
        let mut broken = self.compare(level, history, 1);
        if broken.choices.len() > 1 {
            match self.drawn(&broken.choices, history.len()) {
                Some((order, tie)) => broken.narrow(order[..1].to_vec(), tie),
                None => broken.tie = Some(Tie::Undrawn),
            }
        }
        broken
    }

    /// Returns these choices, which nothing else sets apart, in the order in which they are drawn in
    /// this round; `None` if the draw isn't made yet.
    pub(crate) fn drawn(&self, level: &[usize], round: usize) -> Option<(Vec<usize>, Tie)> {
        let mut order = level.to_vec();
        match (self.rule, self.draw) {
            (TieRule::ListOrder, _) => {
                order.sort_unstable_by_key(|index| Reverse(*index));
                Some((order, Tie::Order))
            }
            (TieRule::Draw, Some(draw)) => {
                order.sort_by_cached_key(|index| draw.lot(round, self.choices[*index].position));
                Some((order, Tie::Drawn))
            }
            (TieRule::Draw, None) => None,
        }
    }

    /// Keeps the choices that do worst in earlier rounds and then in pairs, or best if `sign` is
    /// negative.
    fn compare(&self, level: Vec<usize>, history: &[Vec<i64>], sign: i64) -> Broken {
        let mut broken = Broken::by_earlier_rounds(level, history, sign);
        while self.rule == TieRule::Draw && broken.choices.len() > 1 {
            let lead = self.lead_in_pairs(&broken.choices);
            let kept = lowest(&broken.choices, |index| sign * lead[index]);
            if kept.len() == broken.choices.len() {
                break;
            }
            broken.narrow(kept, Tie::Pairs);
        }
        broken
    }

    /// For each of these choices, how many of the others it beats, less how many beat it. One beats
    /// another if more voters rank it higher.
    fn lead_in_pairs(&self, among: &[usize]) -> Vec<i64> {
        let all = self.choices.len();
        // How many voters rank the first choice above the second.
        let mut above = vec![vec![0; all]; all];
        for (ballot, times) in &self.tally.votes {
            let mut below: Vec<usize> = among.to_vec();
            let positions = ballot.positions().iter();
            for higher in positions.filter_map(|position| index(self.choices, *position)) {
                if let Some(place) = below.iter().position(|index| *index == higher) {
                    below.swap_remove(place);
                    for &lower in &below {
                        above[higher][lower] += times;
                    }
                }
            }
        }
        let mut lead = vec![0; all];
        for &one in among {
            for &other in among {
                let margin: i64 = above[one][other] - above[other][one];
                lead[one] += margin.signum();
            }
        }
        lead
    }
}

/// Those with the lowest key.
pub(crate) fn lowest(among: &[usize], key: impl Fn(usize) -> i64) -> Vec<usize> {
    let lowest = among.iter().map(|&index| key(index)).min();
    let mut kept = among.to_vec();
    kept.retain(|&index| Some(key(index)) == lowest);
    kept
}
