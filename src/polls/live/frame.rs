//! Events of the stream: the results as one frame, and the event that ends it.

use axum::body::Bytes;
use leptos::prelude::*;

use crate::polls::components::results_table::Results;
use crate::polls::model::counting::count::Count;
use crate::polls::model::poll::State;

/// The event after which a browser is to leave the stream alone.
pub const OVER: &str = "event: over\ndata:\n\n";

/// After how many milliseconds a browser comes back to a stream that broke.
pub const COME_BACK: u32 = 2_000;

/// The results of a poll at one moment, as they are sent.
#[derive(Debug)]
pub struct Frame {
    /// Its place among the others: later ones are greater.
    pub place: Place,
    /// The event.
    pub bytes: Bytes,
}

/// The version of the count, and whether it is the last.
pub type Place = (i64, bool);

/// The results as an event. Its id is a number alone; a text may hold line breaks of any kind, and each line of it is one of `data`.
pub(crate) fn event(count: &Count, last: bool) -> Bytes {
    let state = if last { State::Closed } else { State::Open };
    let owner = Owner::new();
    let html = owner.with(|| {
        let count = count.clone();
        view! { <Results count state/> }
            .to_html()
            .replace("<!>", "")
    });
    owner.unset_with_forced_cleanup();
    let mut event = format!("id: {}\nretry: {COME_BACK}\n", count.version);
    for line in html.split(['\n', '\r']) {
        event.push_str("data: ");
        event.push_str(line);
        event.push('\n');
    }
    event.push('\n');
    if last {
        event.push_str(OVER);
    }
    Bytes::from(event)
}
