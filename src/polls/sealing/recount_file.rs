//! Recounts a recount bundle from its file alone, in bounded memory.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::{BufReader, Read};

use data_encoding::HEXLOWER;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::polls::model::counting::count::Tally;
use crate::polls::model::counting::counted::count_choices;
use crate::polls::model::counting::tie_rule::TieRule;
use crate::polls::model::draw::{Draw, Seed};
use crate::polls::model::kind::Kind;
use crate::polls::model::poll::{Choice, MAX_CORRECTIONS};
use crate::polls::model::selection::Selection;
use crate::polls::sealing::bundle_format::{Counted, FORMAT, FORMAT_WITH_SEED, OmitReason};
use crate::polls::sealing::recount_parser::{File, Hashing};

/// Size of the read buffer, in bytes.
pub(crate) const BUFFER: usize = 1 << 16;

/// Summary of a valid bundle.
#[derive(Debug, PartialEq, Eq)]
pub struct Right {
    /// The poll's id.
    pub poll: String,
    /// The number of ballots.
    pub ballots: i64,
    /// Why ballots are not listed, if so; then they could not be recounted.
    pub omit_reason: Option<OmitReason>,
    /// The SHA-256 of the file, to compare with the published one.
    pub fingerprint: String,
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            poll,
            ballots,
            omit_reason,
            fingerprint,
        } = self;
        let counted = match omit_reason {
            None => "recounted, and the results match",
            Some(OmitReason::FewVoters) => {
                "not listed because there are few, so only their number and the receipts could be checked"
            }
            Some(OmitReason::Ratings) => {
                "not listed because ratings can identify people, so only their number and the receipts could be checked"
            }
            Some(OmitReason::Rankings) => {
                "not listed because rankings can identify people, so only their number and the receipts could be checked"
            }
        };
        write!(
            f,
            "{poll}: correct; {ballots} ballots, {counted}. SHA-256 {fingerprint}: compare it with the results page."
        )
    }
}

/// Why a bundle is invalid.
#[derive(Debug, Error)]
pub enum Wrong {
    /// Not a bundle, or malformed.
    #[error("this isn't a readable recount file: {0}")]
    BodyError(#[from] serde_json::Error),
    /// Unknown format version.
    #[error("this file has the format “{0}”, which this version of Pollstr doesn't know")]
    Format(String),
    /// The seed is missing, or isn't the one whose hash was published.
    #[error("the seed of the draw isn't the one that was announced")]
    Seed,
    /// More corrections than a poll can have.
    #[error("there are {0} corrections, but a poll has at most {MAX_CORRECTIONS}")]
    Corrections(usize),
    /// A list is not sorted.
    #[error("the {0} aren't sorted")]
    Order(&'static str),
    /// A receipt is not a SHA-256 hash.
    #[error("a receipt hash isn't 64 hexadecimal digits")]
    Receipt,
    /// The numbers of receipts and ballots differ.
    #[error("there are {ballots} ballots, but {receipts} receipts")]
    Receipts {
        /// The ballots according to the count.
        ballots: i64,
        /// The listed receipts.
        receipts: i64,
    },
    /// The numbers of listed and counted ballots differ.
    #[error("{listed} ballots are listed, but {counted} were counted")]
    Ballots {
        /// Ballots in the list.
        listed: i64,
        /// Ballots according to the count.
        counted: i64,
    },
    /// Ballots are omitted without reason, or listed although they must not be.
    #[error("the ballots should be listed but aren't, or the other way round")]
    OmitReason,
    /// A ballot that is not valid in this poll.
    #[error("a ballot says “{0}”, which isn't a valid ballot in this poll")]
    Foreign(String),
    /// The recount gives different results.
    #[error("recounting the ballots gives different results")]
    Results,
}

/// Checks a recount bundle from its file alone.
///
/// # Errors
/// The first error found.
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
        corrections,
        seed,
        count,
        omit_reason,
        receipts,
        ballots,
    } = File::deserialize(&mut json)?;
    // Reads to the end of the file, so that the hash covers all of it.
    json.end()?;
    let fingerprint = HEXLOWER.encode(&reader.into_inner().hash.finalize());
    let seed = match format.as_str() {
        FORMAT => None,
        FORMAT_WITH_SEED => Some(seed.as_deref().and_then(Seed::parse).ok_or(Wrong::Seed)?),
        _ => return Err(Wrong::Format(format)),
    };
    if seed.map(Seed::commitment) != poll.draw {
        return Err(Wrong::Seed);
    }
    if corrections.len() > MAX_CORRECTIONS {
        return Err(Wrong::Corrections(corrections.len()));
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
    if omit_reason != poll.omit_reason(count.ballots) || omit_reason.is_none() != ballots.is_some()
    {
        return Err(Wrong::OmitReason);
    }
    if let Some(listed) = ballots {
        if !listed.ascending {
            return Err(Wrong::Order("ballots"));
        }
        if listed.length != count.ballots {
            return Err(Wrong::Ballots {
                listed: listed.length,
                counted: count.ballots,
            });
        }
        let tally = tally_of(poll.kind, &poll.choices, &listed.times).map_err(Wrong::Foreign)?;
        let draw = seed.map(|seed| Draw::new(&poll.id, seed, receipts.hash));
        let tie_rule = TieRule::of(draw.is_some());
        let counted = count_choices(poll.kind, &poll.choices, &tally, tie_rule, draw.as_ref());
        if Counted::from(&counted) != count {
            return Err(Wrong::Results);
        }
    }
    Ok(Right {
        poll: poll.id,
        ballots: count.ballots,
        omit_reason,
        fingerprint,
    })
}

/// Counts ballots, given as each distinct ballot and how often it occurs. Fails with the first
/// ballot that is not valid in this poll.
pub(crate) fn tally_of(
    kind: Kind,
    choices: &[Choice],
    counts: &BTreeMap<String, i64>,
) -> Result<Tally, String> {
    let positions: BTreeSet<i64> = choices.iter().map(|choice| choice.position).collect();
    let (mut votes, mut ballots) = (BTreeMap::new(), 0);
    for (ballot, times) in counts {
        let read = Selection::read(ballot)
            .and_then(|read| Selection::new(kind, &positions, read.filled_in()).ok());
        let selection = read
            .filter(|selection| selection.text(kind) == *ballot)
            .ok_or_else(|| ballot.clone())?;
        ballots += times;
        if kind.tallies_whole_ballots() {
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

#[cfg(test)]
#[path = "recount_file_tests.rs"]
mod tests;
