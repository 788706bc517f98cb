//! Page and server function to create a poll.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::server_fn::codec::{GetUrl, Json};

use crate::accounts::guard::{Guard, render_refusal};
use crate::accounts::viewer::Level;
use crate::polls::manage::poll_form::fields::{PollFields, PollForm, PollFormData};
use crate::web::components::form::Form;
use crate::web::components::page::layout::Page;
use crate::web::hypermedia::outcome::{Next, Refusal};

#[cfg(feature = "ssr")]
use {
    crate::accounts::guard::require, crate::polls::manage::commands::Organiser,
    crate::polls::manage::poll_form::choices, crate::polls::model::nonce,
};

/// Creates a poll or a draft. Only a question and two choices are required. Resubmitting the same
/// form creates no second poll.
///
/// # Errors
/// The field errors of the form; when the account has created too many polls today.
#[server(endpoint = "create_poll", input = Json, output = Json)]
pub async fn create_poll(form: PollForm) -> Result<Next, Refusal> {
    let organiser = Organiser::of(require(Level::Verified)?.id);
    if let Some(changed) = choices::changed(&form.change, form.choice.clone()) {
        return Ok(changed);
    }
    let id = organiser
        .make(organiser.id_for(&form.nonce, &form), || {
            organiser.read(&form)
        })
        .await?;
    Ok(Next::to(crate::polls::model::poll::path(&id)))
}

/// Returns an empty form with a new nonce and the time zone of the organiser's last poll.
///
/// # Errors
/// When the caller has no verified number.
#[server(endpoint = "new_poll", input = GetUrl, output = Json)]
pub async fn read_new_poll_form() -> Result<PollFormData, Refusal> {
    let organiser = Organiser::of(require(Level::Verified)?.id);
    let zone = organiser
        .mine(None, 1)
        .await?
        .pop()
        .map(|poll| poll.time_zone)
        .unwrap_or_default();
    let form = PollForm {
        zone,
        nonce: nonce::of_form(),
        ..PollForm::default()
    };
    Ok(PollFormData {
        form,
        unpublished: true,
        zones: crate::polls::model::time_zone::names(),
    })
}

/// The page to create a poll.
#[component]
pub fn CreatePage() -> impl IntoView {
    view! { <Guard level=Level::Verified><NewPoll/></Guard> }
}

#[component]
fn NewPoll() -> impl IntoView {
    Suspend::new(async move {
        match read_new_poll_form().await {
            Ok(blank) => view! {
                <Page title="Create a poll">
                    <Form action=CreatePoll::PATH class="form poll-form"><PollFields blank/></Form>
                </Page>
            }
            .into_any(),
            Err(refusal) => render_refusal(&refusal),
        }
    })
}
