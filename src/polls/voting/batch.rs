//! A batch of votes: what is asked of the database for all of them at once, what is wrong with each, and what is written for all of
//! them at once.
//!
//! A vote is a mark of the voter, a ballot without one, and a tally; the mark's key decides whether it is the first. Marks and ballots
//! are each written in an order of their own, so that neither tells which belong together. A vote that was sent before is known by its
//! mark and its receipt.

use std::collections::{BTreeSet, HashMap, HashSet};

use sea_orm::DbErr;

use crate::accounts::sessions::active_sessions::find_verified;
use crate::platform::clock::Clock;
use crate::platform::crypto::Keys;
use crate::platform::db::Transaction;
use crate::polls::store::votes::{BALLOTS, CHANGES, Marks};
use crate::polls::voting::batch_check::{Before, Checked, check};
use crate::polls::voting::batch_read::{OnLocked, read_polls};
use crate::polls::voting::batch_write::{
    Additions, Ballot, Slot, add_up, mark, mark_accounts, put_in, receipts, take_out,
};
use crate::polls::voting::vote::{AcceptedVote, Outcome, Vote, VoteError};

/// Writes votes, and tells what becomes of each once this is committed.
pub(crate) async fn store(
    transaction: &Transaction,
    keys: &Keys,
    clock: &Clock,
    votes: &[Vote],
    held: OnLocked,
    mobile_only: bool,
) -> Result<Vec<Outcome>, DbErr> {
    let (polls, now) = read_polls(transaction, votes, held, clock, mobile_only).await?;
    let sessions: BTreeSet<&[u8]> = votes.iter().map(|vote| vote.session.as_slice()).collect();
    let verified = find_verified(transaction, &sessions, now).await?;
    let checked: Vec<_> = votes
        .iter()
        .map(|vote| check(keys, vote, &verified, &polls))
        .collect();
    let there = receipts(
        transaction,
        &checked.iter().flatten().map(Checked::slot).collect(),
    )
    .await?;
    let (first, others): (Vec<_>, Vec<_>) = checked
        .iter()
        .flatten()
        .partition(|checked| checked.may_be_first() && !there.contains(&checked.slot()));
    // The polls are held: between this look and the marks, no other process leaves one.
    let before = Before::read(transaction, &others, &first).await?;
    let new = mark(transaction, &before.fresh(&first)).await?;
    let accounts = first
        .iter()
        .filter(|checked| new.contains(&checked.mark))
        .filter_map(|checked| checked.account)
        .collect();
    mark_accounts(transaction, &accounts).await?;
    let changing = others
        .iter()
        .filter(|checked| checked.may_change() && before.has(checked));
    let ballots = take_out(
        transaction,
        &changing.flat_map(|checked| checked.changes()).collect(),
    )
    .await?;
    let mut batch = Batch {
        there,
        new,
        before,
        ballots,
        additions: Additions::default(),
    };
    let outcomes = checked
        .into_iter()
        .map(|checked| batch.take(checked?))
        .collect();
    put_in(transaction, batch.ballots).await?;
    add_up(transaction, batch.additions).await?;
    Ok(outcomes)
}

/// Where votes are taken one after the other, between what is read for all of them and what is written for all of them.
struct Batch {
    /// The receipts of these votes that were in the database before.
    there: HashSet<Slot>,
    /// The marks that were left just now; the first of several votes with one number takes it.
    new: Marks,
    before: Before,
    /// The ballots to be put in: new ones, and those that were taken out to be changed.
    ballots: HashMap<Slot, Ballot>,
    additions: Additions,
}

impl Batch {
    fn take(&mut self, checked: Checked<'_>) -> Outcome {
        let (slot, kind) = (checked.slot(), checked.poll.kind);
        let (row, _) = slot;
        let in_database = self.there.contains(&slot);
        // A ballot that was sent before has this voter's mark and this receipt. That is said before anything else, and whatever it
        // chooses now: to whoever sends it again the answer must not tell how they voted.
        if !checked.may_change()
            && (self.ballots.contains_key(&slot) || (in_database && self.before.has(&checked)))
        {
            return Ok(AcceptedVote {
                receipt: checked.receipt,
                stands: true,
            });
        }
        let selection = checked.says.clone()?;
        match (self.ballots.remove(&slot), &checked.vote.replaces) {
            // Sent again, it takes its own place.
            (Some(own), _) => {
                let changes = i64::from(own.selection != selection);
                self.additions.add(row, own.selection.keys(kind), -1);
                self.additions.add(row, [CHANGES.to_owned()], changes);
            }
            // By chance, two voters' receipts are the same. With another page this one's is another.
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
