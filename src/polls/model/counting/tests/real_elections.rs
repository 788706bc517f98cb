//! Counts real elections and compares with published results, or with those of other programs.
//! `tests/elections/README.md` says where the ballots come from.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{count, leading, poll};
use crate::polls::model::counting::count::{Count, Tally};
use crate::polls::model::counting::rankings::stages::{Fate, UNITS};
use crate::polls::model::kind::Kind;
use crate::polls::model::selection::Selection;

/// What other programs made of the elections.
#[derive(Deserialize)]
struct Expected {
    /// Votes by choice in each round after the write-ins were out, by `RCTab`.
    rounds: BTreeMap<String, Vec<BTreeMap<i64, i64>>>,
    /// The elected, by `votekit`.
    elected: BTreeMap<String, BTreeSet<i64>>,
}

/// The published result of a ward.
#[derive(Deserialize)]
struct Published {
    quota: Option<i64>,
    elected: BTreeSet<String>,
    /// The votes of a choice in each stage until it is elected or out, rounded as published.
    votes: BTreeMap<String, String>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/elections")
}

fn expected() -> Expected {
    serde_json::from_slice(&fs::read(folder().join("expected.json")).unwrap()).unwrap()
}

/// Counts a file in BLT format; with several seats in proportion, else by run-off.
fn counted(name: &str) -> Count {
    let text = fs::read_to_string(folder().join(format!("{name}.blt"))).unwrap();
    let mut lines = text.lines();
    let numbers = |line: &str| -> Vec<i64> {
        line.split(' ')
            .map(|number| number.parse().unwrap())
            .collect()
    };
    let head = numbers(lines.next().unwrap());
    let mut votes = BTreeMap::new();
    for line in lines.by_ref().take_while(|line| *line != "0") {
        let ballot = numbers(line);
        let ranked: Vec<String> = ballot[1..ballot.len() - 1]
            .iter()
            .map(ToString::to_string)
            .collect();
        votes.insert(Selection::read(&ranked.join(">")).unwrap(), ballot[0]);
    }
    let tally = Tally {
        ballots: votes.values().sum(),
        changes: 0,
        votes: votes.into_iter().collect(),
    };
    let names: Vec<&str> = lines.map(|line| line.trim_matches('"')).collect();
    let (_, choices) = names.split_last().unwrap();
    assert_eq!(i64::try_from(choices.len()), Ok(head[0]));
    let kind = match head[1] {
        1 => Kind::Ranked,
        seats => Kind::Seats { seats },
    };
    let mut poll = poll(kind, choices);
    poll.draw = Some("seed".to_owned());
    count(&poll, &tally)
}

/// `RCTab` takes several choices out at once where that can't change the result, so it has fewer
/// rounds.
#[test]
fn run_offs_have_the_rounds_of_another_program() {
    for (name, rounds) in expected().rounds {
        let count = counted(&name);
        let ours: Vec<BTreeMap<i64, i64>> = count
            .rounds
            .iter()
            .map(|round| {
                let standing = round.standing.iter();
                let with_votes = standing.filter(|standing| standing.votes > 0);
                with_votes
                    .map(|standing| (standing.choice, standing.votes))
                    .collect()
            })
            .collect();
        let mut at = 0;
        for mut round in rounds {
            round.retain(|_, votes| *votes > 0);
            let found = ours[at..].iter().position(|own| *own == round);
            at += found.unwrap_or_else(|| panic!("{name}: {round:?} isn't in {ours:?}"));
        }
        assert_eq!(at, ours.len() - 1, "{name}");
    }
}

#[test]
fn the_mayor_of_minneapolis_is_elected() {
    let count = counted("2017_minneapolis_mayor");
    assert_eq!(leading(&count), ["Jacob Frey"]);
}

#[test]
fn wards_elect_the_councillors_that_another_program_finds() {
    for (name, elected) in expected().elected {
        let count = counted(&name);
        let seats = count.steps.seats.as_ref().unwrap();
        assert_eq!(seats.winners().collect::<BTreeSet<_>>(), elected, "{name}");
        assert!(!count.is_undrawn());
    }
}

/// Rounds votes in units as a published figure is: to as many decimals as that has.
fn rounded_like(published: &str, units: i64) -> String {
    let decimals = published.split_once('.').map_or(0, |(_, rest)| rest.len());
    let step = UNITS / 10_i64.pow(u32::try_from(decimals).unwrap());
    let steps = (units + step / 2) / step;
    let (whole, rest) = (steps * step / UNITS, steps * step % UNITS);
    let digits = format!("{whole}.{rest:05}");
    let length = digits.len() - 5 + decimals;
    digits[..length].trim_end_matches('.').to_owned()
}

#[test]
fn wards_have_the_stages_that_were_published() {
    let file = fs::read(folder().join("published.json")).unwrap();
    let wards: BTreeMap<String, Published> = serde_json::from_slice(&file).unwrap();
    for (name, published) in wards {
        let count = counted(&name);
        let seats = count.steps.seats.as_ref().unwrap();
        assert_eq!(
            published.quota.unwrap_or(seats.quota),
            seats.quota,
            "{name}"
        );
        let elected: BTreeSet<String> = leading(&count).iter().map(ToString::to_string).collect();
        assert_eq!(elected, published.elected, "{name}");
        for (text, votes) in published.votes {
            let row = count.rows.iter().find(|row| row.text == text).unwrap();
            let votes: Vec<&str> = votes.split(' ').collect();
            let fate = if published.elected.contains(&text) {
                Fate::Elected(votes.len())
            } else {
                Fate::Out(votes.len())
            };
            assert_eq!(seats.fate(row.position), fate, "{name}: {text}");
            for (stage, votes) in seats.stages.iter().zip(votes) {
                // As many are left as seats: the councils' software moves votes once more, which
                // changes nothing.
                if stage.remaining.is_empty() {
                    let ours = stage.votes_of(row.position).unwrap();
                    assert_eq!(rounded_like(votes, ours), votes, "{name}: {text}");
                }
            }
        }
    }
}

/// As reported from the count in Lerwick by the Shetland Times on 5 May 2017.
#[test]
fn lerwick_south_elects_three_councillors_at_once_and_one_in_the_fourth_stage() {
    let count = counted("shetland_2017_ward7");
    let seats = count.steps.seats.as_ref().unwrap();
    let stage = |name: &str| {
        let row = count.rows.iter().find(|row| row.text == name).unwrap();
        seats.fate(row.position)
    };
    for first in ["Peter Campbell", "Cecil Laing Smith", "Beatrice Wishart"] {
        assert_eq!(stage(first), Fate::Elected(1), "{first}");
    }
    assert_eq!(stage("Amanda Westlake"), Fate::Elected(4));
}
