//! Results that update while they are read, and the note that says how.

use std::sync::Arc;

use leptos::prelude::*;

use crate::polls::components::results_table::Results;
use crate::polls::model::counting::count::Count;
use crate::polls::model::poll::Poll;
use crate::web::components::page::page_meta::PageMeta;
use crate::web::location::Location;

/// Interval of the optional page refresh, in seconds.
const REFRESH: u32 = 10;

/// The results of a poll. With scripts, they update live. If the stream is refused, they stay as
/// they are.
#[component]
pub fn LiveResults(
    /// The poll.
    poll: Arc<Poll>,
    /// The count.
    count: Arc<Count>,
    /// Whether the count may still change.
    moving: bool,
    /// Keeps the choices in the poll's order after the close.
    #[prop(optional)]
    in_poll_order: bool,
) -> impl IntoView {
    let stream = moving.then(|| format!("{}/live?after={}", poll.path(), count.version));
    view! {
        <div
            class="live"
            data-stream=stream
        >
            <Results count state=poll.state in_poll_order/>
        </div>
    }
}

/// Explains how the results update: live, or by refreshing the page. Scripts show the note that
/// applies.
#[component]
pub fn Refresh(
    /// The path of the page.
    page: String,
) -> impl IntoView {
    let again = format!("{page}?refresh={REFRESH}");
    let on = Location::from_context().query("refresh") == Some(REFRESH.to_string().as_str());
    if on {
        PageMeta::from_context().refresh(REFRESH);
    }
    view! {
        <p class="hint live-note" data-live="on" hidden>"Live: updates automatically."</p>
        <p class="hint live-note" data-live="off">
            <a href=if on { again.clone() } else { page.clone() }>"Refresh"</a>
            {if on {
                view! { <span>"Refreshing every 10 seconds."</span> <a href=page>"Stop"</a> }.into_any()
            } else {
                view! { <a href=again>"Refresh every 10 seconds"</a> }.into_any()
            }}
        </p>
    }
}
