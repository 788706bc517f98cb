//! Loads a poll together with what its viewer has done in it.

use crate::accounts::viewer::Viewer;
use crate::platform::crypto::Keys;
use crate::platform::db::Db;
use crate::polls::model::poll_view::PollView;
use crate::polls::store::cache::PollCache;
use crate::polls::store::cache::voters::Participation;
use crate::polls::store::polls::StoredPoll;
use crate::web::hypermedia::outcome::Refusal;

/// A stored poll and the viewer's view of it.
#[derive(Clone, Debug)]
pub struct StoredPollView {
    /// The stored poll, including private columns.
    pub stored: StoredPoll,
    /// The poll as the viewer sees it.
    pub seen: PollView,
}

/// Loads a poll as this viewer sees it.
///
/// # Errors
/// [`Refusal::NotFound`] also for drafts and hidden polls, unless the viewer is the organiser.
pub async fn load_for_viewer(
    db: &Db,
    keys: &Keys,
    cache: &PollCache,
    viewer: &Viewer,
    id: &str,
) -> Result<StoredPollView, Refusal> {
    let stored = cache.poll(id).await?.ok_or(Refusal::NotFound)?;
    let owner = stored.owner.is_some() && stored.owner == viewer.person().map(|person| person.id);
    if !owner && !stored.public() {
        return Err(Refusal::NotFound);
    }
    let Participation {
        voted,
        foreign,
        landline,
    } = cache
        .voters()
        .participation(db, keys, viewer, &stored)
        .await?;
    let hidden = stored.hidden_reason.clone();
    let seen = PollView {
        poll: stored.poll.clone(),
        voted,
        foreign,
        landline,
        owner,
        hidden,
    };
    Ok(StoredPollView { stored, seen })
}
