//! Events of the live stream: a frame with the results, and the event that ends it.

use std::sync::Arc;

use axum::body::Bytes;
use leptos::prelude::*;

use crate::polls::components::results_table::Results;
use crate::polls::model::counting::count::Count;
use crate::polls::model::poll::State;

/// The event after which browsers close the stream and don't reconnect.
pub const OVER_EVENT: &str = "event: over\ndata:\n\n";

/// Reconnection delay, in milliseconds.
pub const RETRY_MS: u32 = 2_000;

/// The rendered results of a poll.
#[derive(Debug)]
pub struct Frame {
    /// The order among frames: later ones are greater.
    pub place: Place,
    /// The bytes of the event.
    pub bytes: Bytes,
}

/// The version of the count, and whether it is final.
pub type Place = (i64, bool);

/// Renders the results as an event. The text may contain line breaks of any kind, so each line
/// becomes a `data` line.
pub(crate) fn event(count: &Arc<Count>, last: bool) -> Bytes {
    let state = if last { State::Closed } else { State::Open };
    let owner = Owner::new();
    let html = owner.with(|| {
        let count = Arc::clone(count);
        view! { <Results count state/> }
            .to_html()
            .replace("<!>", "")
    });
    owner.unset_with_forced_cleanup();
    let mut event = format!("id: {}\nretry: {RETRY_MS}\n", count.version);
    for line in html.split(['\n', '\r']) {
        event.push_str("data: ");
        event.push_str(line);
        event.push('\n');
    }
    event.push('\n');
    if last {
        event.push_str(OVER_EVENT);
    }
    Bytes::from(event)
}
