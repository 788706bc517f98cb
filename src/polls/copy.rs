//! Copying a poll of one's own into a new draft.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;

use super::running::WhichPoll;
use crate::web::refusal::{Next, Refusal};

/// Copies a poll, without its times and its votes, into a new draft.
///
/// # Errors
/// To everybody but its owner; when there were too many polls today.
#[server(endpoint = "copy_poll", input = Json, output = Json)]
pub async fn copy_poll(form: WhichPoll) -> Result<Next, Refusal> {
    use super::organiser::Organiser;
    use crate::accounts::guard::require;
    use crate::accounts::viewer::Level;

    let id = Organiser::of(require(Level::Verified)?.id).copy(&form.poll).await?;
    Ok(Next::to(format!("{}/edit", super::poll::path(&id))))
}
