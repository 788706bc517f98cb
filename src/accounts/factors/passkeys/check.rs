//! Passkey login: the `check_passkey` server function and its form.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::server_fn::codec::{GetUrl, Json};
use serde::{Deserialize, Serialize};

use crate::accounts::factors::passkeys::prompt::{Ask, PasskeyPrompt};
use crate::accounts::factors::trust_checkbox::TrustCheckbox;
use crate::web::components::form::{Form, NextField};
use crate::web::hypermedia::outcome::{Next, Refusal};

#[cfg(feature = "ssr")]
use {
    crate::accounts::factors::passkeys::store::{Passkeys, read},
    crate::accounts::factors::passkeys::webauthn::Answered,
    crate::accounts::guard::require,
    crate::accounts::sessions::current::CurrentSession,
    crate::accounts::sessions::flash::Flash,
    crate::accounts::sessions::sent_form::Secret,
    crate::accounts::sessions::sent_forms::FormClaim,
    crate::accounts::sessions::trusted_browsers::TrustToken,
    crate::accounts::viewer::Level,
    crate::web::context::Ctx,
};

/// Returns the WebAuthn request options as JSON, or `None` if the account has no passkeys.
#[server(endpoint = "passkey_question", input = GetUrl, output = Json)]
pub async fn read_passkey_options() -> Result<Option<String>, Refusal> {
    Ok(Passkeys::from_context()
        .request_options(&require(Level::LoggedIn)?, &CurrentSession::from_context()?)
        .await?)
}

/// The browser's assertion response; byte strings are encoded in Base64.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CheckPasskeyForm {
    credential: String,
    client_data: String,
    authenticator_data: String,
    signature: String,
    remember: String,
    next: String,
}

/// Verifies a passkey assertion and marks the session as verified.
///
/// # Errors
/// If the assertion is invalid, or after too many failed attempts.
#[server(endpoint = "check_passkey", input = Json, output = Json)]
pub async fn check_passkey(form: CheckPasskeyForm) -> Result<Next, Refusal> {
    let once = FormClaim::take(
        "check_passkey",
        Secret::Passkey([&*form.credential, &*form.client_data, &*form.signature].join("\0")),
    )
    .await?;
    let answer = Answered {
        credential: read(&form.credential),
        client_data: read(&form.client_data),
        authenticator_data: read(&form.authenticator_data),
        signature: read(&form.signature),
    };
    let checked = once.act(async {
        let (person, session) = (require(Level::LoggedIn)?, once.session());
        let token = Passkeys::from_context()
            .check(&person, session, answer, !form.remember.is_empty())
            .await?;
        session.say(Flash::Recognised).await?;
        Ok(token)
    });
    let token = match checked.await? {
        Some(token) => token,
        None => TrustToken::of(once.form(), Ctx::from_context().db.read()).await?,
    };
    if let Some(token) = token {
        token.set_cookie(Ctx::from_context().is_https());
    }
    Ok(Next::reload(crate::web::components::form::next_or_home(
        Some(&form.next),
    )))
}

/// Renders the form for completing a login with a passkey.
#[component]
pub fn PasskeyForm(
    /// WebAuthn request options, as JSON.
    question: String,
) -> impl IntoView {
    view! {
        <Form action=CheckPasskey::PATH>
            <NextField/>
            <PasskeyPrompt ask=Ask::Get question>
                <p>"Use your fingerprint, face or screen lock."</p>
                <TrustCheckbox id="remember-with-passkey"/>
                <button class="primary">"Use your passkey"</button>
            </PasskeyPrompt>
        </Form>
    }
}
