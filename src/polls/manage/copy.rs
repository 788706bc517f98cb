//! Copying a poll of one's own into a new draft.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use serde::{Deserialize, Serialize};

use crate::web::hypermedia::outcome::{Next, Refusal};

#[cfg(feature = "ssr")]
use {
    crate::accounts::guard::require, crate::accounts::viewer::Level,
    crate::polls::manage::commands::Organiser,
};

/// The poll that is to be copied.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CopyForm {
    poll: String,
    /// By which the same copy sent twice is known.
    nonce: String,
}

/// Copies a poll, without its times and its votes, into a new draft. The same form sent twice makes one.
///
/// # Errors
/// To everybody but its owner; when there were too many polls today.
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
