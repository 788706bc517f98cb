//! The expected state of polls.

use std::collections::{BTreeMap, BTreeSet};

use pollstr::polls::model::kind::Kind;
use pollstr::polls::model::nonce::Nonce;
use pollstr::polls::model::receipt::Receipt;
use pollstr::polls::model::selection::{FilledIn, SelectionError};
use pollstr::polls::voting::vote::{AcceptedVote, Vote, VoteError};

/// The expected state of a poll.
pub(crate) struct Model {
    pub(crate) id: String,
    pub(crate) kind: Kind,
    pub(crate) changeable: bool,
    pub(crate) opens_at: i64,
    pub(crate) closes_at: Option<i64>,
    pub(crate) marks: BTreeSet<Vec<u8>>,
    pub(crate) ballots: BTreeMap<Vec<u8>, Vec<i64>>,
    /// Pages that were posted, by number.
    pub(crate) pages: BTreeMap<String, Vec<Nonce>>,
}

/// A vote in flight.
#[derive(Clone)]
pub(crate) struct Cast {
    pub(crate) mark: Vec<u8>,
    pub(crate) vote: Vote,
    pub(crate) receipt: Receipt,
    /// Whether it is part of a double click: either may be stored first.
    pub(crate) double: bool,
}

impl Model {
    pub(crate) fn cast(
        &mut self,
        now: i64,
        Cast {
            mark,
            vote,
            receipt,
            ..
        }: &Cast,
    ) -> Result<AcceptedVote, VoteError> {
        let (own, counted) = (receipt.hash().to_vec(), |stands| {
            Ok(AcceptedVote {
                receipt: receipt.clone(),
                stands,
            })
        });
        let may_change = self.changeable && self.closes_at.is_none_or(|closes_at| now < closes_at);
        if !may_change && self.ballots.contains_key(&own) {
            return counted(true);
        }
        if now < self.opens_at {
            return Err(VoteError::NotOpenYet);
        }
        if self.closes_at.is_some_and(|closes_at| now >= closes_at) {
            return Err(VoteError::Closed);
        }
        if vote.replaces.is_some() && !self.changeable {
            return Err(VoteError::Final);
        }
        let chosen = match (self.kind.is_rating(), vote.chosen.clone()?) {
            (false, FilledIn::Chosen(chosen)) => chosen,
            (true, FilledIn::Rated(rated)) if !rated.is_empty() => Self::points(&rated)?,
            (true, _) => return Err(SelectionError::NothingRated.into()),
            (false, FilledIn::Rated(_)) => return Err(SelectionError::Nothing.into()),
        };
        let rated = self.kind.is_rating();
        let distinct: BTreeSet<i64> = chosen.iter().copied().collect();
        if !rated && distinct.iter().any(|choice| !(1..=4).contains(choice)) {
            return Err(SelectionError::Foreign.into());
        }
        match self.kind {
            kind if kind.is_ranking() && distinct.len() < chosen.len() => {
                return Err(SelectionError::DuplicateRank.into());
            }
            Kind::Single if distinct.len() > 1 => return Err(SelectionError::TooMany(1).into()),
            Kind::Multiple { .. } if distinct.len() > 2 => {
                return Err(SelectionError::TooMany(2).into());
            }
            _ => {}
        }
        match &vote.replaces {
            _ if self.ballots.contains_key(&own) => {}
            None if !self.marks.insert(mark.clone()) => return Err(VoteError::AlreadyVoted),
            Some(_) if !self.marks.contains(mark) => return Err(VoteError::NotVoted),
            Some(Ok(old)) if self.ballots.remove(old.as_slice()).is_none() => {
                return Err(VoteError::WrongReceipt);
            }
            _ => {}
        }
        self.ballots.insert(own, self.says(&chosen));
        counted(false)
    }

    /// Returns the points of the four choices, or the first error.
    fn points(rated: &[(i64, i64)]) -> Result<Vec<i64>, VoteError> {
        let mut points = vec![0; 4];
        for (choice, given) in rated {
            let index = usize::try_from(choice - 1).unwrap();
            let choice_points = points.get_mut(index).ok_or(SelectionError::Foreign)?;
            if *given > 5 {
                return Err(SelectionError::Points(*choice).into());
            }
            *choice_points = *given;
        }
        Ok(points)
    }

    /// Returns the stored text of what was filled in; some other text if it isn't valid.
    pub(crate) fn text_of(&self, filled_in: &FilledIn) -> String {
        match filled_in {
            FilledIn::Chosen(chosen) => self.text(&self.says(chosen)),
            FilledIn::Rated(rated) => {
                Self::points(rated).map_or_else(|_| String::new(), |points| self.text(&points))
            }
        }
    }

    fn says(&self, chosen: &[i64]) -> Vec<i64> {
        let distinct: BTreeSet<i64> = chosen.iter().copied().collect();
        if self.kind.tallies_whole_ballots() {
            chosen.to_vec()
        } else {
            distinct.into_iter().collect()
        }
    }

    /// Returns a ballot's stored text.
    pub(crate) fn text(&self, says: &[i64]) -> String {
        if self.kind.is_rating() {
            let given = (1..).zip(says);
            let given = given.map(|(choice, points)| format!("{choice}:{points}"));
            return given.collect::<Vec<_>>().join(",");
        }
        let between = if self.kind.is_ranking() { ">" } else { "," };
        says.iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(between)
    }

    /// Returns the expected tally, including the number of ballots.
    pub(crate) fn tally(&self) -> BTreeMap<String, i64> {
        let mut tally = BTreeMap::new();
        for says in self.ballots.values() {
            let whole = self.kind.tallies_whole_ballots();
            let keys = if whole {
                vec![self.text(says)]
            } else {
                says.iter().map(ToString::to_string).collect()
            };
            for key in keys.into_iter().chain(["ballots".to_owned()]) {
                *tally.entry(key).or_default() += 1;
            }
        }
        tally
    }
}
