//! The recount bundle: everything that is needed to count a closed poll again, as one file, and its fingerprint.
//!
//! The file is the same, byte by byte, whenever and wherever it is made: its SHA-256 is shown with the results, and `sha256sum` tells
//! whether a copy is the right one. Receipts and ballots are two lists, each in an order of its own, so that a receipt proves that
//! its ballot is in, and not what it says. The lists are read from the database piece by piece: nobody's download holds them all.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};

use data_encoding::HEXLOWER;
use futures::TryStreamExt;
use sea_orm::{ConnectionTrait, DbErr, StreamTrait};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::platform::db::{Db, Transaction, statement};
use crate::polls::model::counting::{Count, Round, count};
use crate::polls::model::poll::{Choice, Kind, Poll, ResultsRule};
use crate::polls::store::polls::StoredPoll;
use crate::polls::store::votes;

/// What the file says of itself.
pub const FORMAT: &str = "pollstr bundle 1";
/// Polls with fewer voters do not list their ballots: each could be guessed.
pub const FEW: i64 = 5;
/// How many rows, or lines, go into one piece.
const PIECE: usize = 2_000;

/// What a poll asks, as it was frozen when it opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frozen {
    /// The id in its address.
    pub id: String,
    /// What is asked.
    pub question: String,
    /// More about it.
    pub description: String,
    /// How it is voted in.
    pub kind: Kind,
    /// What can be chosen, in order.
    pub choices: Vec<Choice>,
    /// When voting began, in seconds since 1970.
    pub opens_at: i64,
    /// When voting ended.
    pub closes_at: Option<i64>,
    /// Who could see the results, and when.
    pub results: ResultsRule,
    /// Whether ballots could be changed.
    pub changeable: bool,
    /// Whether whole rankings are published.
    pub rankings: bool,
    /// The calling codes whose numbers could vote; none for all.
    pub countries: Vec<String>,
    /// Whether landlines had no vote. Where they had, it is left out, as in all bundles of before there was a choice.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub mobile_only: bool,
    /// Whether an account had one vote, too, whatever numbers it had; left out where it had not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub per_account: bool,
}

/// What was counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// How many ballots there are.
    pub ballots: i64,
    /// What each choice has; the first choices, where ballots are rankings.
    pub votes: Vec<Votes>,
    /// The rounds of a run-off.
    pub rounds: Vec<Round>,
    /// Who has won, by position.
    pub winners: Vec<i64>,
}

/// What a choice has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Votes {
    /// The choice's position.
    pub choice: i64,
    /// Its votes.
    pub votes: i64,
}

/// Why ballots are not in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeftOut {
    /// There are too few, and each could be guessed.
    FewVoters,
    /// Whole rankings may tell who voted, and the organiser did not choose to publish them.
    Rankings,
}

impl Frozen {
    /// The part of a poll that cannot change once it has opened.
    #[must_use]
    pub fn of(poll: &Poll) -> Self {
        let Poll {
            id,
            question,
            description,
            kind,
            results,
            choices,
            opens_at,
            closes_at,
            changeable,
            rankings,
            countries,
            mobile_only,
            per_account,
            ..
        } = poll.clone();
        Self {
            id,
            question,
            description,
            kind,
            choices,
            opens_at,
            closes_at,
            results,
            changeable,
            rankings,
            countries,
            mobile_only,
            per_account,
        }
    }

    /// Why so many ballots of this poll are not listed, if so.
    #[must_use]
    pub fn left_out(&self, ballots: i64) -> Option<LeftOut> {
        match self.kind {
            _ if ballots < FEW => Some(LeftOut::FewVoters),
            Kind::Ranked if !self.rankings => Some(LeftOut::Rankings),
            _ => None,
        }
    }
}

impl From<&Count> for Counted {
    fn from(count: &Count) -> Self {
        Self {
            ballots: count.ballots,
            votes: count
                .rows
                .iter()
                .map(|row| Votes {
                    choice: row.position,
                    votes: row.votes,
                })
                .collect(),
            rounds: count.rounds.clone(),
            winners: count
                .rows
                .iter()
                .filter(|row| row.leads)
                .map(|row| row.position)
                .collect(),
        }
    }
}

/// What ballots say, in order, and how many say it.
type Said = Arc<BTreeMap<String, i64>>;

/// The said of the sealed poll that was asked for last, by its fingerprint: those who download it at a time share it.
static LAST: Mutex<Option<(String, Said)>> = Mutex::new(None);

/// The file of a sealed poll, in pieces.
#[derive(Debug)]
pub struct Bundle {
    db: Db,
    poll: i64,
    head: Option<String>,
    receipts: Option<Vec<u8>>,
    ballots: Option<Said>,
    /// Where in the ballots the next piece begins: what is said, and how many times it was.
    next: Option<(String, i64)>,
    /// Whether the list at hand has a line already.
    begun: bool,
}

impl Bundle {
    /// The file of this poll.
    pub async fn of(db: &Db, stored: &StoredPoll) -> Result<Self, DbErr> {
        let (frozen, counted) = (
            Frozen::of(&stored.poll),
            Counted::from(&count(
                &stored.poll,
                &votes::tally(db.read(), stored.row).await?,
            )),
        );
        let left_out = frozen.left_out(counted.ballots);
        let json = |error: serde_json::Error| DbErr::Custom(error.to_string());
        let head = format!(
            "{{\n\"format\":\"{FORMAT}\",\n\"poll\":{},\n\"count\":{},\n\"left_out\":{},\n\"receipts\":[",
            serde_json::to_string(&frozen).map_err(json)?,
            serde_json::to_string(&counted).map_err(json)?,
            serde_json::to_string(&left_out).map_err(json)?
        );
        let ballots = if left_out.is_none() {
            Some(said_of(db, stored).await?)
        } else {
            None
        };
        let next = ballots
            .as_ref()
            .and_then(|said| said.keys().next())
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

    /// The next piece of it, or none at the end.
    pub async fn piece(&mut self) -> Result<Option<String>, DbErr> {
        if let Some(head) = self.head.take() {
            return Ok(Some(head));
        }
        if let Some(after) = self.receipts.take() {
            return self.some_receipts(after).await.map(Some);
        }
        Ok(self.some_ballots())
    }

    async fn some_receipts(&mut self, after: Vec<u8>) -> Result<String, DbErr> {
        let sql = format!(
            "SELECT receipt FROM ballot WHERE poll_id = $1 AND receipt > $2 ORDER BY receipt LIMIT {PIECE}"
        );
        let rows = self
            .db
            .read()
            .query_all_raw(statement(
                self.db.read(),
                &sql,
                [self.poll.into(), after.into()],
            ))
            .await?;
        let receipts: Vec<Vec<u8>> = rows
            .iter()
            .map(|row| row.try_get("", "receipt"))
            .collect::<Result<_, _>>()?;
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

    fn some_ballots(&mut self) -> Option<String> {
        let said = self.ballots.clone()?;
        let mut piece = String::new();
        for _ in 0..PIECE {
            let Some((says, times)) = self.next.take() else {
                self.ballots = None;
                piece.push_str("\n]\n}\n");
                break;
            };
            self.line(&mut piece, &says);
            let all = said.get(&says).copied().unwrap_or_default();
            self.next = if times + 1 < all {
                Some((says, times + 1))
            } else {
                let after = (std::ops::Bound::Excluded(says), std::ops::Bound::Unbounded);
                said.range(after).next().map(|(says, _)| (says.clone(), 0))
            };
        }
        Some(piece)
    }

    /// A line of a list; what stands in it needs no escapes.
    fn line(&mut self, piece: &mut String, text: &str) {
        // Writing to a string does not fail.
        let _ = write!(piece, "{}\n\"{text}\"", if self.begun { "," } else { "" });
        self.begun = true;
    }
}

/// What the ballots of a poll say, and how many say it.
pub async fn said(transaction: &Transaction, poll: i64) -> Result<BTreeMap<String, i64>, DbErr> {
    let sql = "SELECT choices, COUNT(*) AS ballots FROM ballot WHERE poll_id = $1 GROUP BY choices";
    let mut rows = transaction
        .stream_raw(statement(transaction, sql, [poll.into()]))
        .await?;
    let mut said = BTreeMap::new();
    while let Some(row) = rows.try_next().await? {
        said.insert(row.try_get("", "choices")?, row.try_get("", "ballots")?);
    }
    Ok(said)
}

/// What the ballots of a poll say; of a sealed one it is kept for a while.
pub(crate) async fn said_of(db: &Db, stored: &StoredPoll) -> Result<Said, DbErr> {
    let last = || LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((fingerprint, said)) = last().as_ref()
        && stored.fingerprint.as_ref() == Some(fingerprint)
    {
        return Ok(Arc::clone(said));
    }
    let transaction = db.snapshot().await?;
    let said = Arc::new(said(&transaction, stored.row).await?);
    transaction.commit().await?;
    if let Some(fingerprint) = stored.fingerprint.clone() {
        *last() = Some((fingerprint, Arc::clone(&said)));
    }
    Ok(said)
}

/// The SHA-256 of a poll's file, as it is now.
pub async fn fingerprint(db: &Db, stored: &StoredPoll) -> Result<String, DbErr> {
    let (mut bundle, mut hash) = (Bundle::of(db, stored).await?, Sha256::new());
    while let Some(piece) = bundle.piece().await? {
        hash.update(piece.as_bytes());
    }
    Ok(HEXLOWER.encode(&hash.finalize()))
}
