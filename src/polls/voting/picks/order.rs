//! The order in which a viewer sees the choices of a poll that shuffles them.

use std::sync::Arc;

use axum::http::request::Parts;
use leptos::prelude::use_context;

use crate::accounts::viewer::Viewer;
use crate::platform::crypto::{Keys, digest};
use crate::polls::model::poll::Poll;
use crate::web::http::csrf::Csrf;

/// Puts the choices of a shuffled poll in this viewer's order, which is the same each time: an
/// account's, or for strangers the browser's.
pub(crate) fn for_viewer(mut poll: Arc<Poll>, keys: &Keys, viewer: &Viewer) -> Arc<Poll> {
    if !poll.shuffled {
        return poll;
    }
    let person = viewer.person().map(|person| person.id.to_string());
    let own = keys.voter(&poll.id, &person.or_else(browser).unwrap_or_default());
    Arc::make_mut(&mut poll)
        .choices
        .sort_by_cached_key(|choice| {
            digest(&[own.as_slice(), &choice.position.to_be_bytes()].concat())
        });
    poll
}

fn browser() -> Option<String> {
    let parts = use_context::<Parts>()?;
    parts.extensions.get::<Csrf>().map(Csrf::browser)
}
