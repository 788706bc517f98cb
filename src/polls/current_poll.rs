//! The poll of the current request, as its viewer sees it.

use leptos::prelude::*;
use leptos::server_fn::codec::{GetUrl, Json};

use crate::polls::model::poll_view::PollView;
use crate::web::hypermedia::outcome::Refusal;
use crate::web::location::Location;

#[cfg(feature = "ssr")]
use {
    crate::accounts::requirements::MobileOnly,
    crate::accounts::viewer::Viewer,
    crate::polls::store::cache::PollCache,
    crate::polls::store::poll_view::{StoredPollView, load_for_viewer},
    crate::web::context::Ctx,
    std::sync::Arc,
};

/// Loads a poll as the current viewer sees it. Drafts and polls that were taken down exist for
/// their organiser only.
#[cfg(feature = "ssr")]
pub async fn load_poll(id: &str) -> Result<StoredPollView, Refusal> {
    let (Ctx { db, keys, .. }, cache) = (Ctx::from_context(), expect_context::<PollCache>());
    let mut found = load_for_viewer(&db, &keys, &cache, &Viewer::from_context(), id).await?;
    if MobileOnly::from_context() {
        Arc::make_mut(&mut found.seen.poll).mobile_only = true;
    }
    Ok(found)
}

/// Returns a poll as the viewer sees it.
#[server(endpoint = "poll", input = GetUrl, output = Json)]
pub async fn read_poll(id: String) -> Result<PollView, Refusal> {
    Ok(load_poll(&id).await?.seen)
}

/// The poll id in the URL of the current page.
pub(crate) fn poll_id_param() -> String {
    let id = Location::from_context().segment_after("polls");
    id.unwrap_or_default()
}
