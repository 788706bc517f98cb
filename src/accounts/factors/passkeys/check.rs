//! Confirming a log-in with a passkey, instead of a code.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::server_fn::codec::{GetUrl, Json};
use serde::{Deserialize, Serialize};

use crate::accounts::factors::passkeys::prompt::{Ask, AskPasskey};
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

/// Tells what a passkey of the account is asked, in JSON; nothing for an account without one.
///
/// # Errors
/// To strangers, or when the database fails.
#[server(endpoint = "passkey_question", input = GetUrl, output = Json)]
pub async fn read_passkey_question() -> Result<Option<String>, Refusal> {
    Ok(Passkeys::from_context()
        .ask_to_answer(&require(Level::LoggedIn)?, &CurrentSession::from_context()?)
        .await?)
}

/// What the browser answers; strings of bytes are in Base64.
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

/// Makes the session a verified one with a passkey of the account.
///
/// # Errors
/// That the answer is not right, or that too many were wrong.
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
        token.hand_out(Ctx::from_context().is_https());
    }
    Ok(Next::reload(crate::web::components::form::next_or_home(
        Some(&form.next),
    )))
}

/// The form with the button to use a passkey.
#[component]
pub fn PasskeyForm(
    /// What the passkey is asked.
    question: String,
) -> impl IntoView {
    view! {
        <Form action=CheckPasskey::PATH>
            <NextField/>
            <AskPasskey ask=Ask::Get question>
                <p>"Your fingerprint, face or screen lock is all it takes."</p>
                <TrustCheckbox id="remember-with-passkey"/>
                <button class="primary">"Use your passkey"</button>
            </AskPasskey>
        </Form>
    }
}
