//! Results as a spreadsheet (CSV).

use crate::polls::model::counting::count::Count;

/// Returns a CSV file with a line for each choice and a column for each round of a run-off.
pub(crate) fn sheet(count: &Count) -> String {
    let mut lines = vec![
        ["choice", "votes", "percent", "leads"]
            .map(str::to_owned)
            .to_vec(),
    ];
    lines[0].extend((1..=count.rounds.len()).map(|number| format!("round {number}")));
    for row in &count.rows {
        let leads = if row.leads { "yes" } else { "no" }.to_owned();
        let mut line = vec![
            cell(&row.text),
            row.votes.to_string(),
            row.percent.to_string(),
            leads,
        ];
        line.extend(count.rounds.iter().map(|round| {
            let standing = round
                .standing
                .iter()
                .find(|standing| standing.choice == row.position);
            standing
                .map(|standing| standing.votes.to_string())
                .unwrap_or_default()
        }));
        lines.push(line);
    }
    if !count.rounds.is_empty() {
        let mut line = vec![
            cell("(no choice left)"),
            String::new(),
            String::new(),
            String::new(),
        ];
        line.extend(count.rounds.iter().map(|round| round.exhausted.to_string()));
        lines.push(line);
    }
    // The byte order mark makes spreadsheets read UTF-8.
    lines.iter().fold("\u{feff}".to_owned(), |sheet, line| {
        sheet + &line.join(",") + "\r\n"
    })
}

/// Quotes a text as a cell. A text that a spreadsheet would run as a formula is prefixed with an
/// apostrophe.
pub(crate) fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    format!(
        "\"{}{}\"",
        if formula { "'" } else { "" },
        text.replace('"', "\"\"")
    )
}
