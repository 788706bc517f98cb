//! Results as a spreadsheet (CSV).

use csv::{Terminator, WriterBuilder};

use crate::polls::model::counting::count::{Count, Final, Row};
use crate::polls::model::counting::rankings::stages::UNITS;
use crate::polls::model::counting::ratings::average::Average;
use crate::polls::model::counting::share::Share;
use crate::polls::model::kind::Kind;
use crate::polls::model::poll::Correction;
use crate::web::time::machine;

/// A column after the first four: its head, a cell for each choice, and the votes that are for none.
struct Column {
    head: String,
    cells: Vec<String>,
    none: String,
}

/// Returns a CSV file with a line for each choice, in which abstentions have no share, and a column for each round of a run-off, each
/// stage, or each choice that it is compared with. Where voters could pick several choices, there is
/// also the share of the votes; of a rating, the average, and who rates which finalist higher. The
/// corrections are in lines of their own at the end.
pub(crate) fn to_csv(count: &Count, corrections: &[Correction]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        // The byte order mark makes spreadsheets read UTF-8.
        .from_writer("\u{feff}".as_bytes().to_vec());
    let columns = columns(count);
    let heads = columns.iter().map(|column| column.head.as_str());
    let head = ["choice", "votes", "percent", "leads"];
    writer.write_record(head.into_iter().chain(heads))?;
    for (index, row) in count.rows.iter().enumerate() {
        let (text, votes) = (without_formula(&row.text), row.votes.to_string());
        let (percent, leads) = (
            if count.is_abstention(row) {
                String::new()
            } else {
                row.percent.to_string()
            },
            if row.leads { "yes" } else { "no" },
        );
        let cells = columns.iter().map(|column| column.cells[index].as_str());
        writer.write_record([&*text, &votes, &percent, leads].into_iter().chain(cells))?;
    }
    let has_stages = !count.rounds.is_empty() || count.steps.seats.is_some();
    let none = match held_final(count) {
        Some(_) => Some("(no preference)"),
        None => has_stages.then_some("(no choice left)"),
    };
    if let Some(none) = none {
        let cells = columns.iter().map(|column| column.none.as_str());
        writer.write_record([none, "", "", ""].into_iter().chain(cells))?;
    }
    for Correction { at, text } in corrections {
        let line = format!("Correction, {}: {text}", machine(*at));
        let cells = columns.iter().map(|_| "");
        writer.write_record([&*line, "", "", ""].into_iter().chain(cells))?;
    }
    writer
        .into_inner()
        .map_err(|error| error.into_error().into())
}

fn columns(count: &Count) -> Vec<Column> {
    let column = |head: String, cell: &dyn Fn(&Row) -> Option<String>, none: String| Column {
        head,
        cells: count
            .rows
            .iter()
            .map(|row| cell(row).unwrap_or_default())
            .collect(),
        none,
    };
    let mut columns = Vec::new();
    if let Kind::Multiple { .. } = count.kind {
        let share = |row: &Row| Some(Share::of(row.votes, count.votes()).to_string());
        columns.push(column("percent of votes".to_owned(), &share, String::new()));
    }
    if count.kind.is_rating() {
        let average = |row: &Row| Some(Average::of(row.votes, count.ballots).to_string());
        columns.push(column("average".to_owned(), &average, String::new()));
    }
    for (number, round) in (1..).zip(&count.rounds) {
        let votes = |row: &Row| Some(round.votes_of(row.position)?.to_string());
        let exhausted = round.exhausted.to_string();
        columns.push(column(format!("round {number}"), &votes, exhausted));
    }
    for (number, stage) in (1..).zip(count.steps.seats.iter().flat_map(|seats| &seats.stages)) {
        let votes = |row: &Row| stage.votes_of(row.position).map(decimal);
        let exhausted = decimal(stage.exhausted);
        columns.push(column(format!("stage {number}"), &votes, exhausted));
    }
    if let Some(duels) = &count.steps.duels {
        for (index, other) in count.rows.iter().enumerate() {
            let above = duels.above.iter().enumerate();
            let above = above.map(|(row, votes)| (row != index).then(|| votes[index].to_string()));
            columns.push(Column {
                head: format!("above {}", other.text),
                cells: above.map(Option::unwrap_or_default).collect(),
                none: String::new(),
            });
        }
    }
    if let Some(held) = held_final(count) {
        let finalists = || held.finalists.iter().zip(&held.prefer);
        let votes = |row: &Row| {
            let (_, votes) = finalists().find(|(finalist, _)| **finalist == row.position)?;
            Some(votes.to_string())
        };
        columns.push(column("final".to_owned(), &votes, held.same.to_string()));
    }
    columns
}

/// The final between two choices, if there is one.
fn held_final(count: &Count) -> Option<&Final> {
    let held = count.steps.final_round.as_ref();
    held.filter(|held| !held.prefer.is_empty())
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
