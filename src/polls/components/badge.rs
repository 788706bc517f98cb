//! Badge for the state of a poll.

use leptos::prelude::*;

use crate::polls::model::poll::State;
use crate::web::time::Time;

/// Renders the badge.
#[component]
pub fn Badge(
    /// The poll's state.
    state: State,
    /// When voting begins.
    opens_at: i64,
    /// When voting ends.
    closes_at: Option<i64>,
    /// The time zone in which these times were entered.
    #[prop(optional, into)]
    zone: String,
) -> impl IntoView {
    let (class, words) = match state {
        State::Draft => ("badge waiting", "Draft".into_any()),
        State::NotOpenYet => (
            "badge waiting",
            view! { "Opens " <Time at=opens_at zone/> }.into_any(),
        ),
        State::Closed => ("badge closed", "Closed".into_any()),
        State::Open => match closes_at {
            Some(closes_at) => (
                "badge open",
                view! { "Open until " <Time at=closes_at zone/> }.into_any(),
            ),
            None => ("badge open", "Open".into_any()),
        },
    };
    view! { <span class=class><span>{words}</span></span> }
}
