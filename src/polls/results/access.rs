//! Who may see a poll's count, and when. Every page and file that shows a count checks here.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::server_fn::codec::{GetUrl, Json};
use serde::{Deserialize, Serialize};

use crate::accounts::guard::require;
use crate::accounts::viewer::Level;
use crate::polls::model::counting::count::Count;
use crate::polls::model::poll::{Poll, ResultsRule};
use crate::polls::model::poll_view::PollView;
use crate::web::hypermedia::outcome::Refusal;
use crate::web::time::brief;

#[cfg(feature = "ssr")]
use {
    crate::polls::current_poll::load_poll, crate::polls::store::cache::PollCache,
    crate::polls::store::poll_view::StoredPollView,
};

/// The results of a poll, for a viewer who may see them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ResultsView {
    /// The poll.
    pub poll: Arc<Poll>,
    /// The count.
    pub count: Arc<Count>,
    /// The SHA-256 of the recount bundle, once the poll is sealed.
    pub fingerprint: Option<String>,
    /// Whether the viewer has voted.
    pub voted: bool,
}

/// Returns the results of a poll if the viewer may see them.
#[server(endpoint = "results", input = GetUrl, output = Json)]
pub async fn read_results(id: String) -> Result<ResultsView, Refusal> {
    let StoredPollView { stored, seen } = load_poll(&id).await?;
    admit(&seen)?;
    let fingerprint = stored.fingerprint.clone();
    let count = expect_context::<PollCache>().count(&stored).await?;
    Ok(ResultsView {
        poll: seen.poll,
        count,
        fingerprint,
        voted: seen.voted,
    })
}

/// Checks whether the viewer may see the results now.
///
/// # Errors
/// Says when the results can be seen. If a vote shows them, asks the viewer to log in, verify or
/// vote first.
pub fn admit(seen: &PollView) -> Result<(), Refusal> {
    if seen.results_open() {
        return Ok(());
    }
    if seen.poll.results == ResultsRule::AfterClose {
        let on = seen
            .poll
            .closes_at
            .map(|closes_at| format!(", on {}", brief(closes_at, &seen.poll.zone)));
        return Err(Refusal::Forbidden {
            message: format!(
                "Results will be published when the poll closes{}.",
                on.unwrap_or_default()
            ),
        });
    }
    require(Level::Verified)?;
    Err(Refusal::Elsewhere {
        message: "You'll see the results after you vote.".to_owned(),
        path: format!("{}/vote", seen.poll.path()),
    })
}

/// Refuses final results between the close and sealing, which takes a moment.
#[must_use]
pub fn being_sealed() -> Refusal {
    Refusal::Unavailable {
        message:
            "The poll has just closed and its ballots are being sealed. Try again in a moment."
                .to_owned(),
        wait: 5,
    }
}
