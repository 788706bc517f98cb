//! Tables and lists of fields as text.

use pollstr::platform::text::Line;

/// Puts text that somebody typed on one line, so that it can't look like other rows.
pub(crate) fn cell(text: &str) -> String {
    Line::cut(text, usize::MAX).into()
}

/// Lines up rows under a head. The last column may be as wide as it likes.
pub(crate) fn table<const N: usize>(head: [&str; N], rows: &[[String; N]]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].as_str());
        let widths = cells.chain([head[column]]).map(|cell| cell.chars().count());
        widths.max().unwrap_or_default()
    };
    let widths: [usize; N] = std::array::from_fn(width);
    let line = |cells: [&str; N]| {
        let cells = cells.iter().zip(widths);
        let cells: Vec<_> = cells
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        cells.join("  ").trim_end().to_owned()
    };
    let rows = rows
        .iter()
        .map(|row| line(row.each_ref().map(String::as_str)));
    let lines: Vec<_> = std::iter::once(line(head)).chain(rows).collect();
    lines.join("\n")
}

/// Lines up fields under a title. Further lines of a value are indented.
pub(crate) fn fields(title: &str, fields: &[(&str, String)]) -> String {
    let names = fields.iter().map(|(name, _)| name.chars().count());
    let width = names.max().unwrap_or_default() + 1;
    let indent = " ".repeat(width + 3);
    let lines = fields.iter().map(|(name, value)| {
        let value: Vec<_> = value.lines().collect();
        let name = format!("{name}:");
        format!("  {name:width$} {}", value.join(&format!("\n{indent}")))
    });
    let lines: Vec<_> = std::iter::once(title.to_owned()).chain(lines).collect();
    lines.join("\n")
}
