//! What a page says about itself besides its HTML: its title, its status, where to go instead.
//!
//! A component writes it here while it is rendered; the server reads it afterwards, before a byte is sent. So a page can send
//! its reader elsewhere without knowing anything of HTTP.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use leptos::prelude::use_context;

/// The page's word about itself. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct PageMeta(Arc<Mutex<Word>>);

/// What has been said.
#[derive(Clone, Debug, Default)]
pub struct Word {
    /// The page's title, without the site's name.
    pub title: String,
    /// The HTTP status, where it is not 200.
    pub status: Option<u16>,
    /// After how many seconds the browser is to load the page again.
    pub refresh: Option<u32>,
    /// Where the reader is sent instead of being shown the page.
    pub instead: Option<Instead>,
    /// How the page is introduced to machines and in other places.
    pub introduction: Option<Introduction>,
    /// Whether something on the page has the focus.
    pub focused: bool,
}

/// How a page is introduced where its address is passed on: by search engines, in messages, on other sites. All addresses are whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Introduction {
    /// What it is about, in a sentence or two.
    pub description: String,
    /// The one address it is known by.
    pub canonical: String,
    /// A picture of it, 1200 by 630.
    pub picture: String,
    /// What the picture says, to whoever does not see it.
    pub alt: String,
    /// Where machines learn how to embed it.
    pub oembed: String,
    /// Whether search engines may show it.
    pub listed: bool,
}

/// Where a reader is sent instead of being shown a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Instead {
    /// To log in, and back.
    LogIn,
    /// To prove a number, and back.
    Verify,
    /// To a path on this site.
    Path(String),
}

impl PageMeta {
    /// The answer that is being made now. Outside a request, one that nobody reads.
    #[must_use]
    pub fn from_context() -> Self {
        use_context().unwrap_or_default()
    }

    /// Names the page.
    pub fn title(&self, title: &str) {
        title.clone_into(&mut self.word().title);
    }

    /// Gives the page a status other than 200.
    pub fn status(&self, status: u16) {
        self.word().status = Some(status);
    }

    /// Has the browser load the page again after so many seconds.
    pub fn refresh(&self, seconds: u32) {
        self.word().refresh = Some(seconds);
    }

    /// Sends the reader elsewhere. The first word counts: a guard stands outside what it guards.
    pub fn instead(&self, instead: Instead) {
        self.word().instead.get_or_insert(instead);
    }

    /// Introduces the page to machines and in other places.
    pub fn introduce(&self, introduction: Introduction) {
        self.word().introduction = Some(introduction);
    }

    /// True for the first that asks: one thing on a page has the focus.
    #[must_use]
    pub fn take_focus(&self) -> bool {
        !std::mem::replace(&mut self.word().focused, true)
    }

    /// Everything that was said.
    #[must_use]
    pub fn read(&self) -> Word {
        self.word().clone()
    }

    fn word(&self) -> MutexGuard<'_, Word> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
