//! The picture of a question, for wherever its link is shown: drawn once as SVG, made a PNG, and kept. It knows no count.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::fmt::Write;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use data_encoding::HEXLOWER;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};
use sha2::{Digest, Sha256};
use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::{FontRef, GlyphId, MetadataProvider};
use thiserror::Error;
use tokio::sync::{OnceCell, Semaphore};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// As wide and as high as the places want it that show links.
const SIZE: (u32, u32) = (1200, 630);
/// The room for the question: its left edge, its top, its width and its height.
const ROOM: (f32, f32, f32, f32) = (104.0, 196.0, 992.0, 284.0);
/// How large the question may be, from what is tried first.
const LARGEST: u16 = 112;
const SMALLEST: u16 = 28;
/// From line to line, in heights of the letters.
const LEADING: f32 = 1.18;
/// How much closer letters stand than in running text, in heights of the letters.
const TIGHT: f32 = 0.012;
/// How many pictures are kept; each has about 40 kB.
const KEPT: usize = 256;

/// Latin, Greek and Cyrillic; its licence lies beside it.
static FONT: &[u8] = include_bytes!("font/rounded-mplus-1c-bold.ttf");
/// The mark of the site, as in its header.
const MARK: &str = r##"<path fill="#a64a18" d="M6 14C2 9 3 3 6 2c3 0 6 4 7 8zM26 14c4-5 3-11 0-12-3 0-6 4-7 8z"/><rect x="5" y="8" width="22" height="21" rx="7" fill="#fffdf8" stroke="#30231b" stroke-width="2"/><path fill="none" stroke="#a64a18" stroke-width="3.2" stroke-linecap="round" stroke-linejoin="round" d="m11 18 4 4 7-8"/>"##;

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

/// A picture, and the name of its contents.
#[derive(Debug)]
pub struct OgImage {
    /// The PNG.
    pub png: Vec<u8>,
    /// A hash of it, in quotes, as an `ETag`.
    pub etag: String,
}

/// A poll's id and its question.
type Key = (String, String);
type Place = Arc<OnceCell<Arc<OgImage>>>;

/// The pictures that were drawn, the newest of them. Clones share them.
#[derive(Clone)]
pub struct OgImages(Arc<Shelf>);

struct Shelf {
    /// The places, and their keys from the oldest on.
    places: Mutex<(HashMap<Key, Place>, VecDeque<Key>)>,
    /// One is drawn at a time, whoever asks for what: drawing takes a processor, and others want it too.
    pencil: Semaphore,
}

impl fmt::Debug for OgImages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pictures")
    }
}

impl Default for OgImages {
    fn default() -> Self {
        Self(Arc::new(Shelf {
            places: Mutex::default(),
            pencil: Semaphore::new(1),
        }))
    }
}

impl OgImages {
    /// The picture of a poll's question. Of many who ask at once, one has it drawn.
    ///
    /// # Errors
    /// When it cannot be drawn.
    pub async fn of(&self, id: &str, question: &str) -> Result<Arc<OgImage>, OgImageError> {
        let place = self.place(id, question);
        let picture = place.get_or_try_init(|| async {
            // Never closed.
            let _pencil = self.0.pencil.acquire().await;
            let question = question.to_owned();
            let drawn = tokio::task::spawn_blocking(move || draw(&question)).await;
            let png = drawn.map_err(|error| OgImageError::OgImage(error.to_string()))??;
            let etag = format!("\"{}\"", HEXLOWER.encode(&Sha256::digest(&png)[..16]));
            Ok(Arc::new(OgImage { png, etag }))
        });
        picture.await.cloned()
    }

    /// The place of a picture. For a new one the oldest makes room.
    fn place(&self, id: &str, question: &str) -> Place {
        let key = (id.to_owned(), question.to_owned());
        let mut places = self.0.places.lock().unwrap_or_else(PoisonError::into_inner);
        let (kept, order) = &mut *places;
        if let Some(place) = kept.get(&key) {
            return Arc::clone(place);
        }
        if order.len() >= KEPT
            && let Some(oldest) = order.pop_front()
        {
            kept.remove(&oldest);
        }
        order.push_back(key.clone());
        Arc::clone(kept.entry(key).or_default())
    }
}

/// Draws the picture of a question.
///
/// # Errors
/// When the font or the drawing cannot be read, which no question brings about.
pub fn draw(question: &str) -> Result<Vec<u8>, OgImageError> {
    let svg = drawing(question)?;
    let tree = Tree::from_str(&svg, &Options::default())
        .map_err(|error| OgImageError::Drawing(error.to_string()))?;
    let mut pixels =
        Pixmap::new(SIZE.0, SIZE.1).ok_or_else(|| OgImageError::OgImage("no room".to_owned()))?;
    resvg::render(&tree, Transform::default(), &mut pixels.as_mut());
    pixels
        .encode_png()
        .map_err(|error| OgImageError::OgImage(error.to_string()))
}

/// The picture as SVG, its letters as outlines. A question that our letters cannot write gives its place to the mark.
fn drawing(question: &str) -> Result<String, OgImageError> {
    let letters = Letters::open()?;
    let mut svg = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}"><path fill="#f8f2e7" d="M0 0h1200v630H0z"/><rect x="40" y="40" width="1120" height="550" rx="40" fill="#fffdf8" stroke="#e0d8cb" stroke-width="3"/>"##,
        SIZE.0, SIZE.1
    );
    if let Some(words) = letters.writable(question) {
        let (x, top, width, height) = ROOM;
        let (size, lines) = letters.fitted(&words, width, height);
        let tall = size * LEADING * f32::from(u16::try_from(lines.len()).unwrap_or(u16::MAX));
        // Letters stand a little above the middle of their line.
        let mut baseline = top + (height - tall) / 2.0 + size * 0.95;
        for line in &lines {
            letters.write(&mut svg, line, x, baseline, size, "#30231b");
            baseline += size * LEADING;
        }
        let _ = write!(
            svg,
            r#"<g transform="translate(98 78) scale(2.4)">{MARK}</g>"#
        );
        letters.write(&mut svg, "Pollstr", 190.0, 135.0, 48.0, "#30231b");
    } else {
        let _ = write!(
            svg,
            r#"<g transform="translate(480 96) scale(7.5)">{MARK}</g>"#
        );
        let x = (1200.0 - letters.width("Pollstr", 96.0)) / 2.0;
        letters.write(&mut svg, "Pollstr", x, 440.0, 96.0, "#30231b");
    }
    let _ = write!(svg, r##"<path fill="#a64a18" d="M104 508h64v6h-64z"/>"##);
    letters.write(
        &mut svg,
        "One number, one vote, and ballots without names.",
        104.0,
        556.0,
        26.0,
        "#63554a",
    );
    svg.push_str("</svg>");
    Ok(svg)
}

/// The font, opened.
struct Letters {
    font: FontRef<'static>,
}

impl Letters {
    fn open() -> Result<Self, OgImageError> {
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
    fn writable(&self, text: &str) -> Option<Vec<String>> {
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
    fn width(&self, text: &str, size: f32) -> f32 {
        let metrics = self
            .font
            .glyph_metrics(Size::new(size), LocationRef::default());
        text.chars()
            .filter_map(|letter| metrics.advance_width(self.glyph(letter)?))
            .map(|advance| advance - TIGHT * size)
            .sum()
    }

    /// The largest size in which words fit into a room, and their lines, as even as they can be.
    fn fitted(&self, words: &[String], width: f32, height: f32) -> (f32, Vec<String>) {
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
    fn write(&self, svg: &mut String, text: &str, mut x: f32, y: f32, size: f32, color: &str) {
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
struct Pen {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_drawn_in_the_size_that_links_are_shown_in() {
        let png = draw("What is your favorite kind of dog?").unwrap();
        assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));
        assert_eq!(
            png[16..24],
            [1200_u32.to_be_bytes(), 630_u32.to_be_bytes()].concat()
        );
        assert_eq!(png, draw("What is your favorite kind of dog?").unwrap());
        assert_ne!(png, draw("What is your favorite kind of cat?").unwrap());
    }

    #[test]
    fn whatever_may_be_asked_fits_into_its_room() {
        let letters = Letters::open().unwrap();
        let (.., width, height) = ROOM;
        let long = [
            "W".repeat(200),
            "W ".repeat(100),
            "Donaudampfschifffahrt ".repeat(9),
            "Wag?".to_owned(),
            "no".to_owned(),
        ];
        for question in long {
            let words = letters.writable(&question).unwrap();
            let (size, lines) = letters.fitted(&words, width, height);
            assert!(
                lines.iter().all(|line| letters.width(line, size) <= width),
                "{question}"
            );
            assert!(
                f32::from(u16::try_from(lines.len()).unwrap()) * size * LEADING <= height,
                "{question}"
            );
            let kept = |text: &str| {
                text.chars()
                    .filter(|letter| letter.is_alphanumeric())
                    .collect::<String>()
            };
            assert_eq!(
                kept(&lines.concat()),
                kept(&question),
                "nothing is left out"
            );
        }
    }

    #[test]
    fn letters_that_we_cannot_write_are_not_written_as_boxes() {
        let letters = Letters::open().unwrap();
        let written = |text: &str| letters.writable(text).map(|words| words.join(" "));
        for text in [
            "Größe?",
            "Ποια;",
            "Кто выпустил собак?",
            "Bạn thích gì?",
            "cafe\u{301}?".nfc().collect::<String>().as_str(),
        ] {
            assert_eq!(written(text).as_deref(), Some(text));
        }
        assert_eq!(
            written("Dogs 🐶\u{fe0f}\u{200d}🐾 or\u{a0}cats?").as_deref(),
            Some("Dogs or cats?")
        );
        for text in [
            "犬は？",
            "כלב?",
            "कुत्ता?",
            "Dog or 犬?",
            "x\u{301}\u{20e3}",
            "🐶",
            "",
            "?!",
        ] {
            assert_eq!(written(text), None, "{text}");
        }
        let mark = drawing("犬は？").unwrap();
        assert_eq!(mark, drawing("🐶").unwrap());
        assert_ne!(mark, drawing("Dog?").unwrap());
    }

    #[tokio::test]
    async fn so_many_are_kept_and_no_more() {
        let pictures = OgImages::default();
        for number in 0..KEPT + 10 {
            pictures.place(&number.to_string(), "Wag?");
        }
        let (kept, order) = &*pictures.0.places.lock().unwrap();
        assert_eq!((kept.len(), order.len()), (KEPT, KEPT));
        assert!(!kept.contains_key(&("0".to_owned(), "Wag?".to_owned())));
    }

    #[tokio::test]
    async fn of_many_who_ask_at_once_one_has_it_drawn() {
        let pictures = OgImages::default();
        let all = futures::future::join_all((0..20).map(|_| pictures.of("a", "Wag?"))).await;
        let first = all[0].as_ref().unwrap();
        assert!(
            all.iter()
                .all(|picture| Arc::ptr_eq(picture.as_ref().unwrap(), first))
        );
        assert!(!Arc::ptr_eq(
            &pictures.of("b", "Wag?").await.unwrap(),
            first
        ));
    }
}
