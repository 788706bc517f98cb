//! Parses a recount bundle as a stream: long lists are never held in memory.

use std::collections::BTreeMap;
use std::io::Read;
use std::{fmt, io};

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use sha2::{Digest, Sha256};

use crate::polls::model::draw::ReceiptsHash;
use crate::polls::model::poll::Correction;
use crate::polls::sealing::bundle_format::{Counted, FrozenPoll, OmitReason};

/// The parsed bundle. Its lists are checked line by line and summarised.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    pub(super) format: String,
    pub(super) poll: FrozenPoll,
    /// Left out if there are none.
    #[serde(default)]
    pub(super) corrections: Vec<Correction>,
    pub(super) seed: Option<String>,
    pub(super) count: Counted,
    #[serde(rename = "left_out")]
    pub(super) omit_reason: Option<OmitReason>,
    pub(super) receipts: List,
    pub(super) ballots: Option<BallotCounts>,
}

/// Summary of the list of receipts.
#[derive(Default)]
pub(crate) struct List {
    pub(super) length: i64,
    pub(super) ascending: bool,
    pub(super) hashes: bool,
    /// The hash of all of them, for the draw.
    pub(super) hash: ReceiptsHash,
}

/// Summary of the list of ballots: each distinct ballot and how often it occurs.
#[derive(Default)]
pub(crate) struct BallotCounts {
    pub(super) length: i64,
    pub(super) ascending: bool,
    pub(super) times: BTreeMap<String, i64>,
}

impl<'de> Deserialize<'de> for List {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Lines;
        impl<'de> Visitor<'de> for Lines {
            type Value = List;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of receipt hashes")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut lines: A) -> Result<List, A::Error> {
                let mut list = List {
                    length: 0,
                    ascending: true,
                    hashes: true,
                    hash: ReceiptsHash::default(),
                };
                let mut before = String::new();
                while let Some(line) = lines.next_element::<String>()? {
                    list.length += 1;
                    list.hash.add(&line);
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

impl<'de> Deserialize<'de> for BallotCounts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Lines;
        impl<'de> Visitor<'de> for Lines {
            type Value = BallotCounts;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of ballots")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut lines: A) -> Result<BallotCounts, A::Error> {
                let mut ballots = BallotCounts {
                    length: 0,
                    ascending: true,
                    times: BTreeMap::new(),
                };
                let (mut at_hand, mut times) = (String::new(), 0);
                while let Some(line) = lines.next_element::<String>()? {
                    ballots.length += 1;
                    if line == at_hand {
                        times += 1;
                        continue;
                    }
                    ballots.ascending &= at_hand < line;
                    ballots.keep(std::mem::replace(&mut at_hand, line), times);
                    times = 1;
                }
                ballots.keep(at_hand, times);
                Ok(ballots)
            }
        }
        deserializer.deserialize_seq(Lines)
    }
}

impl BallotCounts {
    fn keep(&mut self, line: String, times: i64) {
        if times > 0 {
            *self.times.entry(line).or_default() += times;
        }
    }
}

/// A reader that hashes everything read through it.
pub(crate) struct Hashing<R> {
    pub(super) source: R,
    pub(super) hash: Sha256,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.source.read(buffer)?;
        self.hash.update(&buffer[..length]);
        Ok(length)
    }
}
