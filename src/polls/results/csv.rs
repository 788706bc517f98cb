//! Results as a spreadsheet (CSV).

use csv::{Terminator, WriterBuilder};

use crate::polls::model::counting::count::Count;
use crate::polls::model::counting::share::Share;
use crate::polls::model::kind::Kind;

/// Returns a CSV file with a line for each choice and a column for each round of a run-off. Where
/// voters could pick several choices, there is also the share of the votes.
pub(crate) fn to_csv(count: &Count) -> Result<Vec<u8>, csv::Error> {
    let mut writer = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        // The byte order mark makes spreadsheets read UTF-8.
        .from_writer("\u{feff}".as_bytes().to_vec());
    let rounds = (1..=count.rounds.len()).map(|number| format!("round {number}"));
    let several = matches!(count.kind, Kind::Multiple { .. });
    let of_votes = several.then(|| "percent of votes".to_owned());
    let head = ["choice", "votes", "percent", "leads"].map(str::to_owned);
    writer.write_record(head.into_iter().chain(of_votes).chain(rounds))?;
    for row in &count.rows {
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
        let of_votes = several.then(|| Share::of(row.votes, count.votes()).to_string());
        writer.write_record(cells.into_iter().chain(of_votes).chain(rounds))?;
    }
    if !count.rounds.is_empty() {
        let cells = ["(no choice left)", "", "", ""].map(str::to_owned);
        let rounds = count.rounds.iter().map(|round| round.exhausted.to_string());
        writer.write_record(cells.into_iter().chain(rounds))?;
    }
    writer
        .into_inner()
        .map_err(|error| error.into_error().into())
}

/// Prefixes a text that a spreadsheet would run as a formula with an apostrophe.
fn without_formula(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    format!("{}{text}", if formula { "'" } else { "" })
}
