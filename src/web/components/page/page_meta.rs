//! Page metadata besides the HTML: title, status, redirect.
//!
//! Components set it while they render; the server reads it before it sends the response. So a page
//! can redirect without knowing about HTTP.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use leptos::prelude::use_context;

/// The metadata of the page being rendered. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct PageMeta(Arc<Mutex<Values>>);

/// The values of a page's metadata.
#[derive(Clone, Debug, Default)]
pub struct Values {
    /// The title, without the site's name.
    pub title: String,
    /// The HTTP status, if other than 200.
    pub status: Option<u16>,
    /// Seconds after which the browser reloads the page.
    pub refresh: Option<u32>,
    /// The redirect that replaces the page.
    pub instead: Option<Instead>,
    /// The page's description for search engines and link previews.
    pub introduction: Option<Introduction>,
    /// Whether an element on the page already has the focus.
    pub focused: bool,
}

/// Description of a page for search engines, link previews and embedding. All URLs are absolute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Introduction {
    /// A summary of one or two sentences.
    pub description: String,
    /// The canonical URL.
    pub canonical: String,
    /// The URL of the preview image, 1200 by 630 pixels.
    pub picture: String,
    /// The image's alternative text.
    pub alt: String,
    /// The URL of the oEmbed document.
    pub oembed: String,
    /// Whether search engines may index the page.
    pub listed: bool,
}

/// The target of a redirect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Instead {
    /// The login page, and then back.
    LogIn,
    /// The verification page, and then back.
    Verify,
    /// A path on this site.
    Path(String),
}

impl PageMeta {
    /// Returns the metadata of the current page. Outside a request, returns an unused default.
    #[must_use]
    pub fn from_context() -> Self {
        use_context().unwrap_or_default()
    }

    /// Sets the title.
    pub fn title(&self, title: &str) {
        title.clone_into(&mut self.values().title);
    }

    /// Sets a status other than 200.
    pub fn status(&self, status: u16) {
        self.values().status = Some(status);
    }

    /// Has the browser reload the page after this many seconds.
    pub fn refresh(&self, seconds: u32) {
        self.values().refresh = Some(seconds);
    }

    /// Redirects. The first call wins, since a guard runs before the page it guards.
    pub fn instead(&self, instead: Instead) {
        self.values().instead.get_or_insert(instead);
    }

    /// Sets the description for search engines and link previews.
    pub fn introduce(&self, introduction: Introduction) {
        self.values().introduction = Some(introduction);
    }

    /// Returns true for the first caller only, so that one element on the page gets the focus.
    #[must_use]
    pub fn take_focus(&self) -> bool {
        !std::mem::replace(&mut self.values().focused, true)
    }

    /// Returns a copy of the metadata.
    #[must_use]
    pub fn read(&self) -> Values {
        self.values().clone()
    }

    fn values(&self) -> MutexGuard<'_, Values> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
