//! Duplicating a poll as a new draft.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use serde::{Deserialize, Serialize};

use crate::web::hypermedia::outcome::{Next, Refusal};

#[cfg(feature = "ssr")]
use {
    crate::accounts::guard::require, crate::accounts::viewer::Level,
    crate::polls::manage::commands::Organiser, crate::polls::manage::poll_form::times::AT_ONCE,
    crate::polls::model::poll::path, crate::polls::store::drafts::Draft, std::sync::Arc,
};

/// Form to duplicate a poll.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DuplicateForm {
    poll: String,
    /// Nonce that identifies duplicate submissions.
    nonce: String,
}

/// Duplicates a poll as a draft, without its times and votes. Resubmitting the same form creates
/// no second one.
///
/// # Errors
/// When the caller isn't the poll's owner, or has created too many polls today.
#[server(endpoint = "copy_poll", input = Json, output = Json)]
pub async fn duplicate_poll(form: DuplicateForm) -> Result<Next, Refusal> {
    let organiser = Organiser::of(require(Level::Verified)?.id);
    let id = organiser
        .duplicate(&form.poll, organiser.id_for(&form.nonce, &form))
        .await?;
    Ok(Next::to(format!("{}/edit", path(&id))))
}

#[cfg(feature = "ssr")]
impl Organiser {
    /// Duplicates a poll as a draft with the id `copy`, without times, and returns the id.
    ///
    /// # Errors
    /// When there is no such poll, or the account has created too many polls today.
    pub async fn duplicate(&self, id: &str, copy: String) -> Result<String, Refusal> {
        let poll = Arc::unwrap_or_clone(self.own(id).await?.poll);
        let draft = Draft {
            owner: Some(self.person),
            question: poll.question,
            description: poll.description,
            choices: poll.choices.into_iter().map(|choice| choice.text).collect(),
            kind: poll.kind,
            results: poll.results,
            opens_at: AT_ONCE,
            closes_at: None,
            zone: poll.zone,
            listed: poll.listed,
            changeable: poll.changeable,
            shuffled: poll.shuffled,
            rankings: poll.rankings,
            countries: poll.countries,
            mobile_only: poll.mobile_only,
            per_account: poll.per_account,
            turnout: poll.turnout,
            draft: true,
        };
        self.make(copy, || Ok(draft)).await
    }
}
