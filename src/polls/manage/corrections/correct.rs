//! Correcting the text of an open poll, which itself stays as it is.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::server_fn::codec::Json;
use serde::{Deserialize, Serialize};

use crate::polls::model::poll::MAX_CORRECTIONS;
use crate::web::components::field::Field;
use crate::web::components::form::{Form, NonceField};
use crate::web::hypermedia::outcome::{Next, Refusal};

#[cfg(feature = "ssr")]
use {
    crate::accounts::guard::require,
    crate::accounts::viewer::Level,
    crate::platform::crypto::random,
    crate::platform::text::Line,
    crate::polls::manage::commands::{LockedRow, Organiser},
    crate::polls::manage::corrections::error::CorrectionError,
    crate::polls::model::poll::{State, path},
    crate::polls::store::drafts,
    crate::polls::store::drafts::NewCorrection,
};

/// Maximum length of a correction, in characters.
#[cfg(feature = "ssr")]
const LENGTH: usize = 200;

/// Form to add a correction.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CorrectionForm {
    poll: String,
    correction: String,
    /// Nonce that identifies duplicate submissions.
    nonce: String,
}

/// Adds a correction to an open poll. Resubmitting the same form adds no second one.
///
/// # Errors
/// When the text is invalid, the poll isn't open or has three corrections, or the caller isn't its
/// owner.
#[server(endpoint = "correct_poll", input = Json, output = Json)]
pub async fn correct_poll(form: CorrectionForm) -> Result<Next, Refusal> {
    let organiser = Organiser::of(require(Level::Verified)?.id);
    // Ownership is checked first: errors must reveal nothing about polls of others.
    organiser.own(&form.poll).await?;
    organiser
        .correct(
            &form.poll,
            parse(&form.correction)?,
            organiser.form_id(&form),
        )
        .await?;
    Ok(Next::to(path(&form.poll)))
}

#[cfg(feature = "ssr")]
fn parse(typed: &str) -> Result<Line, CorrectionError> {
    let line = Line::parse(typed, LENGTH)?;
    if line.is_blank() {
        Err(CorrectionError::Blank)
    } else {
        Ok(line)
    }
}

#[cfg(feature = "ssr")]
impl Organiser {
    /// Returns the identity of a form: random without a nonce.
    fn form_id(&self, form: &CorrectionForm) -> Vec<u8> {
        match serde_json::to_vec(form) {
            Ok(content) if !form.nonce.is_empty() => self.keys.form(self.person, &content).to_vec(),
            _ => random::<32>().to_vec(),
        }
    }

    /// Adds a correction to an open poll, unless the same form has added it.
    ///
    /// # Errors
    /// When the poll isn't open, or has three corrections.
    async fn correct(&self, id: &str, text: Line, form: Vec<u8>) -> Result<(), Refusal> {
        let LockedRow {
            transaction,
            stored,
            now,
        } = self.lock(id).await?;
        let new = NewCorrection {
            poll: stored.row,
            owner: self.person,
            text: text.into(),
            form: form.clone(),
        };
        if drafts::correct(&transaction, new, now).await?
            || drafts::has_corrected(&transaction, stored.row, &form).await?
        {
            return self.commit(transaction, id).await;
        }
        Err(match stored.poll.state {
            State::Draft | State::NotOpenYet => CorrectionError::NotOpenYet,
            State::Open if !stored.shut => CorrectionError::TooMany,
            State::Open | State::Closed => CorrectionError::Closed,
        }
        .into())
    }
}

/// The form to add a correction.
#[component]
pub fn CorrectionFields(
    /// The poll's id.
    poll: String,
    /// The nonce of a form that is shown for the first time.
    nonce: String,
    /// How many corrections the poll has.
    corrections: usize,
) -> impl IntoView {
    let hint = match MAX_CORRECTIONS.saturating_sub(corrections) {
        0 | 1 => "Up to 200 characters. This is the last one that you can add.",
        2 => "Up to 200 characters. You can add two.",
        _ => "Up to 200 characters. You can add three.",
    };
    view! {
        <p>"Shown below the question with the time, for good. The question, choices and rules stay as they are."</p>
        <Form action=CorrectPoll::PATH class="stack">
            <input type="hidden" name="poll" value=poll/>
            <NonceField fresh=nonce/>
            <Field name="correction" label="Correction" hint prose=true/>
            <button class="small">"Add the correction"</button>
        </Form>
    }
}
