//! Counts rankings for comparison with other programs.
//!
//! Reads elections from standard input, one per line, as JSON: `kind`, such as `"ranked"`, `"pairs"` or
//! `{"seats": {"seats": 3}}`, the number of `choices`, and `ballots`, a list of ranking and times. Writes
//! an object for each: the `winners`, or `null` where a tie had to be decided, since others decide ties
//! otherwise; and the `seats` with their stages, as in the JSON of results.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};

use pollstr::polls::model::counting::count::{Seats, Tally};
use pollstr::polls::model::counting::counted::count_choices;
use pollstr::polls::model::counting::tie_rule::TieRule;
use pollstr::polls::model::kind::Kind;
use pollstr::polls::model::poll::Choice;
use pollstr::polls::model::selection::Selection;
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Election {
    kind: Kind,
    choices: i64,
    ballots: Vec<(Vec<i64>, i64)>,
}

#[derive(Serialize)]
struct Counted {
    winners: Option<Vec<i64>>,
    seats: Option<Seats>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let counted = count(&serde_json::from_str(&line?)?)?;
        writeln!(out, "{}", serde_json::to_string(&counted)?)?;
    }
    Ok(())
}

fn count(election: &Election) -> Result<Counted, &'static str> {
    let choices: Vec<Choice> = (1..=election.choices)
        .map(|position| Choice {
            position,
            text: position.to_string(),
        })
        .collect();
    let mut votes = BTreeMap::new();
    for (ranked, times) in &election.ballots {
        let ranked: Vec<String> = ranked.iter().map(ToString::to_string).collect();
        let ranking = Selection::read(&ranked.join(">")).ok_or("a ballot is empty")?;
        *votes.entry(ranking).or_default() += times;
    }
    let tally = Tally {
        ballots: votes.values().sum(),
        changes: 0,
        votes: votes.into_iter().collect(),
    };
    let count = count_choices(election.kind, &choices, &tally, TieRule::Draw, None);
    let leading = count.rows.iter().filter(|row| row.leads);
    let leading = leading.map(|row| row.position).collect();
    let ties = count.rounds.iter().map(|round| round.tie);
    let ties = ties.chain(count.steps.duels.iter().map(|duels| duels.tie));
    let stages = count.steps.seats.iter().flat_map(|seats| &seats.stages);
    let ties = ties.chain(stages.map(|stage| stage.tie));
    let mut decided = ties.flatten();
    Ok(Counted {
        winners: decided.next().is_none().then_some(leading),
        seats: count.steps.seats.clone(),
    })
}
