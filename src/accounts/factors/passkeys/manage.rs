//! Passkeys page, and the server functions that list, add and remove passkeys.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::server_fn::codec::{GetUrl, Json};
use serde::{Deserialize, Serialize};

use crate::accounts::factors::passkeys::prompt::{Ask, PasskeyPrompt};
use crate::accounts::guard::render_refusal;
use crate::web::components::field::Field;
use crate::web::components::form::{Form, NextField};
use crate::web::components::page::layout::Page;
use crate::web::components::row::Row;
use crate::web::hypermedia::outcome::{Next, Refusal};
use crate::web::time::Time;

#[cfg(feature = "ssr")]
use {
    crate::accounts::factors::passkeys::attestation,
    crate::accounts::factors::passkeys::error::{MAX_PASSKEYS, PasskeyError},
    crate::accounts::factors::passkeys::store::{Passkey, Passkeys, read},
    crate::accounts::factors::passkeys::webauthn::Made,
    crate::accounts::guard::{require_new_factor, require_verified_owner},
    crate::accounts::sessions::current::CurrentSession,
    crate::accounts::sessions::flash::Flash,
    crate::accounts::sessions::sent_form::Secret,
    crate::accounts::sessions::sent_forms::FormClaim,
};

/// State of the passkeys page.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct PasskeysState {
    /// The account's passkeys.
    pub passkeys: Vec<PasskeyState>,
    /// WebAuthn creation options as JSON; `None` once the account has the maximum number of
    /// passkeys.
    pub question: Option<String>,
    /// Suggested name for a new passkey.
    pub name: String,
}

/// A passkey on the passkeys page.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct PasskeyState {
    /// Identifies the passkey on the page and in [`RemovePasskeyForm`].
    pub handle: String,
    /// Name given by the owner.
    pub name: String,
    /// When it was added, in seconds since 1970.
    pub since: i64,
    /// When it was last used, if ever.
    pub used_at: Option<i64>,
}

/// Lists the account's passkeys, with the options for adding another.
///
/// # Errors
/// If the user may not add a passkey, or the site's origin doesn't support passkeys.
#[server(endpoint = "passkeys", input = GetUrl, output = Json)]
pub async fn read_passkeys() -> Result<PasskeysState, Refusal> {
    let (person, store) = (require_new_factor()?, Passkeys::from_context());
    let known = store.of(&person).await?.ok_or(PasskeyError::NotHere)?;
    let question = if known.len() < MAX_PASSKEYS {
        Some(store.creation_options(&person, &CurrentSession::from_context()?, &known)?)
    } else {
        None
    };
    let state = |passkey: Passkey| PasskeyState {
        handle: passkey.handle(),
        name: passkey.name,
        since: passkey.created_at,
        used_at: passkey.used_at,
    };
    Ok(PasskeysState {
        passkeys: known.into_iter().map(state).collect(),
        question,
        name: store.name().to_owned(),
    })
}

/// The browser's registration response and the passkey's name; byte strings are encoded in Base64.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AddPasskeyForm {
    name: String,
    credential: String,
    client_data: String,
    /// Empty, like `public_key`, if a browser extension returns only the attestation object.
    authenticator_data: String,
    public_key: String,
    attestation: String,
    next: String,
}

/// Adds a passkey that the browser has created.
#[server(endpoint = "add_passkey", input = Json, output = Json)]
pub async fn add_passkey(form: AddPasskeyForm) -> Result<Next, Refusal> {
    let once = FormClaim::take(
        "add_passkey",
        Secret::Passkey([&*form.credential, &*form.client_data].join("\0")),
    )
    .await?;
    let made = Made {
        credential: read(&form.credential),
        client_data: read(&form.client_data),
        authenticator_data: read(&form.authenticator_data),
        public_key: read(&form.public_key),
    };
    let made = attestation::completed(made, &read(&form.attestation));
    let added = once.act(async {
        let (person, session) = (require_new_factor()?, once.session());
        Passkeys::from_context()
            .add(&person, session, &form.name, made)
            .await?;
        Ok(session.say(Flash::PasskeyAdded).await?)
    });
    added.await?;
    Ok(Next::reload(crate::web::components::form::next_or(
        &form.next, "/account",
    )))
}

/// Form with the handle of the passkey to remove.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RemovePasskeyForm {
    passkey: String,
}

/// Removes a passkey. Requires a verified session and a recently typed password.
#[server(endpoint = "remove_passkey", input = Json, output = Json)]
pub async fn remove_passkey(form: RemovePasskeyForm) -> Result<Next, Refusal> {
    let (person, session) = (require_verified_owner()?, CurrentSession::from_context()?);
    if Passkeys::from_context()
        .remove(&person, &form.passkey)
        .await?
    {
        session.say(Flash::PasskeyRemoved).await?;
    }
    Ok(Next::to("/account/passkeys"))
}

/// Renders the passkeys page.
#[component]
pub fn PasskeysPage() -> impl IntoView {
    Suspend::new(async {
        match read_passkeys().await {
            Ok(state) => view! { <Known state/> }.into_any(),
            Err(refusal) => render_refusal(&refusal),
        }
    })
}

#[component]
fn Known(state: PasskeysState) -> impl IntoView {
    let PasskeysState {
        passkeys,
        question,
        name,
    } = state;
    let add = match question {
        Some(question) => view! {
            <Form action=AddPasskey::PATH>
                <NextField/>
                <PasskeyPrompt ask=Ask::Create question>
                    <Field name="name" label="Name" hint="So you recognise it, for example \"My laptop\"." value=name autocomplete="off" prose=true/>
                    <button class="primary">"Add a passkey"</button>
                </PasskeyPrompt>
            </Form>
        }
        .into_any(),
        None => view! { <p class="notice">"You've reached the limit. To add another, remove one first."</p> }.into_any(),
    };
    view! {
        <Page title="Passkeys">
            <p class="lead">"Log in with your fingerprint, face or screen lock instead of a code. It only works on this site."</p>
            {(!passkeys.is_empty()).then(|| view! { <ul class="rows">{passkeys.into_iter().map(row).collect_view()}</ul> })}
            {add}
            <p><a href="/account">"Back to your account"</a></p>
        </Page>
    }
}

fn row(
    PasskeyState {
        handle,
        name,
        since,
        used_at,
    }: PasskeyState,
) -> impl IntoView {
    let used = match used_at {
        Some(at) => view! { "last used " <Time at/> }.into_any(),
        None => "not used yet".into_any(),
    };
    let label = view! { <bdi>{name.clone()}</bdi> };
    let action = view! {
        <Form action=RemovePasskey::PATH class="inline">
            <input type="hidden" name="passkey" value=handle/>
            <button class="quiet">"Remove"<span class="visually-hidden">": " {name}</span></button>
        </Form>
    };
    view! { <Row label action=Some(action.into_any())>"Added " <Time at=since/> " · " {used}</Row> }
}
