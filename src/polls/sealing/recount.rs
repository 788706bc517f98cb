//! Counting again: a recount bundle from its file alone, or the polls of a database from their ballots.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufReader, Read};
use std::{fmt, io};

use data_encoding::HEXLOWER;
use sea_orm::{ConnectionTrait, DbErr};
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::platform::clock::Seconds;
use crate::platform::db::{Db, Transaction, statement};
use crate::polls::model::counting::{Tally, count_choices};
use crate::polls::model::poll::{Choice, Kind};
use crate::polls::model::selection::Selection;
use crate::polls::sealing::bundle;
use crate::polls::sealing::bundle::{Counted, FORMAT, Frozen, LeftOut};
use crate::polls::store::polls::StoredPoll;
use crate::polls::store::{polls, votes};

/// How much of a file is read at once.
const BUFFER: usize = 1 << 16;

/// What a bundle holds, when it is right.
#[derive(Debug, PartialEq, Eq)]
pub struct Right {
    /// The poll's id.
    pub poll: String,
    /// How many ballots there are.
    pub ballots: i64,
    /// Why they are not listed, if so; then they could not be counted again.
    pub left_out: Option<LeftOut>,
    /// The SHA-256 of the file, to be compared with the one that is published.
    pub fingerprint: String,
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            poll,
            ballots,
            left_out,
            fingerprint,
        } = self;
        let counted = match left_out {
            None => "counted again, and the results are the same",
            Some(LeftOut::FewVoters) => {
                "not listed, for they are few, so only their number and the receipts could be checked"
            }
            Some(LeftOut::Rankings) => {
                "not listed, for rankings can identify people, so only their number and the receipts could be checked"
            }
        };
        write!(
            f,
            "{poll}: right; {ballots} ballots, {counted}. SHA-256 {fingerprint}: compare it with the results page."
        )
    }
}

/// What is wrong with a bundle.
#[derive(Debug, Error)]
pub enum Wrong {
    /// It is no bundle, or broken.
    #[error("this is no recount bundle that can be read: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// It is of another format.
    #[error("this bundle is of the format “{0}”, which this Pollstr does not know")]
    Format(String),
    /// A list is not sorted.
    #[error("the {0} are not in order")]
    Order(&'static str),
    /// A receipt is none.
    #[error("a receipt's hash is not 64 hexadecimal digits")]
    Receipt,
    /// Receipts and ballots are not as many.
    #[error("there are {ballots} ballots, but {receipts} receipts")]
    Receipts {
        /// The ballots that the count tells.
        ballots: i64,
        /// The receipts listed.
        receipts: i64,
    },
    /// The ballots listed are not as many as the count says.
    #[error("{listed} ballots are listed, but {counted} were counted")]
    Ballots {
        /// In the list.
        listed: i64,
        /// In the count.
        counted: i64,
    },
    /// Ballots are left out without need, or listed although they must not be.
    #[error("whether ballots are listed does not fit the poll")]
    LeftOut,
    /// A ballot says what none of this poll can.
    #[error("a ballot says “{0}”, which is none of this poll")]
    Foreign(String),
    /// The results are others.
    #[error("the ballots, counted again, give other results")]
    Results,
}

/// The file, as far as it is kept in memory: its lists are looked at line by line.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: String,
    poll: Frozen,
    count: Counted,
    left_out: Option<LeftOut>,
    receipts: List,
    ballots: Option<Said>,
}

/// A list that was read: how long it is, and whether it was right.
#[derive(Default)]
struct List {
    length: i64,
    ascending: bool,
    hashes: bool,
}

/// What the ballots of a list say, and whether they were in order.
#[derive(Default)]
struct Said {
    length: i64,
    ascending: bool,
    times: BTreeMap<String, i64>,
}

impl<'de> Deserialize<'de> for List {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Lines;
        impl<'de> Visitor<'de> for Lines {
            type Value = List;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of receipts' hashes")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut lines: A) -> Result<List, A::Error> {
                let mut list = List {
                    length: 0,
                    ascending: true,
                    hashes: true,
                };
                let mut before = String::new();
                while let Some(line) = lines.next_element::<String>()? {
                    list.length += 1;
                    list.ascending &= before < line;
                    list.hashes &= line.len() == 64
                        && line
                            .bytes()
                            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
                    before = line;
                }
                Ok(list)
            }
        }
        deserializer.deserialize_seq(Lines)
    }
}

impl<'de> Deserialize<'de> for Said {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Lines;
        impl<'de> Visitor<'de> for Lines {
            type Value = Said;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of what ballots say")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut lines: A) -> Result<Said, A::Error> {
                let mut said = Said {
                    length: 0,
                    ascending: true,
                    times: BTreeMap::new(),
                };
                let (mut at_hand, mut times) = (String::new(), 0);
                while let Some(line) = lines.next_element::<String>()? {
                    said.length += 1;
                    if line == at_hand {
                        times += 1;
                        continue;
                    }
                    said.ascending &= at_hand < line;
                    said.keep(std::mem::replace(&mut at_hand, line), times);
                    times = 1;
                }
                said.keep(at_hand, times);
                Ok(said)
            }
        }
        deserializer.deserialize_seq(Lines)
    }
}

impl Said {
    fn keep(&mut self, line: String, times: i64) {
        if times > 0 {
            *self.times.entry(line).or_default() += times;
        }
    }
}

/// Hashes whatever is read through it.
struct Hashing<R> {
    source: R,
    hash: Sha256,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.source.read(buffer)?;
        self.hash.update(&buffer[..length]);
        Ok(length)
    }
}

/// Checks a recount bundle, from its file alone.
///
/// # Errors
/// What is wrong with it.
pub fn check(file: impl Read) -> Result<Right, Wrong> {
    let mut reader = BufReader::with_capacity(
        BUFFER,
        Hashing {
            source: file,
            hash: Sha256::new(),
        },
    );
    let mut json = serde_json::Deserializer::from_reader(&mut reader);
    let File {
        format,
        poll,
        count,
        left_out,
        receipts,
        ballots,
    } = File::deserialize(&mut json)?;
    // To its very end, so that all of it is in the hash.
    json.end()?;
    let fingerprint = HEXLOWER.encode(&reader.into_inner().hash.finalize());
    if format != FORMAT {
        return Err(Wrong::Format(format));
    }
    if !receipts.hashes {
        return Err(Wrong::Receipt);
    }
    if !receipts.ascending {
        return Err(Wrong::Order("receipts"));
    }
    if receipts.length != count.ballots {
        return Err(Wrong::Receipts {
            ballots: count.ballots,
            receipts: receipts.length,
        });
    }
    if left_out != poll.left_out(count.ballots) || left_out.is_none() != ballots.is_some() {
        return Err(Wrong::LeftOut);
    }
    if let Some(said) = ballots {
        if !said.ascending {
            return Err(Wrong::Order("ballots"));
        }
        if said.length != count.ballots {
            return Err(Wrong::Ballots {
                listed: said.length,
                counted: count.ballots,
            });
        }
        let tally = tally_of(poll.kind, &poll.choices, &said.times).map_err(Wrong::Foreign)?;
        if Counted::from(&count_choices(poll.kind, &poll.choices, &tally)) != count {
            return Err(Wrong::Results);
        }
    }
    Ok(Right {
        poll: poll.id,
        ballots: count.ballots,
        left_out,
        fingerprint,
    })
}

/// The tally that these ballots make, or the one of them that is none of this poll.
fn tally_of(kind: Kind, choices: &[Choice], said: &BTreeMap<String, i64>) -> Result<Tally, String> {
    let positions: BTreeSet<i64> = choices.iter().map(|choice| choice.position).collect();
    let (mut votes, mut ballots) = (BTreeMap::new(), 0);
    for (says, times) in said {
        let read = Selection::read(says)
            .and_then(|read| Selection::new(kind, &positions, read.positions().to_vec()).ok());
        let selection = read
            .filter(|selection| selection.text(kind) == *says)
            .ok_or_else(|| says.clone())?;
        ballots += times;
        if kind == Kind::Ranked {
            *votes.entry(selection).or_default() += times;
        } else {
            for one in selection
                .keys(kind)
                .iter()
                .filter_map(|key| Selection::read(key))
            {
                *votes.entry(one).or_default() += times;
            }
        }
    }
    Ok(Tally {
        ballots,
        changes: 0,
        votes: votes.into_iter().collect(),
    })
}

/// How a poll in a database was found.
#[derive(Debug, PartialEq, Eq)]
pub struct Recounted {
    /// The poll's id.
    pub poll: String,
    /// How many ballots there are.
    pub ballots: i64,
    /// The SHA-256 of its bundle, if it is sealed.
    pub fingerprint: Option<String>,
    /// What is wrong with it, if anything.
    pub faults: Vec<String>,
}

impl fmt::Display for Recounted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            poll,
            ballots,
            fingerprint,
            faults,
        } = self;
        if !faults.is_empty() {
            return write!(f, "{poll}: WRONG; {}.", faults.join("; "));
        }
        write!(
            f,
            "{poll}: right; {ballots} ballots, as many marks, and the tally agree."
        )?;
        fingerprint.as_ref().map_or(Ok(()), |fingerprint| {
            write!(f, " Sealed, SHA-256 {fingerprint}.")
        })
    }
}

/// The ids of some polls: those after a row number, and the number of the last of them.
pub async fn polls(db: &Db, after: i64) -> Result<(Vec<String>, i64), DbErr> {
    let sql = "SELECT id, public_id FROM poll WHERE id > $1 AND NOT draft ORDER BY id LIMIT 500";
    let rows = db
        .read()
        .query_all_raw(statement(db.read(), sql, [after.into()]))
        .await?;
    let last = rows.last().map_or(Ok(after), |row| row.try_get("", "id"))?;
    Ok((
        rows.iter()
            .map(|row| row.try_get("", "public_id"))
            .collect::<Result<_, _>>()?,
        last,
    ))
}

/// Counts a poll of a database again from its ballots; nothing if there is none of this id. Votes may come in meanwhile: it is looked
/// at as it was in one moment.
pub async fn recount(db: &Db, id: &str, now: Seconds) -> Result<Option<Recounted>, DbErr> {
    let transaction = db.snapshot().await?;
    let Some(stored) = polls::find(&transaction, id, now).await? else {
        return Ok(None);
    };
    let (ballots, mut faults) = compare(&transaction, &stored).await?;
    transaction.commit().await?;
    if let Some(published) = &stored.fingerprint
        && *published
            != bundle::fingerprint(
                db,
                &StoredPoll {
                    fingerprint: None,
                    ..stored.clone()
                },
            )
            .await?
    {
        faults.push("its bundle is not the one that was published".to_owned());
    }
    Ok(Some(Recounted {
        poll: stored.poll.id,
        ballots,
        fingerprint: stored.fingerprint,
        faults,
    }))
}

async fn how_many(transaction: &Transaction, marks: &str, poll: i64) -> Result<i64, DbErr> {
    let sql = format!("SELECT COUNT(*) AS marks FROM {marks} WHERE poll_id = $1");
    let row = transaction
        .query_one_raw(statement(transaction, &sql, [poll.into()]))
        .await?;
    row.map_or(Ok(0), |row| row.try_get("", "marks"))
}

async fn compare(
    transaction: &Transaction,
    stored: &StoredPoll,
) -> Result<(i64, Vec<String>), DbErr> {
    let (kind, choices) = (stored.poll.kind, &stored.poll.choices);
    let said = bundle::said(transaction, stored.row).await?;
    let kept = votes::tally(transaction, stored.row).await?;
    let (marks, accounts) = (
        how_many(transaction, "participation", stored.row).await?,
        how_many(transaction, "account_participation", stored.row).await?,
    );
    let ballots: i64 = said.values().sum();
    let mut faults = Vec::new();
    if marks != ballots {
        faults.push(format!("{ballots} ballots, but {marks} marks of voters"));
    }
    if stored.poll.per_account && accounts != ballots {
        faults.push(format!(
            "{ballots} ballots, but {accounts} marks of accounts"
        ));
    }
    match tally_of(kind, choices, &said) {
        Err(says) => faults.push(format!(
            "a ballot says “{says}”, which is none of this poll"
        )),
        Ok(tally) if tally.ballots != kept.ballots => faults.push(format!(
            "{ballots} ballots, but the tally says {}",
            kept.ballots
        )),
        Ok(tally) if tally.votes != kept.votes => {
            faults.push("the tally does not say what the ballots say".to_owned())
        }
        Ok(_) => {}
    }
    Ok((ballots, faults))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECEIPT: &str = "00000000000000000000000000000000000000000000000000000000000000";

    fn bundle(kind: &str, rankings: bool, count: &str, receipts: usize, ballots: &str) -> String {
        let receipts: Vec<String> = (0..receipts)
            .map(|number| format!("\n\"{RECEIPT}{number:02x}\""))
            .collect();
        format!(
            r#"{{"format":"pollstr bundle 1","poll":{{"id":"dogs","question":"?","description":"","kind":{kind},"choices":[{{"position":1,"text":"A"}},{{"position":2,"text":"B"}},{{"position":3,"text":"C"}}],"opens_at":1,"closes_at":2,"results":"always","changeable":false,"rankings":{rankings},"countries":[]}},"count":{count},{ballots},"receipts":[{}]}}"#,
            receipts.join(",")
        )
    }

    fn single(count: &str, receipts: usize, ballots: &str) -> Result<Right, Wrong> {
        check(bundle("\"single\"", false, count, receipts, ballots).as_bytes())
    }

    const COUNT: &str = r#"{"ballots":6,"votes":[{"choice":1,"votes":3},{"choice":2,"votes":1},{"choice":3,"votes":2}],"rounds":[],"winners":[1]}"#;

    #[test]
    fn a_right_bundle_is_counted_again() {
        let right = single(
            COUNT,
            6,
            r#""left_out":null,"ballots":["1","1","1","2","3","3"]"#,
        )
        .unwrap();
        assert_eq!(
            (right.poll.as_str(), right.ballots, right.left_out),
            ("dogs", 6, None)
        );
        assert_eq!(right.fingerprint.len(), 64);
    }

    #[test]
    fn whatever_is_wrong_is_found() {
        let listed = |ballots: &str| {
            single(
                COUNT,
                6,
                &format!("\"left_out\":null,\"ballots\":{ballots}"),
            )
        };
        assert!(matches!(
            listed(r#"["1","1","2","2","3","3"]"#),
            Err(Wrong::Results)
        ));
        assert!(matches!(
            listed(r#"["1","1","1","2","3"]"#),
            Err(Wrong::Ballots {
                listed: 5,
                counted: 6
            })
        ));
        assert!(matches!(
            listed(r#"["1","2","1","1","3","3"]"#),
            Err(Wrong::Order("ballots"))
        ));
        assert!(
            matches!(listed(r#"["1","1","1","2","3","4"]"#), Err(Wrong::Foreign(says)) if says == "4")
        );
        assert!(matches!(
            listed(r#"["1","1","1","2","3","3,3"]"#),
            Err(Wrong::Foreign(_))
        ));
        assert!(matches!(listed("null"), Err(Wrong::LeftOut)));
        assert!(matches!(
            single(COUNT, 6, r#""left_out":"few_voters","ballots":null"#),
            Err(Wrong::LeftOut)
        ));
        let six = r#""left_out":null,"ballots":["1","1","1","2","3","3"]"#;
        assert!(matches!(
            single(COUNT, 5, six),
            Err(Wrong::Receipts {
                ballots: 6,
                receipts: 5
            })
        ));
        let text = bundle("\"single\"", false, COUNT, 6, six);
        assert!(matches!(
            check(text.replace("bundle 1", "bundle 2").as_bytes()),
            Err(Wrong::Format(_))
        ));
        assert!(matches!(
            check(text.replace("0005", "0001").as_bytes()),
            Err(Wrong::Order("receipts"))
        ));
        assert!(matches!(
            check(text.replace("0005", "000G").as_bytes()),
            Err(Wrong::Receipt)
        ));
        assert!(matches!(
            check(&text.as_bytes()[..text.len() - 1]),
            Err(Wrong::Unreadable(_))
        ));
        assert!(matches!(
            check(format!("{text} x").as_bytes()),
            Err(Wrong::Unreadable(_))
        ));
    }

    #[test]
    fn rankings_are_run_off_again_or_left_out() {
        let count = r#"{"ballots":5,"votes":[{"choice":1,"votes":2},{"choice":2,"votes":2},{"choice":3,"votes":1}],"rounds":[
            {"standing":[{"choice":1,"votes":2,"gained":0},{"choice":2,"votes":2,"gained":0},{"choice":3,"votes":1,"gained":0}],"exhausted":0,"out":[3],"tie":null},
            {"standing":[{"choice":1,"votes":2,"gained":0},{"choice":2,"votes":3,"gained":1}],"exhausted":0,"out":[],"tie":null}],"winners":[2]}"#;
        let listed = r#""left_out":null,"ballots":["1","1","2","2","3>2"]"#;
        assert!(check(bundle("\"ranked\"", true, count, 5, listed).as_bytes()).is_ok());
        assert!(matches!(
            check(bundle("\"ranked\"", true, count, 5, &listed.replace("3>2", "3>1")).as_bytes()),
            Err(Wrong::Results)
        ));
        assert!(matches!(
            check(bundle("\"ranked\"", false, count, 5, listed).as_bytes()),
            Err(Wrong::LeftOut)
        ));
        let left_out = r#""left_out":"rankings","ballots":null"#;
        assert!(check(bundle("\"ranked\"", false, count, 5, left_out).as_bytes()).is_ok());
    }
}
