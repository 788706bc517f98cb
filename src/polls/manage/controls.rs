//! The owner's controls on a poll's page, and the server functions to open, close, extend and list
//! it.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::server_fn::codec::{GetUrl, Json};
use serde::{Deserialize, Serialize};

use crate::accounts::viewer::Viewer;
use crate::polls::manage::corrections::correct::{CorrectPoll, CorrectionFields};
use crate::polls::manage::delete::DeletePoll;
use crate::polls::manage::duplicate::DuplicatePoll;
use crate::polls::manage::poll_ref::PollRef;
use crate::polls::model::poll::{MAX_CORRECTIONS, State, path};
use crate::web::components::field::Field;
use crate::web::components::form::{Form, FormState, NonceField, function_name};
use crate::web::hypermedia::outcome::{Next, Refusal};

#[cfg(feature = "ssr")]
use {
    crate::accounts::guard::require, crate::accounts::viewer::Level,
    crate::polls::manage::commands::Organiser, crate::polls::model::nonce,
};

/// Form to set a later closing time.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ExtendForm {
    poll: String,
    closes: String,
}

/// Form to list or unlist a poll.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ListForm {
    poll: String,
    listed: String,
}

/// Opens a draft or a scheduled poll now.
///
/// # Errors
/// When it has been opened already or can't be opened yet, or the caller isn't its owner.
#[server(endpoint = "open_poll", input = Json, output = Json)]
pub async fn open_poll(form: PollRef) -> Result<Next, Refusal> {
    Organiser::of(require(Level::Verified)?.id)
        .open(&form.poll)
        .await?;
    Ok(Next::to(path(&form.poll)))
}

/// Closes an open poll. Votes acknowledged before that count; later ones are refused.
///
/// # Errors
/// When it isn't open, or the caller isn't its owner.
#[server(endpoint = "close_poll", input = Json, output = Json)]
pub async fn close_poll(form: PollRef) -> Result<Next, Refusal> {
    Organiser::of(require(Level::Verified)?.id)
        .close(&form.poll)
        .await?;
    Ok(Next::to(path(&form.poll)))
}

/// Gives an open poll a later closing time.
///
/// # Errors
/// When it is closed or the time is invalid, or the caller isn't its owner.
#[server(endpoint = "extend_poll", input = Json, output = Json)]
pub async fn extend_poll(form: ExtendForm) -> Result<Next, Refusal> {
    Organiser::of(require(Level::Verified)?.id)
        .extend(&form.poll, &form.closes)
        .await?;
    Ok(Next::to(path(&form.poll)))
}

/// Lists or unlists a poll.
///
/// # Errors
/// When the caller isn't the poll's owner.
#[server(endpoint = "list_poll", input = Json, output = Json)]
pub async fn list_poll(form: ListForm) -> Result<Next, Refusal> {
    Organiser::of(require(Level::Verified)?.id)
        .list(&form.poll, form.listed != "no")
        .await?;
    Ok(Next::to(path(&form.poll)))
}

/// What only the owner of a poll sees.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OwnerView {
    /// The poll's state.
    pub state: State,
    /// Whether it has a closing time.
    pub closes: bool,
    /// Whether it is listed.
    pub listed: bool,
    /// The organiser's time zone.
    pub zone: String,
    /// The number of corrections.
    pub corrections: usize,
    /// Nonce that identifies duplicate submissions of the forms that create something.
    pub nonce: String,
}

/// Returns the owner's view of a poll.
///
/// # Errors
/// When the caller isn't the poll's owner.
#[server(endpoint = "own_poll", input = GetUrl, output = Json)]
pub async fn read_own_poll(id: String) -> Result<OwnerView, Refusal> {
    let poll = Organiser::of(require(Level::LoggedIn)?.id)
        .own(&id)
        .await?
        .poll;
    Ok(OwnerView {
        state: poll.state,
        closes: poll.closes_at.is_some(),
        listed: poll.listed,
        zone: poll.zone.clone(),
        corrections: poll.corrections.len(),
        nonce: nonce::of_form(),
    })
}

/// The owner's controls on a poll's page. Renders nothing for anyone else.
#[component]
pub fn OwnerControls(
    /// The poll's id.
    id: String,
) -> impl IntoView {
    Suspend::new(async move {
        match read_own_poll(id.clone()).await {
            Ok(own) => view! { <Strip id own/> }.into_any(),
            Err(_) => ().into_any(),
        }
    })
}

#[component]
fn Strip(id: String, own: OwnerView) -> impl IntoView {
    let verified = matches!(Viewer::from_context(), Viewer::Verified(_));
    let state = match own.state {
        State::Draft => "This is a draft. Only you can see it.",
        State::NotOpenYet => "It opens automatically. You can edit it until then.",
        State::Open => "It's open, so the question, choices and rules are locked.",
        State::Closed => "It's closed for good.",
    };
    view! {
        <section class="organiser" aria-labelledby="organiser-heading">
            <h2 id="organiser-heading">"Your poll"</h2>
            <p class="hint">{state} {(!own.listed && own.state != State::Draft).then_some(" Only people with the link can find it.")}</p>
            {if verified {
                view! { <Tools id own/> }.into_any()
            } else {
                view! { <p><a class="button" href="/verify">"Verify your number to manage this poll"</a></p> }.into_any()
            }}
        </section>
    }
}

#[component]
fn Tools(id: String, own: OwnerView) -> impl IntoView {
    let edit = format!("{}/edit", path(&id));
    let preview = format!("{}/vote", path(&id));
    let unopened = matches!(own.state, State::Draft | State::NotOpenYet);
    let open = own.state == State::Open;
    // A refused form is shown with what was typed, whatever has become of the poll.
    let correctable = open && own.corrections < MAX_CORRECTIONS
        || FormState::of(function_name(CorrectPoll::PATH)).is_some();
    let correct = correctable.then(|| {
        let (poll, nonce, corrections) = (id.clone(), own.nonce.clone(), own.corrections);
        view! {
            <ConfirmAction action=CorrectPoll::PATH title="Correct">
                <CorrectionFields poll nonce corrections/>
            </ConfirmAction>
        }
    });
    let id = StoredValue::new(id);
    let poll = move || view! { <input type="hidden" name="poll" value=id.get_value()/> };
    let zone_hint = format!("Time zone: {}", own.zone.replace('_', " "));
    view! {
        <div class="organiser-tools">
            {unopened.then(|| view! {
                <Form action=OpenPoll::PATH class="inline">{poll()}<button class="primary">"Open now"</button></Form>
                <a class="button small" href=edit>"Edit"</a>
                <a class="button small" href=preview>"Preview the ballot"</a>
            })}
            {open.then(|| view! {
                <ConfirmAction action=ClosePoll::PATH title="Close now">
                    <p>"Voting stops for good. Votes so far count."</p>
                    <Form action=ClosePoll::PATH class="inline">{poll()}<button class="small danger">"Close the poll"</button></Form>
                </ConfirmAction>
                <ConfirmAction action=ExtendPoll::PATH title=if own.closes { "Extend" } else { "Set a closing time" }>
                    <Form action=ExtendPoll::PATH class="stack">
                        {poll()}
                        <Field name="closes" label="New closing time" kind="datetime-local" hint=zone_hint.clone()/>
                        <button class="small">{if own.closes { "Extend the poll" } else { "Set closing time" }}</button>
                    </Form>
                </ConfirmAction>
            })}
            {correct}
            {(own.state != State::Draft).then(|| view! {
                <Form action=ListPoll::PATH class="inline">
                    {poll()}
                    <input type="hidden" name="listed" value=if own.listed { "no" } else { "yes" }/>
                    <button class="small">{if own.listed { "Unlist" } else { "List" }}</button>
                </Form>
            })}
            <Form action=DuplicatePoll::PATH class="inline">
                {poll()}
                <NonceField fresh=own.nonce/>
                <button class="small">"Duplicate"</button>
            </Form>
            <ConfirmAction action=DeletePoll::PATH title="Delete">
                <p>"This deletes the poll, its votes and its results. It can't be undone."</p>
                <Form action=DeletePoll::PATH class="inline">{poll()}<button class="small danger">"Delete for good"</button></Form>
            </ConfirmAction>
        </div>
    }
}

/// A collapsible confirmation, shown open if its action was refused.
#[component]
pub(crate) fn ConfirmAction(
    action: &'static str,
    title: &'static str,
    children: Children,
) -> impl IntoView {
    let refused = FormState::of(function_name(action)).is_some();
    view! {
        <details class="asks" open=refused>
            <summary class="button small">{title}</summary>
            <div class="asks-panel">{children()}</div>
        </details>
    }
}
