//! Text as outlines: measures, breaks and draws the question of a preview image.

use std::fmt::Write;
use std::sync::LazyLock;

use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::{FontRef, GlyphId, MetadataProvider};
use thiserror::Error;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// How large the question may be, from what is tried first.
pub(crate) const LARGEST: u16 = 112;

pub(crate) const SMALLEST: u16 = 28;

/// From line to line, in heights of the letters.
pub(crate) const LEADING: f32 = 1.18;

/// How much closer letters stand than in running text, in heights of the letters.
pub(crate) const TIGHT: f32 = 0.012;

/// Latin, Greek and Cyrillic; its licence lies beside it.
pub(crate) static FONT: &[u8] = include_bytes!("font/rounded-mplus-1c-bold.ttf");

/// The font, opened.
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

    /// The words of a text, if our letters can write it. Small pictures among them may be missing; a letter may not.
    pub(super) fn writable(&self, text: &str) -> Option<Vec<String>> {
        let mut written = String::new();
        for letter in text.nfc() {
            let picture_joint = matches!(letter, '\u{fe00}'..='\u{fe0f}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{ad}' | '\u{feff}');
            if letter.is_whitespace() {
                written.push(' ');
            } else if letter.is_alphanumeric() || is_combining_mark(letter) && !picture_joint {
                // Marks that no letter has taken in would need to be placed.
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

    /// How wide a text is.
    pub(super) fn width(&self, text: &str, size: f32) -> f32 {
        let metrics = self
            .font
            .glyph_metrics(Size::new(size), LocationRef::default());
        text.chars()
            .filter_map(|letter| metrics.advance_width(self.glyph(letter)?))
            .map(|advance| advance - TIGHT * size)
            .sum()
    }

    /// The largest size in which words fit into a room, and their lines, as even as they can be.
    pub(super) fn fitted(&self, words: &[String], width: f32, height: f32) -> (f32, Vec<String>) {
        let fits = |size: f32, lines: &[String]| {
            let tall = f32::from(u16::try_from(lines.len()).unwrap_or(u16::MAX)) * size * LEADING;
            tall <= height
        };
        let sizes = (SMALLEST..=LARGEST).rev().step_by(4).map(f32::from);
        let mut found = sizes
            .map(|size| (size, self.lines(words, width, size)))
            .filter(|(size, lines)| fits(*size, lines));
        let (size, lines) = found.next().unwrap_or_else(|| {
            // Nothing that may be asked is so long; if it were, its end would be left out.
            let size = f32::from(SMALLEST);
            let mut lines = self.lines(words, width, size);
            while !fits(size, &lines) {
                lines.pop();
            }
            if let Some(last) = lines.last_mut() {
                last.push('…');
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

    /// Words in lines of a width at most. A word that is wider is broken.
    fn lines(&self, words: &[String], width: f32, size: f32) -> Vec<String> {
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

    /// Writes a text from this point on.
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
        for glyph in text.chars().filter_map(|letter| self.glyph(letter)) {
            pen.x = x;
            if let Some(outline) = outlines.get(glyph) {
                let settings = DrawSettings::unhinted(Size::new(size), LocationRef::default());
                // A letter that is broken in the font is left out.
                let _ = outline.draw(settings, &mut pen);
            }
            x += metrics.advance_width(glyph).unwrap_or_default() - TIGHT * size;
        }
        // Writing into a string does not fail.
        let _ = write!(svg, r#"<path fill="{color}" d="{}"/>"#, pen.path);
    }
}

/// Turns outlines into a path, down where fonts go up.
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

/// Why there is no picture.
#[derive(Debug, Error)]
pub enum OgImageError {
    /// The font cannot be read.
    #[error("the font cannot be read: {0}")]
    Font(String),
    /// The drawing is no SVG.
    #[error("the drawing cannot be read: {0}")]
    Drawing(String),
    /// There is no PNG of it.
    #[error("the drawing cannot be made a picture: {0}")]
    OgImage(String),
}
