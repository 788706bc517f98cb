//! Server function to copy a poll into a new draft.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use serde::{Deserialize, Serialize};

use crate::web::hypermedia::outcome::{Next, Refusal};

#[cfg(feature = "ssr")]
use {
    crate::accounts::guard::require, crate::accounts::viewer::Level,
    crate::polls::manage::commands::Organiser,
};

/// Form to copy a poll.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CopyForm {
    poll: String,
    /// Nonce that identifies duplicate submissions.
    nonce: String,
}

/// Copies a poll into a new draft, without its times and votes. Resubmitting the same form creates
/// no second copy.
///
/// # Errors
/// When the caller isn't the poll's owner, or has created too many polls today.
#[server(endpoint = "copy_poll", input = Json, output = Json)]
pub async fn copy_poll(form: CopyForm) -> Result<Next, Refusal> {
    let organiser = Organiser::of(require(Level::Verified)?.id);
    let id = organiser
        .copy(&form.poll, organiser.id_for(&form.nonce, &form))
        .await?;
    Ok(Next::to(format!(
        "{}/edit",
        crate::polls::model::poll::path(&id)
    )))
}
