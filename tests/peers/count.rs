//! Counts rankings for comparison with other programs.
//!
//! Reads elections from standard input, one per line, as JSON: `kind`, such as `"ranked"`, `"pairs"` or
//! `{"seats": {"seats": 3}}`, the number of `choices`, and `ballots`, a list of ranking and times. Writes
//! the winners of each, or `null` where a draw would decide something.

use std::collections::BTreeMap;
use std::io::{self, BufRead};

use pollstr::polls::model::counting::count::Tally;
use pollstr::polls::model::counting::counted::count_choices;
use pollstr::polls::model::counting::tie_rule::TieRule;
use pollstr::polls::model::kind::Kind;
use pollstr::polls::model::poll::Choice;
use pollstr::polls::model::selection::Selection;
use serde::Deserialize;

#[derive(Deserialize)]
struct Election {
    kind: Kind,
    choices: i64,
    ballots: Vec<(Vec<i64>, i64)>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for line in io::stdin().lock().lines() {
        let winners = winners(&serde_json::from_str(&line?)?)?;
        println!("{}", serde_json::to_string(&winners)?);
    }
    Ok(())
}

fn winners(election: &Election) -> Result<Option<Vec<i64>>, &'static str> {
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
    Ok((!count.is_undrawn()).then_some(leading))
}
