//! Server function to delete a poll.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;

use crate::polls::manage::poll_ref::PollRef;
use crate::web::hypermedia::outcome::{Next, Refusal};

#[cfg(feature = "ssr")]
use {
    crate::accounts::guard::require, crate::accounts::viewer::Level,
    crate::polls::manage::commands::Organiser,
};

/// Deletes a poll with all its votes.
///
/// # Errors
/// When the caller isn't the poll's owner.
#[server(endpoint = "delete_poll", input = Json, output = Json)]
pub async fn delete_poll(form: PollRef) -> Result<Next, Refusal> {
    Organiser::of(require(Level::Verified)?.id)
        .remove(&form.poll)
        .await?;
    Ok(Next::to("/account/polls"))
}
