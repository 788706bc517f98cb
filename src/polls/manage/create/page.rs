//! Page and server function to create a poll.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::server_fn::codec::{GetUrl, Json};

use crate::accounts::guard::{Guard, render_refusal};
use crate::accounts::viewer::Level;
use crate::polls::manage::create::templates::{TemplateLinks, filled};
use crate::polls::manage::poll_form::fields::{PollFields, PollForm, PollFormData};
use crate::polls::model::poll::NEW_POLL;
use crate::web::components::form::Form;
use crate::web::components::page::layout::Page;
use crate::web::hypermedia::outcome::{Next, Refusal};
use crate::web::location::Location;

#[cfg(feature = "ssr")]
use {
    crate::accounts::guard::require, crate::polls::manage::commands::Organiser,
    crate::polls::manage::create::keep, crate::polls::manage::poll_form::choices,
    crate::polls::model::nonce, crate::polls::model::poll::path,
};

/// Creates a poll or a draft. Only a question and two choices are required. Resubmitting the same
/// form creates no second poll.
///
/// # Errors
/// The field errors of the form; when the account has created too many polls today.
#[server(endpoint = "create_poll", input = Json, output = Json)]
pub async fn create_poll(form: PollForm) -> Result<Next, Refusal> {
    let organiser = Organiser::of(require(Level::Verified)?.id);
    if let Some(changed) = choices::changed(&form.change, form.choice.clone(), &form.lines) {
        return Ok(changed);
    }
    let id = organiser
        .make(organiser.id_for(&form.nonce, &form), || {
            organiser.read(&form)
        })
        .await?;
    keep::forget();
    Ok(Next::to(path(&id)))
}

/// Returns the form for a new poll, with a new nonce: what was written before signing up, or an
/// empty one with the time zone of the organiser's last poll.
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
    let kept = keep::kept();
    Ok(PollFormData {
        kept: kept.is_some(),
        form: PollForm {
            nonce: nonce::of_form(),
            ..kept.unwrap_or_else(|| PollForm {
                zone,
                ..PollForm::default()
            })
        },
        ..PollFormData::default()
    })
}

/// The page to create a poll.
#[component]
pub fn CreatePage() -> impl IntoView {
    view! { <Guard level=Level::Verified><NewPoll/></Guard> }
}

#[component]
fn NewPoll() -> impl IntoView {
    let template = Location::from_context()
        .query("template")
        .map(str::to_owned);
    Suspend::new(async move {
        match read_new_poll_form().await {
            Ok(mut blank) => {
                if let Some(template) = template {
                    blank.form = filled(&template, blank.form);
                }
                view! {
                    <Page title="Create a poll">
                        {blank.kept.then(|| view! { <p class="notice"><strong>"Your poll from before."</strong> " It isn't created yet."</p> })}
                        <TemplateLinks page=NEW_POLL/>
                        <Form action=CreatePoll::PATH class="form poll-form"><PollFields blank/></Form>
                    </Page>
                }
                .into_any()
            }
            Err(refusal) => render_refusal(&refusal),
        }
    })
}
