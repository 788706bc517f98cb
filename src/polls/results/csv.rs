//! Results as a spreadsheet (CSV).

use csv::{Terminator, WriterBuilder};

use crate::polls::model::counting::count::Count;
use crate::polls::model::counting::rankings::stages::UNITS;
use crate::polls::model::counting::share::Share;
use crate::polls::model::kind::Kind;

/// Returns a CSV file with a line for each choice and a column for each round of a run-off, each
/// stage, or each choice that it is compared with. Where voters could pick several choices, there is
/// also the share of the votes.
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
        let rounds = rounds.chain(stages).chain(above);
        let of_votes = several.then(|| Share::of(row.votes, count.votes()).to_string());
        writer.write_record(cells.into_iter().chain(of_votes).chain(rounds))?;
    }
    if !count.rounds.is_empty() || !stages.is_empty() {
        let cells = ["(no choice left)", "", "", ""].map(str::to_owned);
        let rounds = count.rounds.iter().map(|round| round.exhausted.to_string());
        let stages = stages.iter().map(|stage| decimal(stage.exhausted));
        writer.write_record(cells.into_iter().chain(rounds).chain(stages))?;
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
