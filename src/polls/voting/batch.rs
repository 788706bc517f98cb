//! Stores a batch of votes: reads what all of them need, checks each, and writes them together.
//!
//! A vote consists of a mark of the voter, a ballot without one, and a tally; the mark's primary
//! key decides whether the vote is the voter's first. Marks and ballots are each written in their
//! own order, so that the order doesn't show which belong together. A vote that is sent again is
//! recognised by its mark and its receipt.

use std::collections::{BTreeSet, HashMap, HashSet};

use sea_orm::DbErr;

use crate::accounts::sessions::active_sessions::find_verified;
use crate::platform::clock::Clock;
use crate::platform::crypto::Keys;
use crate::platform::db::Transaction;
use crate::polls::store::votes::{BALLOTS, CHANGES, Marks};
use crate::polls::voting::batch_check::{Before, Checked, check};
use crate::polls::voting::batch_read::{OnLocked, lock_polls};
use crate::polls::voting::batch_write::{
    Additions, Ballot, Slot, delete_ballots, insert_account_marks, insert_ballots, mark, receipts,
    update_tally,
};
use crate::polls::voting::vote::{AcceptedVote, Outcome, Vote, VoteError};

/// Writes votes and returns the outcome of each, valid once the transaction is committed.
pub(crate) async fn store(
    transaction: &Transaction,
    keys: &Keys,
    clock: &Clock,
    votes: &[Vote],
    on_locked: OnLocked,
    mobile_only: bool,
) -> Result<Vec<Outcome>, DbErr> {
    let (polls, now) = lock_polls(transaction, votes, on_locked, clock, mobile_only).await?;
    let sessions: BTreeSet<&[u8]> = votes.iter().map(|vote| vote.session.as_slice()).collect();
    let verified = find_verified(transaction, &sessions, now).await?;
    let checked: Vec<_> = votes
        .iter()
        .map(|vote| check(keys, vote, &verified, &polls))
        .collect();
    let existing = receipts(
        transaction,
        &checked.iter().flatten().map(Checked::slot).collect(),
    )
    .await?;
    let (first, others): (Vec<_>, Vec<_>) = checked
        .iter()
        .flatten()
        .partition(|checked| checked.may_be_first() && !existing.contains(&checked.slot()));
    // The polls are locked: no other process inserts marks between this read and the write.
    let before = Before::read(transaction, &others, &first).await?;
    let new = mark(transaction, &before.fresh(&first)).await?;
    let accounts = first
        .iter()
        .filter(|checked| new.contains(&checked.mark))
        .filter_map(|checked| checked.account)
        .collect();
    insert_account_marks(transaction, &accounts).await?;
    let changing = others
        .iter()
        .filter(|checked| checked.may_change() && before.has(checked));
    let ballots = delete_ballots(
        transaction,
        &changing.flat_map(|checked| checked.changes()).collect(),
    )
    .await?;
    let mut batch = Batch {
        existing,
        new,
        before,
        ballots,
        additions: Additions::default(),
    };
    let outcomes = checked
        .into_iter()
        .map(|checked| batch.apply(checked?))
        .collect();
    insert_ballots(transaction, batch.ballots).await?;
    update_tally(transaction, batch.additions).await?;
    Ok(outcomes)
}

/// The state of a batch while its votes are processed one by one.
struct Batch {
    /// The receipts of this batch that were in the database before.
    existing: HashSet<Slot>,
    /// The newly inserted marks. If several votes have the same number, the first takes the mark.
    new: Marks,
    before: Before,
    /// The ballots to insert: new ones, and existing ones that were taken out to be changed.
    ballots: HashMap<Slot, Ballot>,
    additions: Additions,
}

impl Batch {
    fn apply(&mut self, checked: Checked<'_>) -> Outcome {
        let (slot, kind) = (checked.slot(), checked.poll.kind);
        let (row, _) = slot;
        let in_database = self.existing.contains(&slot);
        // A ballot that was already cast has this voter's mark and this receipt. This is checked
        // first, whatever the ballot chooses now: the answer must not reveal to a later sender how
        // the voter voted.
        if !checked.may_change()
            && (self.ballots.contains_key(&slot) || (in_database && self.before.has(&checked)))
        {
            return Ok(AcceptedVote {
                receipt: checked.receipt,
                stands: true,
            });
        }
        let selection = checked.selection.clone()?;
        match (self.ballots.remove(&slot), &checked.vote.replaces) {
            // Sent again, the ballot replaces itself.
            (Some(own), _) => {
                let changes = i64::from(own.selection != selection);
                self.additions.add(row, own.selection.keys(kind), -1);
                self.additions.add(row, [CHANGES.to_owned()], changes);
            }
            // Two voters' receipts collide by chance. A new ballot page gives another receipt.
            (None, _) if in_database && !self.before.has(&checked) => {
                return Err(VoteError::Failed);
            }
            (None, None) if !self.new.remove(&checked.mark) => return Err(VoteError::AlreadyVoted),
            (None, None) => self.additions.add(row, [BALLOTS.to_owned()], 1),
            (None, Some(_)) if !self.before.has(&checked) => return Err(VoteError::NotVoted),
            (None, Some(replaced)) => {
                let old = self
                    .ballots
                    .remove(&(row, replaced.clone()?))
                    .ok_or(VoteError::WrongReceipt)?;
                self.additions.add(row, old.selection.keys(kind), -1);
                self.additions.add(row, [CHANGES.to_owned()], 1);
            }
        }
        self.additions.add(row, selection.keys(kind), 1);
        let text = selection.text(kind);
        self.ballots.insert(slot, Ballot { text, selection });
        Ok(AcceptedVote {
            receipt: checked.receipt,
            stands: false,
        })
    }
}
