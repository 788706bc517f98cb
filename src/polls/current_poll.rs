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
    futures::FutureExt,
    futures::future::BoxFuture,
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

/// Returns the question of the poll whose ballot this path leads to, if this viewer may vote in it
/// or need only log in for that.
#[cfg(feature = "ssr")]
#[must_use]
pub fn question_of_ballot(path: String) -> BoxFuture<'static, Option<String>> {
    let question = async move {
        let id = path.strip_prefix("/polls/")?.strip_suffix("/vote")?;
        let seen = load_poll(id).await.ok()?.seen;
        seen.may_vote().then(|| seen.poll.question.clone())
    };
    question.boxed()
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
