//! Page and server function to edit a poll before it opens.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::server_fn::codec::{GetUrl, Json};

use crate::accounts::guard::{Guard, render_refusal};
use crate::accounts::viewer::Level;
use crate::polls::current_poll::poll_id_param;
use crate::polls::manage::poll_form::fields::{PollFields, PollForm, PollFormData, Saving};
use crate::polls::model::poll::path;
use crate::web::components::form::Form;
use crate::web::components::page::layout::Page;
use crate::web::hypermedia::outcome::{Next, Refusal};

#[cfg(feature = "ssr")]
use {
    crate::accounts::guard::require, crate::polls::manage::commands::Organiser,
    crate::polls::manage::poll_form::as_typed::as_typed, crate::polls::manage::poll_form::choices,
    crate::polls::model::poll::State,
};

/// Changes a poll that has not opened, as checked in the same transaction.
///
/// # Errors
/// The field errors of the form; when the poll has opened or isn't the caller's.
#[server(endpoint = "edit_poll", input = Json, output = Json)]
pub async fn edit_poll(form: PollForm) -> Result<Next, Refusal> {
    let organiser = Organiser::of(require(Level::Verified)?.id);
    if let Some(changed) = choices::changed(&form.change, form.choice.clone(), &form.lines) {
        return Ok(changed);
    }
    // Ownership is checked first: form errors must reveal nothing about polls of others.
    organiser.own(&form.poll).await?;
    organiser
        .update(&form.poll, &organiser.read(&form)?)
        .await?;
    Ok(Next::to(path(&form.poll)))
}

/// Returns the form of a poll; `None` if it has opened.
///
/// # Errors
/// When the caller isn't the poll's owner.
#[server(endpoint = "editable_poll", input = GetUrl, output = Json)]
pub async fn read_editable(id: String) -> Result<Option<PollFormData>, Refusal> {
    let stored = Organiser::of(require(Level::Verified)?.id).own(&id).await?;
    Ok(match stored.poll.state {
        State::Open | State::Closed => None,
        State::Draft | State::NotOpenYet => {
            let draft = stored.poll.state == State::Draft;
            Some(PollFormData {
                form: as_typed(&stored),
                saving: if draft {
                    Saving::Publish
                } else {
                    Saving::Change
                },
                ..PollFormData::default()
            })
        }
    })
}

/// The edit page.
#[component]
pub fn EditPage() -> impl IntoView {
    view! { <Guard level=Level::Verified><Editable/></Guard> }
}

#[component]
fn Editable() -> impl IntoView {
    let id = poll_id_param();
    Suspend::new(async move {
        match read_editable(id.clone()).await {
            Ok(Some(blank)) => view! {
                <Page title=if blank.saving == Saving::Publish { "Edit your draft" } else { "Edit your poll" }>
                    <Form action=EditPoll::PATH class="form poll-form"><PollFields blank/></Form>
                    <p><a href=path(&id)>"Back to the poll"</a></p>
                </Page>
            }
            .into_any(),
            Ok(None) => view! {
                <Page title="This poll has opened">
                    <p class="lead">"Its question, choices and rules are locked. You can correct, close or duplicate it."</p>
                    <p class="actions"><a class="button primary" href=path(&id)>"Back to the poll"</a></p>
                </Page>
            }
            .into_any(),
            Err(refusal) => render_refusal(&refusal),
        }
    })
}
