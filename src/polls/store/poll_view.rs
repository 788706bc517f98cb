//! Loads a poll together with what its viewer has done in it.

use crate::accounts::viewer::Viewer;
use crate::platform::crypto::Keys;
use crate::platform::db::Db;
use crate::polls::model::poll_view::PollView;
use crate::polls::store::cache::PollCache;
use crate::polls::store::polls::StoredPoll;
use crate::polls::store::votes;
use crate::polls::store::votes::{is_mobile, marks_of, number_of};
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
    let (voted, foreign, landline) = match number_of(db, keys, viewer).await? {
        Some(number) => {
            let marks = marks_of(keys, stored.row, &stored.poll.id, &number);
            (
                !votes::marks(db.read(), &marks).await?.is_empty(),
                !stored.poll.takes(&number),
                !is_mobile(&number),
            )
        }
        None => (false, false, false),
    };
    let account = viewer
        .person()
        .filter(|_| stored.poll.per_account && !voted);
    let account =
        account.map(|person| (stored.row, keys.voting_account(&stored.poll.id, person.id)));
    let voted = voted
        || !votes::account_marks(db.read(), account.as_slice())
            .await?
            .is_empty();
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
