//! The preview image of a poll's question: drawn as SVG, rendered to PNG and cached. It shows no
//! results. Result cards are rendered and cached here too.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};

use data_encoding::HEXLOWER;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};
use sha2::{Digest, Sha256};
use tokio::sync::{OnceCell, Semaphore};

use crate::polls::sharing::outlines::{LEADING, Letters, OgImageError};

/// Image size that link previews expect, in pixels.
pub(super) const SIZE: (u32, u32) = (1200, 630);
/// The box of the question: left, top, width and height.
const ROOM: (f32, f32, f32, f32) = (104.0, 196.0, 992.0, 284.0);
/// Number of cached images, of about 40 kB each.
const CACHE_SIZE: usize = 256;

/// The logo, as in the site's header.
pub(super) const MARK: &str = r##"<path fill="#a64a18" d="M6 14C2 9 3 3 6 2c3 0 6 4 7 8zM26 14c4-5 3-11 0-12-3 0-6 4-7 8z"/><rect x="5" y="8" width="22" height="21" rx="7" fill="#fffdf8" stroke="#30231b" stroke-width="2"/><path fill="none" stroke="#a64a18" stroke-width="3.2" stroke-linecap="round" stroke-linejoin="round" d="m11 18 4 4 7-8"/>"##;

/// An image and its `ETag`.
#[derive(Debug)]
pub struct OgImage {
    /// The PNG.
    pub png: Vec<u8>,
    /// A hash of the PNG, in quotes.
    pub etag: String,
}

/// Cache key: poll id and what is drawn.
type Key = (String, String);
type Place = Arc<OnceCell<Arc<OgImage>>>;

/// Cache of the latest images. Clones share it.
#[derive(Clone)]
pub struct OgImages(Arc<ImageCache>);

struct ImageCache {
    /// The cache entries, and their keys, oldest first.
    places: Mutex<(HashMap<Key, Place>, VecDeque<Key>)>,
    /// Limits rendering to one image at a time, since it occupies a core.
    pencil: Semaphore,
}

impl fmt::Debug for OgImages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pictures")
    }
}

impl Default for OgImages {
    fn default() -> Self {
        Self(Arc::new(ImageCache {
            places: Mutex::default(),
            pencil: Semaphore::new(1),
        }))
    }
}

impl OgImages {
    /// Returns the image of a poll's question. Concurrent requests share one rendering.
    ///
    /// # Errors
    /// When it cannot be rendered.
    pub async fn of(&self, id: &str, question: &str) -> Result<Arc<OgImage>, OgImageError> {
        let drawn = question.to_owned();
        self.drawn(id, question, move || draw(&drawn)).await
    }

    /// Returns the image that `draw` draws for this cache key.
    pub(super) async fn drawn(
        &self,
        id: &str,
        what: &str,
        draw: impl FnOnce() -> Result<Vec<u8>, OgImageError> + Send + 'static,
    ) -> Result<Arc<OgImage>, OgImageError> {
        let place = self.place(id, what);
        let picture = place.get_or_try_init(|| async {
            // The semaphore is never closed.
            let _pencil = self.0.pencil.acquire().await;
            let drawn = tokio::task::spawn_blocking(draw).await;
            let png = drawn.map_err(|error| OgImageError::OgImage(error.to_string()))??;
            let etag = format!("\"{}\"", HEXLOWER.encode(&Sha256::digest(&png)[..16]));
            Ok(Arc::new(OgImage { png, etag }))
        });
        picture.await.cloned()
    }

    /// Returns the cache entry of an image, evicting the oldest entry if it is new.
    fn place(&self, id: &str, what: &str) -> Place {
        let key = (id.to_owned(), what.to_owned());
        let mut places = self.0.places.lock().unwrap_or_else(PoisonError::into_inner);
        let (kept, order) = &mut *places;
        if let Some(place) = kept.get(&key) {
            return Arc::clone(place);
        }
        if order.len() >= CACHE_SIZE
            && let Some(oldest) = order.pop_front()
        {
            kept.remove(&oldest);
        }
        order.push_back(key.clone());
        Arc::clone(kept.entry(key).or_default())
    }
}

/// Renders the image of a question.
///
/// # Errors
/// When the font or the SVG cannot be parsed, which doesn't depend on the question.
pub fn draw(question: &str) -> Result<Vec<u8>, OgImageError> {
    render(&drawing(question)?)
}

/// Renders an SVG to PNG.
pub(super) fn render(svg: &str) -> Result<Vec<u8>, OgImageError> {
    let tree = Tree::from_str(svg, &Options::default())
        .map_err(|error| OgImageError::Drawing(error.to_string()))?;
    let mut pixels =
        Pixmap::new(SIZE.0, SIZE.1).ok_or_else(|| OgImageError::OgImage("no room".to_owned()))?;
    resvg::render(&tree, Transform::default(), &mut pixels.as_mut());
    pixels
        .encode_png()
        .map_err(|error| OgImageError::OgImage(error.to_string()))
}

/// Begins an SVG with the card that everything is drawn on.
pub(super) fn paper() -> String {
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}"><path fill="#f8f2e7" d="M0 0h1200v630H0z"/><rect x="40" y="40" width="1120" height="550" rx="40" fill="#fffdf8" stroke="#e0d8cb" stroke-width="3"/>"##,
        SIZE.0, SIZE.1
    )
}

/// Draws the image as SVG, with text as outlines. A question that the font cannot write is replaced
/// by the logo.
fn drawing(question: &str) -> Result<String, OgImageError> {
    let letters = Letters::open()?;
    let mut svg = paper();
    if let Some(words) = letters.printable_words(question) {
        let (x, top, width, height) = ROOM;
        let (size, lines) = letters.fit(&words, width, height);
        let tall = size * LEADING * f32::from(u16::try_from(lines.len()).unwrap_or(u16::MAX));
        // Optical centring: the baseline is a little above the middle of the line.
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
        "One phone number, one vote. No names on ballots.",
        104.0,
        556.0,
        26.0,
        "#63554a",
    );
    svg.push_str("</svg>");
    Ok(svg)
}

#[cfg(test)]
#[path = "og_image_tests.rs"]
mod tests;
