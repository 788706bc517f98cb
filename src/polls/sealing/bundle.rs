//! The recount bundle: one file with everything needed to recount a closed poll, and its
//! fingerprint.
//!
//! The file is byte-for-byte reproducible. Its SHA-256 is shown with the results, so that
//! `sha256sum` can verify a copy. Receipts and ballots are separate lists, each sorted on its own,
//! so that a receipt proves that its ballot is included but not what it says. The lists are read
//! from the database in chunks, so no download holds them in memory.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};

use data_encoding::HEXLOWER;
use futures::TryStreamExt;
use sea_orm::{DbErr, StreamTrait};
use sha2::{Digest, Sha256};

use crate::platform::db::{Db, Transaction, statement};
use crate::polls::model::draw::Seed;
use crate::polls::sealing::bundle_format::{Counted, FORMAT, FORMAT_WITH_SEED, FrozenPoll};
use crate::polls::store::polls::StoredPoll;
use crate::polls::store::{counts, votes};

/// Rows or lines per chunk.
const PIECE: usize = 2_000;

/// Each distinct ballot and how often it occurs, in order.
type BallotCounts = Arc<BTreeMap<String, i64>>;

/// The ballots of the sealed poll downloaded last, by its fingerprint, shared by concurrent
/// downloads.
static LAST: Mutex<Option<(String, BallotCounts)>> = Mutex::new(None);

/// The bundle of a sealed poll, generated in chunks.
#[derive(Debug)]
pub struct Bundle {
    db: Db,
    poll: i64,
    head: Option<String>,
    receipts: Option<Vec<u8>>,
    ballots: Option<BallotCounts>,
    /// Where the next chunk of ballots begins: the ballot, and how many copies of it were written.
    next: Option<(String, i64)>,
    /// Whether the current list has a line already.
    begun: bool,
}

impl Bundle {
    /// Creates the bundle of a poll.
    pub async fn of(db: &Db, stored: &StoredPoll) -> Result<Self, DbErr> {
        let frozen = FrozenPoll::of(&stored.poll);
        let counted = Counted::from(&counts::count(db.read(), stored).await?);
        let omit_reason = frozen.omit_reason(counted.ballots);
        let json = |error: serde_json::Error| DbErr::Custom(error.to_string());
        let (format, seed) = match stored.seed.map(Seed::hex) {
            Some(seed) => (FORMAT_WITH_SEED, format!("\n\"seed\":\"{seed}\",")),
            None => (FORMAT, String::new()),
        };
        // Bundles without corrections are the same as those that are older than corrections.
        let corrections = match &stored.poll.corrections[..] {
            [] => String::new(),
            some => format!(
                "\n\"corrections\":{},",
                serde_json::to_string(some).map_err(json)?
            ),
        };
        let head = format!(
            "{{\n\"format\":\"{format}\",\n\"poll\":{},{corrections}{seed}\n\"count\":{},\n\"left_out\":{},\n\"receipts\":[",
            serde_json::to_string(&frozen).map_err(json)?,
            serde_json::to_string(&counted).map_err(json)?,
            serde_json::to_string(&omit_reason).map_err(json)?
        );
        let ballots = if omit_reason.is_none() {
            Some(cached_ballot_counts(db, stored).await?)
        } else {
            None
        };
        let next = ballots
            .as_ref()
            .and_then(|counts| counts.keys().next())
            .map(|first| (first.clone(), 0));
        Ok(Self {
            db: db.clone(),
            poll: stored.row,
            head: Some(head),
            receipts: Some(Vec::new()),
            ballots,
            next,
            begun: false,
        })
    }

    /// Returns the next chunk; `None` at the end.
    pub async fn piece(&mut self) -> Result<Option<String>, DbErr> {
        if let Some(head) = self.head.take() {
            return Ok(Some(head));
        }
        if let Some(after) = self.receipts.take() {
            return self.receipts_chunk(after).await.map(Some);
        }
        Ok(self.ballots_chunk())
    }

    async fn receipts_chunk(&mut self, after: Vec<u8>) -> Result<String, DbErr> {
        let receipts = votes::receipts_after(self.db.read(), self.poll, after, PIECE).await?;
        let mut piece = String::with_capacity(receipts.len() * 68 + 16);
        for receipt in &receipts {
            self.line(&mut piece, &HEXLOWER.encode(receipt));
        }
        self.receipts = receipts.into_iter().next_back();
        if self.receipts.is_none() {
            self.begun = false;
            piece.push_str(if self.ballots.is_some() {
                "\n],\n\"ballots\":["
            } else {
                "\n],\n\"ballots\":null\n}\n"
            });
        }
        Ok(piece)
    }

    fn ballots_chunk(&mut self) -> Option<String> {
        let counts = self.ballots.clone()?;
        let mut piece = String::new();
        for _ in 0..PIECE {
            let Some((choices, times)) = self.next.take() else {
                self.ballots = None;
                piece.push_str("\n]\n}\n");
                break;
            };
            self.line(&mut piece, &choices);
            let all = counts.get(&choices).copied().unwrap_or_default();
            self.next = if times + 1 < all {
                Some((choices, times + 1))
            } else {
                let after = (
                    std::ops::Bound::Excluded(choices),
                    std::ops::Bound::Unbounded,
                );
                counts
                    .range(after)
                    .next()
                    .map(|(choices, _)| (choices.clone(), 0))
            };
        }
        Some(piece)
    }

    /// Appends a line to a list. The text needs no escaping.
    fn line(&mut self, piece: &mut String, text: &str) {
        // Writing to a `String` cannot fail.
        let _ = write!(piece, "{}\n\"{text}\"", if self.begun { "," } else { "" });
        self.begun = true;
    }
}

/// Returns each distinct ballot of a poll and how often it occurs.
pub async fn count_ballots(
    transaction: &Transaction,
    poll: i64,
) -> Result<BTreeMap<String, i64>, DbErr> {
    let sql = "SELECT choices, COUNT(*) AS ballots FROM ballot WHERE poll_id = $1 GROUP BY choices";
    let mut rows = transaction
        .stream_raw(statement(transaction, sql, [poll.into()]))
        .await?;
    let mut counts = BTreeMap::new();
    while let Some(row) = rows.try_next().await? {
        counts.insert(row.try_get("", "choices")?, row.try_get("", "ballots")?);
    }
    Ok(counts)
}

/// Returns the ballots of a poll, cached if it is sealed.
pub(crate) async fn cached_ballot_counts(
    db: &Db,
    stored: &StoredPoll,
) -> Result<BallotCounts, DbErr> {
    let last = || LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((fingerprint, counts)) = last().as_ref()
        && stored.fingerprint.as_ref() == Some(fingerprint)
    {
        return Ok(Arc::clone(counts));
    }
    let transaction = db.snapshot().await?;
    let counts = Arc::new(count_ballots(&transaction, stored.row).await?);
    transaction.commit().await?;
    if let Some(fingerprint) = stored.fingerprint.clone() {
        *last() = Some((fingerprint, Arc::clone(&counts)));
    }
    Ok(counts)
}

/// Computes the SHA-256 of a poll's bundle.
pub async fn fingerprint(db: &Db, stored: &StoredPoll) -> Result<String, DbErr> {
    let (mut bundle, mut hash) = (Bundle::of(db, stored).await?, Sha256::new());
    while let Some(piece) = bundle.piece().await? {
        hash.update(piece.as_bytes());
    }
    Ok(HEXLOWER.encode(&hash.finalize()))
}
