//! Counts the ballots of a poll as they are in the database, with the draw if one decides.

use std::sync::Arc;

use data_encoding::HEXLOWER;
use sea_orm::{ConnectionTrait, DbErr};
use tokio::task::spawn_blocking;

use crate::polls::model::counting::count::{Count, Tally};
use crate::polls::model::counting::counted;
use crate::polls::model::draw::{Draw, ReceiptsHash, Seed};
use crate::polls::store::polls::StoredPoll;
use crate::polls::store::votes;

/// A tally with more entries than this is counted on a blocking thread.
const COUNT_INLINE: usize = 2_000;
/// Receipts read at once.
const RECEIPTS: usize = 5_000;

/// Counts a poll. A draw that decides is made once the ballot box is shut: until then, the receipts
/// that it depends on may change.
pub async fn count(db: &impl ConnectionTrait, stored: &StoredPoll) -> Result<Count, DbErr> {
    let tally = Arc::new(votes::tally(db, stored.row).await?);
    let count = count_with(stored, &tally, None).await?;
    match stored.seed {
        Some(seed) if stored.shut && count.is_undrawn() => {
            let draw = draw(db, stored, seed).await?;
            count_with(stored, &tally, Some(draw)).await
        }
        _ => Ok(count),
    }
}

async fn count_with(
    stored: &StoredPoll,
    tally: &Arc<Tally>,
    draw: Option<Draw>,
) -> Result<Count, DbErr> {
    if tally.votes.len() <= COUNT_INLINE {
        return Ok(counted::count(&stored.poll, tally, draw.as_ref()));
    }
    let (poll, tally) = (Arc::clone(&stored.poll), Arc::clone(tally));
    spawn_blocking(move || counted::count(&poll, &tally, draw.as_ref()))
        .await
        .map_err(|error| DbErr::Custom(error.to_string()))
}

async fn draw(db: &impl ConnectionTrait, stored: &StoredPoll, seed: Seed) -> Result<Draw, DbErr> {
    let (mut hash, mut last) = (ReceiptsHash::default(), Vec::new());
    loop {
        let receipts = votes::receipts_after(db, stored.row, last, RECEIPTS).await?;
        for receipt in &receipts {
            hash.add(&HEXLOWER.encode(receipt));
        }
        match receipts.into_iter().next_back() {
            Some(receipt) => last = receipt,
            None => return Ok(Draw::new(&stored.poll.id, seed, hash)),
        }
    }
}
