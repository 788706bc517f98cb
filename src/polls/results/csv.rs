//! Results as a spreadsheet (CSV).

use std::collections::BTreeMap;

use csv::{Terminator, WriterBuilder};

use crate::polls::model::counting::count::Count;
use crate::polls::model::counting::rankings::stages::UNITS;
use crate::polls::model::counting::ratings::average::Average;
use crate::polls::model::counting::share::Share;
use crate::polls::model::kind::Kind;

/// Returns a CSV file with a line for each choice and a column for each round of a run-off, each
/// stage, or each choice that it is compared with. Where voters could pick several choices, there is
/// also the share of the votes; of a rating, the average, and who rates which finalist higher.
pub(crate) fn to_csv(count: &Count) -> Result<Vec<u8>, csv::Error> {
    let mut writer = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        // The byte order mark makes spreadsheets read UTF-8.
        .from_writer("\u{feff}".as_bytes().to_vec());
    let rounds = (1..=count.rounds.len()).map(|number| format!("round {number}"));
    let stages = count.seats.as_ref().map_or(&[][..], |seats| &seats.stages);
    let stage_heads = (1..=stages.len()).map(|number| format!("stage {number}"));
    let above = count.duels.as_ref().map_or(&[][..], |duels| &duels.above);
    let above_heads = count.rows[..above.len()].iter();
    let above_heads = above_heads.map(|row| format!("above {}", row.text));
    let rounds = rounds.chain(stage_heads).chain(above_heads);
    let several = matches!(count.kind, Kind::Multiple { .. });
    let of_votes = several.then(|| "percent of votes".to_owned());
    let average = count.kind.is_rating().then(|| "average".to_owned());
    let of_votes = of_votes.or(average);
    let finalists = count.final_round.iter().flat_map(|held| {
        let votes = held.prefer.iter().map(ToString::to_string);
        held.finalists.iter().copied().zip(votes)
    });
    let finalists: BTreeMap<i64, String> = finalists.collect();
    let in_final = (!finalists.is_empty()).then(|| "final".to_owned());
    let rounds = rounds.chain(in_final.clone());
    let head = ["choice", "votes", "percent", "leads"].map(str::to_owned);
    writer.write_record(head.into_iter().chain(of_votes).chain(rounds))?;
    for (index, row) in count.rows.iter().enumerate() {
        let leads = if row.leads { "yes" } else { "no" };
        let cells = [
            without_formula(&row.text),
            row.votes.to_string(),
            row.percent.to_string(),
            leads.to_owned(),
        ];
        let rounds = count.rounds.iter().map(|round| {
            let votes = round.votes_of(row.position);
            votes.map(|votes| votes.to_string()).unwrap_or_default()
        });
        let stages = stages.iter();
        let stages = stages.map(|stage| {
            stage
                .votes_of(row.position)
                .map(decimal)
                .unwrap_or_default()
        });
        let above = above.get(index).into_iter().flatten().enumerate();
        let above = above.map(|(other, votes)| {
            let itself = other == index;
            if itself {
                String::new()
            } else {
                votes.to_string()
            }
        });
        let votes_in_final = finalists.get(&row.position).cloned().unwrap_or_default();
        let in_final = in_final.iter().map(|_| votes_in_final.clone());
        let rounds = rounds.chain(stages).chain(above).chain(in_final);
        let of_votes = several.then(|| Share::of(row.votes, count.votes()).to_string());
        let rating = count.kind.is_rating();
        let average = rating.then(|| Average::of(row.votes, count.ballots).to_string());
        let of_votes = of_votes.or(average);
        writer.write_record(cells.into_iter().chain(of_votes).chain(rounds))?;
    }
    if !count.rounds.is_empty() || !stages.is_empty() {
        let cells = ["(no choice left)", "", "", ""].map(str::to_owned);
        let rounds = count.rounds.iter().map(|round| round.exhausted.to_string());
        let stages = stages.iter().map(|stage| decimal(stage.exhausted));
        writer.write_record(cells.into_iter().chain(rounds).chain(stages))?;
    }
    if let Some(held) = count.final_round.as_ref().filter(|_| in_final.is_some()) {
        let cells = ["(no preference)", "", "", "", ""].map(str::to_owned);
        writer.write_record(cells.into_iter().chain([held.same.to_string()]))?;
    }
    writer
        .into_inner()
        .map_err(|error| error.into_error().into())
}

/// Units as votes with their five decimals.
fn decimal(units: i64) -> String {
    format!("{}.{:05}", units / UNITS, units % UNITS)
}

/// Prefixes a text that a spreadsheet would run as a formula with an apostrophe.
fn without_formula(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    format!("{}{text}", if formula { "'" } else { "" })
}
