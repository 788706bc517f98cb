//! The result card: an image of a closed poll's result, in the size of a link preview.

use std::fmt::Write;
use std::sync::Arc;

use crate::polls::components::summary::verdict;
use crate::polls::current_poll::read_poll;
use crate::polls::model::counting::count::{Count, Row};
use crate::polls::model::counting::share::Share;
use crate::polls::model::poll::{Poll, State};
use crate::polls::results::access::{ResultsView, being_sealed, read_results};
use crate::polls::sharing::og_image;
use crate::polls::sharing::og_image::{MARK, OgImage, OgImages};
use crate::polls::sharing::outlines::{LEADING, Letters, OgImageError};
use crate::web::hypermedia::outcome::Refusal;
use crate::web::number::of;

/// Left edge and width of everything on the card.
const LEFT: f32 = 88.0;
const WIDTH: f32 = 1024.0;
/// Top edge of the question, and the gaps between it, the verdict and the bars.
const TOP: f32 = 60.0;
const GAP: f32 = 18.0;
/// The box of the bars: top and height.
const BARS: (f32, f32) = (282.0, 228.0);
/// Largest font size of the question.
const LARGEST_QUESTION: u16 = 60;
/// Font size of the verdict, and its maximum number of lines.
const VERDICT: (f32, usize) = (32.0, 2);
/// Maximum number of bars, and the tallest distance from one to the next.
const MOST_BARS: usize = 5;
const TALLEST_BAR: f32 = 84.0;
/// Lengths to which choices in the verdict are cut, in characters, until it fits.
const NAME_LENGTHS: [usize; 5] = [usize::MAX, 60, 36, 20, 10];

const INK: &str = "#30231b";
const QUIET: &str = "#63554a";
const ACCENT: &str = "#8c3d12";

/// Reads the final results of a poll that a stranger may see.
pub(super) async fn final_results(id: String) -> Result<(Arc<Poll>, Arc<Count>), Refusal> {
    if read_poll(id.clone()).await?.poll.state != State::Closed {
        return Err(Refusal::Forbidden {
            message: "This picture is available after the poll closes.".to_owned(),
        });
    }
    let results = read_results(id).await?;
    let ResultsView {
        poll,
        count,
        fingerprint,
        ..
    } = results;
    // The last votes may be counted a moment after the close, and others would keep the picture.
    if fingerprint.is_none() {
        return Err(being_sealed());
    }
    Ok((poll, count))
}

/// Returns the card of a poll, drawn once.
pub(super) async fn card_of(
    pictures: &OgImages,
    poll: &Poll,
    count: &Arc<Count>,
) -> Result<Arc<OgImage>, OgImageError> {
    // No poll's id has a slash, so this is not the key of a question.
    let key = format!("{}/result", poll.id);
    let what = format!("{} {}", count.version, poll.question);
    let (question, count) = (poll.question.clone(), Arc::clone(count));
    pictures
        .drawn(&key, &what, move || draw(&question, &count))
        .await
}

/// Renders the card.
///
/// # Errors
/// When the font or the SVG cannot be parsed, which doesn't depend on the poll.
pub fn draw(question: &str, count: &Count) -> Result<Vec<u8>, OgImageError> {
    let letters = Letters::open()?;
    match letters.printable_words(question) {
        Some(question) => {
            og_image::render(&drawing(&letters, &question, &printable(&letters, count)))
        }
        // As in the preview image: the logo in place of letters that the font lacks.
        None => og_image::draw(question),
    }
}

/// Returns the count with texts that the font can write. Others become `Choice 2`.
fn printable(letters: &Letters, count: &Count) -> Count {
    let row = |row: &Row| Row {
        text: match letters.printable_words(&row.text) {
            Some(words) => words.join(" "),
            None => format!("Choice {}", row.position),
        },
        ..row.clone()
    };
    Count {
        rows: count.rows.iter().map(row).collect(),
        ..count.clone()
    }
}

/// Draws the card as SVG, with text as outlines.
fn drawing(letters: &Letters, question: &[String], count: &Count) -> String {
    let mut svg = og_image::paper();
    let verdict = verdict_lines(letters, count);
    let verdict_top = BARS.0 - GAP - VERDICT.0 * LEADING * number(verdict.len());
    let height = verdict_top - GAP - TOP;
    let (size, lines) = letters.fit_below(LARGEST_QUESTION, question, WIDTH, height);
    let tall = size * LEADING * number(lines.len());
    let mut baseline = TOP + (height - tall) / 2.0 + size * 0.95;
    for line in &lines {
        letters.write(&mut svg, line, LEFT, baseline, size, INK);
        baseline += size * LEADING;
    }
    let size = VERDICT.0;
    let mut baseline = verdict_top + size * 0.95;
    for line in &verdict {
        letters.write(&mut svg, line, LEFT, baseline, size, ACCENT);
        baseline += size * LEADING;
    }
    let rows = count.by_standing();
    let shown = rows.len().min(MOST_BARS);
    let pitch = (BARS.1 / number(shown)).min(TALLEST_BAR);
    let mut y = BARS.0;
    for row in &rows[..shown] {
        let share = count.final_share(row);
        bar(
            &mut svg,
            letters,
            row,
            (count.final_votes(row), &share),
            y,
            pitch,
        );
        y += pitch;
    }
    foot(&mut svg, letters, count, rows.len() - shown);
    svg.push_str("</svg>");
    svg
}

/// Draws a choice: its bar, its text on it and its share.
fn bar(
    svg: &mut String,
    letters: &Letters,
    row: &Row,
    ((votes, all), share): ((i64, i64), &str),
    y: f32,
    pitch: f32,
) {
    let height = pitch * 0.86;
    let size = (height * 0.62).min(34.0);
    let (fill, weight) = if row.leads {
        ("#f0bd94", INK)
    } else {
        ("#dccbb2", QUIET)
    };
    let length = WIDTH * fraction(Share::bar(votes, all));
    let radius = height.min(20.0) / 2.0;
    for (width, fill) in [(WIDTH, "#f5eee2"), (length, fill)] {
        if width > 0.0 {
            // Writing to a `String` cannot fail.
            let _ = write!(
                svg,
                r#"<rect x="{LEFT}" y="{y:.1}" width="{width:.1}" height="{height:.1}" rx="{radius:.1}" fill="{fill}"/>"#
            );
        }
    }
    let share_width = letters.width(share, size);
    let baseline = y + height / 2.0 + size * 0.36;
    let text = letters.cut(&row.text, WIDTH - share_width - 64.0, size);
    letters.write(svg, &text, LEFT + 20.0, baseline, size, INK);
    let x = LEFT + WIDTH - 20.0 - share_width;
    letters.write(svg, share, x, baseline, size, weight);
}

/// Draws the site's name and the turnout.
fn foot(svg: &mut String, letters: &Letters, count: &Count, left_out: usize) {
    let _ = write!(
        svg,
        r#"<g transform="translate({LEFT} 526) scale(1.4)">{MARK}</g>"#
    );
    letters.write(svg, "Pollstr", LEFT + 56.0, 559.0, 32.0, INK);
    let turnout = turnout(count, left_out);
    let x = LEFT + WIDTH - letters.width(&turnout, 26.0);
    letters.write(svg, &turnout, x, 557.0, 26.0, QUIET);
}

/// Says how many voted, and what the bars leave out.
fn turnout(count: &Count, left_out: usize) -> String {
    let voters = of(count.ballots, "voter");
    match left_out {
        0 => voters,
        1 => format!("{voters} · 1 more choice"),
        more => format!("{voters} · {more} more choices"),
    }
}

/// Wraps the verdict. Long choices in it are cut, so that the numbers stay.
fn verdict_lines(letters: &Letters, count: &Count) -> Vec<String> {
    let (size, most) = VERDICT;
    let wrapped = |length: usize| {
        let words = letters.printable_words(&verdict(&shortened(count, length), true));
        letters.lines(&words.unwrap_or_default(), WIDTH, size)
    };
    let mut lines = Vec::new();
    for length in NAME_LENGTHS {
        lines = wrapped(length);
        if lines.len() <= most {
            return lines;
        }
    }
    lines.truncate(most);
    if let Some(last) = lines.last_mut() {
        *last = letters.with_ellipsis(last, WIDTH, size);
    }
    lines
}

/// Returns the count with texts of at most this many characters.
fn shortened(count: &Count, length: usize) -> Count {
    let mut count = count.clone();
    for row in &mut count.rows {
        if let Some((end, _)) = row.text.char_indices().nth(length) {
            row.text.truncate(end);
            row.text.truncate(row.text.trim_end().len());
            row.text.push('…');
        }
    }
    count
}

/// A number of lines or rows, which are few.
fn number(count: usize) -> f32 {
    f32::from(u16::try_from(count).unwrap_or(u16::MAX))
}

/// A length of 10,000 units as a fraction.
fn fraction(length: i64) -> f32 {
    f32::from(u16::try_from(length).unwrap_or(u16::MAX)) / 10_000.0
}

#[cfg(test)]
#[path = "result_card_tests.rs"]
mod tests;
