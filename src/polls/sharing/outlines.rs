//! Text as outlines: measures, wraps, cuts and draws the texts of preview images.

use std::fmt::Write;
use std::sync::LazyLock;

use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::{FontRef, GlyphId, MetadataProvider};
use thiserror::Error;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Largest font size of the question, tried first.
pub(crate) const LARGEST: u16 = 112;

pub(crate) const SMALLEST: u16 = 28;

/// Line height, in font sizes.
pub(crate) const LEADING: f32 = 1.18;

/// Reduction of the letter spacing, in font sizes.
pub(crate) const TRACKING: f32 = 0.012;

/// The font: Latin, Greek and Cyrillic. Its licence is in the same directory.
pub(crate) static FONT: &[u8] = include_bytes!("font/rounded-mplus-1c-bold.ttf");

/// The parsed font.
pub(crate) struct Letters {
    font: FontRef<'static>,
}

impl Letters {
    pub(super) fn open() -> Result<Self, OgImageError> {
        static OPENED: LazyLock<Result<FontRef<'static>, String>> =
            LazyLock::new(|| FontRef::new(FONT).map_err(|error| error.to_string()));
        OPENED
            .clone()
            .map(|font| Self { font })
            .map_err(OgImageError::Font)
    }

    fn glyph(&self, letter: char) -> Option<GlyphId> {
        self.font.charmap().map(letter)
    }

    /// Returns the words of a text if the font can write them. Missing emoji are dropped; a missing
    /// letter makes it `None`.
    pub(super) fn printable_words(&self, text: &str) -> Option<Vec<String>> {
        let mut written = String::new();
        for letter in text.nfc() {
            let picture_joint = matches!(letter, '\u{fe00}'..='\u{fe0f}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{ad}' | '\u{feff}');
            if letter.is_whitespace() {
                written.push(' ');
            } else if letter.is_alphanumeric() || is_combining_mark(letter) && !picture_joint {
                // Combining marks that did not compose would need positioning.
                self.glyph(letter).filter(|_| !is_combining_mark(letter))?;
                written.push(letter);
            } else if self.glyph(letter).is_some() && !picture_joint {
                written.push(letter);
            }
        }
        let words: Vec<String> = written.split_whitespace().map(ToOwned::to_owned).collect();
        words
            .iter()
            .any(|word| word.chars().any(char::is_alphanumeric))
            .then_some(words)
    }

    /// Returns the width of a text.
    pub(super) fn width(&self, text: &str, size: f32) -> f32 {
        let metrics = self
            .font
            .glyph_metrics(Size::new(size), LocationRef::default());
        drawn(text)
            .filter_map(|letter| metrics.advance_width(self.glyph(letter)?))
            .map(|advance| advance - TRACKING * size)
            .sum()
    }

    /// Returns the largest font size at which the words fit into a box, and the lines, balanced in
    /// length.
    pub(super) fn fit(&self, words: &[String], width: f32, height: f32) -> (f32, Vec<String>) {
        self.fit_below(LARGEST, words, width, height)
    }

    /// Like [`Letters::fit`], with another largest font size.
    pub(super) fn fit_below(
        &self,
        largest: u16,
        words: &[String],
        width: f32,
        height: f32,
    ) -> (f32, Vec<String>) {
        let fits = |size: f32, lines: &[String]| {
            let tall = f32::from(u16::try_from(lines.len()).unwrap_or(u16::MAX)) * size * LEADING;
            tall <= height
        };
        let sizes = (SMALLEST..=largest).rev().step_by(4).map(f32::from);
        let mut found = sizes
            .map(|size| (size, self.lines(words, width, size)))
            .filter(|(size, lines)| fits(*size, lines));
        let (size, lines) = found.next().unwrap_or_else(|| {
            // Every valid question fits into a preview image. What doesn't fit is cut off.
            let size = f32::from(SMALLEST);
            let mut lines = self.lines(words, width, size);
            while !fits(size, &lines) {
                lines.pop();
            }
            if let Some(last) = lines.last_mut() {
                *last = self.with_ellipsis(last, width, size);
            }
            (size, lines)
        });
        let narrower = (1..40)
            .map(|step: u16| width - 16.0 * f32::from(step))
            .map(|width| self.lines(words, width, size));
        let even = narrower
            .take_while(|narrow| narrow.len() == lines.len())
            .last();
        (size, even.unwrap_or(lines))
    }

    /// Returns a text that fits into a width: the whole, or its beginning with an ellipsis.
    pub(super) fn cut(&self, text: &str, width: f32, size: f32) -> String {
        if self.width(text, size) <= width {
            text.to_owned()
        } else {
            self.with_ellipsis(text, width, size)
        }
    }

    /// Appends an ellipsis, in place of the end if there is no room.
    pub(super) fn with_ellipsis(&self, text: &str, width: f32, size: f32) -> String {
        let mut kept = text.trim_end().to_owned();
        while self.width(&kept, size) + self.width("…", size) > width && kept.pop().is_some() {
            kept.truncate(kept.trim_end().len());
        }
        kept + "…"
    }

    /// Wraps words into lines. A word wider than a line is broken.
    pub(super) fn lines(&self, words: &[String], width: f32, size: f32) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        let mut line = String::new();
        for word in words {
            let longer = if line.is_empty() {
                word.clone()
            } else {
                format!("{line} {word}")
            };
            if self.width(&longer, size) <= width {
                line = longer;
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            for letter in word.chars() {
                line.push(letter);
                if line.chars().count() > 1 && self.width(&line, size) > width {
                    line.pop();
                    lines.push(std::mem::take(&mut line));
                    line.push(letter);
                }
            }
        }
        lines.push(line);
        lines
    }

    /// Draws a text from this point.
    pub(super) fn write(
        &self,
        svg: &mut String,
        text: &str,
        mut x: f32,
        y: f32,
        size: f32,
        color: &str,
    ) {
        let metrics = self
            .font
            .glyph_metrics(Size::new(size), LocationRef::default());
        let outlines = self.font.outline_glyphs();
        let mut pen = Pen {
            path: String::new(),
            x,
            y,
        };
        for glyph in drawn(text).filter_map(|letter| self.glyph(letter)) {
            pen.x = x;
            if let Some(outline) = outlines.get(glyph) {
                let settings = DrawSettings::unhinted(Size::new(size), LocationRef::default());
                // A glyph that is broken in the font is omitted.
                let _ = outline.draw(settings, &mut pen);
            }
            x += metrics.advance_width(glyph).unwrap_or_default() - TRACKING * size;
        }
        // Writing to a `String` cannot fail.
        let _ = write!(svg, r#"<path fill="{color}" d="{}"/>"#, pen.path);
    }
}

/// Returns the letters to draw. The font's ellipsis floats in the middle of the line, as in
/// Japanese, so it is drawn as three full stops.
fn drawn(text: &str) -> impl Iterator<Item = char> {
    let letters = text.chars().map(|letter| match letter {
        '…' => ('.', 3),
        other => (other, 1),
    });
    letters.flat_map(|(letter, times)| std::iter::repeat_n(letter, times))
}

/// Converts outlines to an SVG path. The y axis is flipped, since it points up in fonts.
pub(crate) struct Pen {
    path: String,
    x: f32,
    y: f32,
}

impl Pen {
    fn to(&mut self, command: char, points: &[(f32, f32)]) {
        self.path.push(command);
        for (x, y) in points {
            let _ = write!(self.path, "{:.2} {:.2} ", self.x + x, self.y - y);
        }
    }
}

impl OutlinePen for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.to('M', &[(x, y)]);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.to('L', &[(x, y)]);
    }

    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        self.to('Q', &[(cx, cy), (x, y)]);
    }

    fn curve_to(&mut self, cx0: f32, cy0: f32, cx1: f32, cy1: f32, x: f32, y: f32) {
        self.to('C', &[(cx0, cy0), (cx1, cy1), (x, y)]);
    }

    fn close(&mut self) {
        self.path.push('Z');
    }
}

/// Why an image could not be rendered.
#[derive(Debug, Error)]
pub enum OgImageError {
    /// The font cannot be parsed.
    #[error("the font cannot be read: {0}")]
    Font(String),
    /// The SVG cannot be parsed.
    #[error("the drawing cannot be read: {0}")]
    Drawing(String),
    /// Rendering or PNG encoding failed.
    #[error("the drawing cannot be made a picture: {0}")]
    OgImage(String),
}
