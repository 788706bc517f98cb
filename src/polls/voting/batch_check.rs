//! Checks each vote of a batch against its poll and earlier votes.

use std::collections::{BTreeSet, HashMap};

use sea_orm::DbErr;

use crate::accounts::sessions::active_sessions::Verified;
use crate::platform::crypto::Keys;
use crate::platform::db::Transaction;
use crate::polls::model::nonce::Nonce;
use crate::polls::model::poll::{State, takes};
use crate::polls::model::receipt::Receipt;
use crate::polls::model::selection::Selection;
use crate::polls::store::votes::{Mark, Marks, account_marks, is_mobile, marks, marks_of};
use crate::polls::voting::batch_read::{LockedPoll, Polls};
use crate::polls::voting::batch_write::Slot;
use crate::polls::voting::vote::{Vote, VoteError};

/// A vote with its voter and poll. Whether it is the voter's first is decided by the database.
pub(crate) struct Checked<'a> {
    pub(super) vote: &'a Vote,
    pub(super) poll: &'a LockedPoll,
    /// The mark of this vote.
    pub(super) mark: Mark,
    /// The marks that the same phone may have under other spellings of its number.
    pub(super) others: Vec<Mark>,
    /// The mark of the account, if the poll allows one vote per account.
    pub(super) account: Option<Mark>,
    pub(super) receipt: Receipt,
    /// The selection, or why the vote is rejected unless it was already counted.
    pub(super) selection: Result<Selection, VoteError>,
}

impl Checked<'_> {
    /// All marks that this phone may have.
    fn marks(&self) -> impl Iterator<Item = &Mark> {
        std::iter::once(&self.mark).chain(&self.others)
    }

    /// The key of the ballot.
    pub(super) fn slot(&self) -> Slot {
        (self.poll.row, self.receipt.hash())
    }

    pub(super) fn may_be_first(&self) -> bool {
        self.selection.is_ok() && self.vote.replaces.is_none()
    }

    /// Whether ballots of the poll can be changed now.
    pub(super) fn may_change(&self) -> bool {
        self.poll.changeable && self.poll.state == State::Open
    }

    /// The ballots that this vote may replace: its own if it was sent before, and the one whose
    /// receipt was typed.
    pub(super) fn changes(&self) -> Vec<Slot> {
        if self.selection.is_err() {
            return Vec::new();
        }
        let typed = self
            .vote
            .replaces
            .iter()
            .flatten()
            .map(|receipt| (self.poll.row, *receipt));
        typed.chain([self.slot()]).collect()
    }
}

/// The marks that this batch's voters had before it.
pub(crate) struct Before {
    numbers: Marks,
    accounts: Marks,
}

impl Before {
    /// Reads the existing marks. A first vote's own mark isn't read: the primary key decides on
    /// insert.
    pub(super) async fn read(
        transaction: &Transaction,
        changed: &[&Checked<'_>],
        first: &[&Checked<'_>],
    ) -> Result<Self, DbErr> {
        let others = first.iter().flat_map(|checked| &checked.others);
        let numbers: Vec<Mark> = changed
            .iter()
            .flat_map(|checked| checked.marks())
            .chain(others)
            .copied()
            .collect();
        let accounts: Vec<Mark> = changed
            .iter()
            .chain(first)
            .filter_map(|checked| checked.account)
            .collect();
        Ok(Self {
            numbers: marks(transaction, &numbers).await?,
            accounts: account_marks(transaction, &accounts).await?,
        })
    }

    pub(super) fn has(&self, checked: &Checked<'_>) -> bool {
        checked.marks().any(|mark| self.numbers.contains(mark))
            || checked
                .account
                .is_some_and(|mark| self.accounts.contains(&mark))
    }

    /// The marks of new voters, one for each phone and account.
    pub(super) fn fresh(&self, first: &[&Checked<'_>]) -> BTreeSet<Mark> {
        let (mut fresh, mut numbers, mut accounts) = (BTreeSet::new(), Marks::new(), Marks::new());
        for checked in first.iter().filter(|checked| !self.has(checked)) {
            let known = checked.marks().any(|mark| numbers.contains(mark))
                || checked.account.is_some_and(|mark| accounts.contains(&mark));
            if !known {
                numbers.extend(checked.marks());
                accounts.extend(checked.account);
                fresh.insert(checked.mark);
            }
        }
        fresh
    }
}

pub(crate) fn check<'a>(
    keys: &Keys,
    vote: &'a Vote,
    verified: &HashMap<Vec<u8>, Verified>,
    polls: &'a Polls,
) -> Result<Checked<'a>, VoteError> {
    let Verified {
        account,
        number,
        former,
    } = verified.get(&vote.session).ok_or(VoteError::NotVerified)?;
    let number = keys
        .open_sealed(*account, number)
        .ok_or(VoteError::NotVerified)?;
    let poll = polls
        .get(&vote.poll)
        .ok_or(VoteError::NoPoll)?
        .as_ref()
        .ok_or(VoteError::PollLocked)?;
    if poll.state == State::Draft {
        return Err(VoteError::NoPoll);
    }
    let mark = (poll.row, keys.voter(&vote.poll, &number));
    let others = marks_of(keys, poll.row, &vote.poll, &number).split_off(1);
    let account_mark = poll
        .per_account
        .then(|| (poll.row, keys.voting_account(&vote.poll, *account)));
    // A step up in another tab changes the session key while ballot pages are open, so the previous
    // key is accepted, too.
    let sessions = [Some(vote.session.as_slice()), former.as_deref()]
        .into_iter()
        .flatten();
    let nonce = Nonce::open(keys, &vote.poll, sessions, &vote.nonce).unwrap_or_else(Nonce::fresh);
    let receipt = nonce.receipt(keys, &vote.poll, &mark.1);
    Ok(Checked {
        vote,
        poll,
        mark,
        others,
        account: account_mark,
        receipt,
        selection: selection(vote, poll, &number),
    })
}

/// Returns the selection of a vote, or why it is rejected.
pub(crate) fn selection(
    vote: &Vote,
    poll: &LockedPoll,
    number: &str,
) -> Result<Selection, VoteError> {
    match poll.state {
        State::Draft => return Err(VoteError::NoPoll),
        State::NotOpenYet => return Err(VoteError::NotOpenYet),
        State::Closed => return Err(VoteError::Closed),
        State::Open => {}
    }
    if !takes(&poll.countries, number) {
        return Err(VoteError::Foreign);
    }
    if poll.mobile_only && !is_mobile(number) {
        return Err(VoteError::Landline);
    }
    if vote.replaces.is_some() && !poll.changeable {
        return Err(VoteError::Final);
    }
    Ok(Selection::new(
        poll.kind,
        &poll.positions,
        vote.chosen.clone()?,
    )?)
}
