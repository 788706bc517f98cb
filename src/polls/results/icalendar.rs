//! Calendar files: iCalendar (RFC 5545) with one event.

use crate::web::time::machine;

/// The longest line in octets, without its line break.
const LINE: usize = 75;

/// A moment in a calendar. Times are in seconds since 1970.
pub(crate) struct Event {
    /// The same each time, so that calendars update the event.
    pub(crate) uid: String,
    /// When it is.
    pub(crate) at: i64,
    /// When this file was made.
    pub(crate) made_at: i64,
    /// The title.
    pub(crate) summary: String,
    /// An absolute URL.
    pub(crate) url: String,
}

impl Event {
    /// Returns the file.
    pub(crate) fn to_file(&self) -> String {
        let lines = [
            "BEGIN:VCALENDAR".to_owned(),
            "VERSION:2.0".to_owned(),
            "PRODID:-//Pollstr//Pollstr//EN".to_owned(),
            "BEGIN:VEVENT".to_owned(),
            format!("UID:{}", escaped(&self.uid)),
            format!("DTSTAMP:{}", time(self.made_at)),
            format!("DTSTART:{}", time(self.at)),
            format!("SUMMARY:{}", escaped(&self.summary)),
            format!("URL:{}", self.url),
            "END:VEVENT".to_owned(),
            "END:VCALENDAR".to_owned(),
        ];
        lines.iter().map(|line| folded(line)).collect()
    }
}

/// Formats a time in UTC: `20261124T120530Z`.
fn time(at: i64) -> String {
    machine(at).replace(['-', ':'], "")
}

/// Escapes a text. Control characters are dropped.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for sign in text.chars() {
        match sign {
            '\\' | ';' | ',' => escaped.extend(['\\', sign]),
            '\n' => escaped.push_str("\\n"),
            _ if sign.is_control() => {}
            _ => escaped.push(sign),
        }
    }
    escaped
}

/// Folds a line: each further part begins with a space. No character is cut.
fn folded(line: &str) -> String {
    let (mut folded, mut width) = (String::new(), 0);
    for sign in line.chars() {
        if width + sign.len_utf8() > LINE {
            folded.push_str("\r\n ");
            width = 1;
        }
        folded.push(sign);
        width += sign.len_utf8();
    }
    folded + "\r\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_with_a_meaning_are_escaped() {
        assert_eq!(
            escaped("Tea; milk, sugar\\\r\nor \u{7}\"none\"?"),
            r#"Tea\; milk\, sugar\\\nor "none"?"#
        );
    }

    #[test]
    fn lines_have_75_octets_at_most_and_no_character_is_cut() {
        assert_eq!(folded(&"a".repeat(75)), format!("{}\r\n", "a".repeat(75)));
        assert_eq!(
            folded(&"a".repeat(76)),
            format!("{}\r\n a\r\n", "a".repeat(75))
        );
        for sign in ["a", "é", "犬", "🐕"] {
            for before in 0..4 {
                let line = "x".repeat(before) + &sign.repeat(200);
                let folded = folded(&line);
                let parts: Vec<&str> = folded.trim_end_matches("\r\n").split("\r\n").collect();
                assert!(parts.iter().all(|part| part.len() <= 75), "{folded}");
                assert!(parts[..parts.len() - 1].iter().all(|part| part.len() > 71));
                assert!(parts[1..].iter().all(|part| part.starts_with(' ')));
                assert_eq!(folded.replace("\r\n ", ""), line + "\r\n");
            }
        }
    }
}
