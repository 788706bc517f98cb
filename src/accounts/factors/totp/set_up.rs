//! Setting up the app that makes codes, and removing it.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::server_fn::codec::{GetUrl, Json};
use serde::{Deserialize, Serialize};

use crate::accounts::guard::turn_away;
use crate::web::components::field::Field;
use crate::web::components::form::{Form, NextField};
use crate::web::components::layout::Page;
use crate::web::components::qr::Qr;
use crate::web::hypermedia::outcome::{Next, Refusal};
use crate::web::time::Time;

#[cfg(feature = "ssr")]
use {
    crate::accounts::factors::totp::store::TotpStore,
    crate::accounts::guard::{require_new_factor, require_verified_owner},
    crate::accounts::sessions::current::CurrentSession,
    crate::accounts::sessions::flash::Flash,
    crate::accounts::sessions::sent_form::Secret,
    crate::accounts::sessions::sent_forms::FormClaim,
};

/// How an account stands to apps.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct AuthenticatorState {
    /// Since when an app makes codes for it, in seconds since 1970, if one does.
    pub since: Option<i64>,
    /// What an app is to be told before its first code.
    pub pending: Option<PendingTotp>,
}

/// What an app is to be told.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct PendingTotp {
    /// The secret, for people to type.
    pub secret: String,
    /// All of it, for an app to read.
    pub address: String,
}

/// Tells how the account stands to apps, with the secret that waits for its first code.
///
/// # Errors
/// To whoever may not set up an app, or when the database fails.
#[server(endpoint = "authenticator", input = GetUrl, output = Json)]
pub async fn read_authenticator() -> Result<AuthenticatorState, Refusal> {
    let state = TotpStore::from_context()
        .state(&require_new_factor()?)
        .await?;
    let pending = state
        .pending
        .map(|(secret, address)| PendingTotp { secret, address });
    Ok(AuthenticatorState {
        since: state.since,
        pending,
    })
}

/// Nothing is typed to begin, but it is known where to go afterwards.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct BeginAppForm {
    next: String,
}

/// Makes a secret for an app, which the page then shows.
///
/// # Errors
/// To whoever may not set up an app, or when the database fails.
#[server(endpoint = "begin_app", input = Json, output = Json)]
pub async fn begin_app(form: BeginAppForm) -> Result<Next, Refusal> {
    TotpStore::from_context()
        .begin(&require_new_factor()?)
        .await?;
    Ok(Next::to(crate::web::components::form::after(
        &form.next,
        "/account/authenticator",
    )))
}

/// The first code of an app.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ConfirmAppForm {
    code: String,
    next: String,
}

/// Takes the first code of an app: only now it counts.
///
/// # Errors
/// That the code is not right.
#[server(endpoint = "confirm_app", input = Json, output = Json)]
pub async fn confirm_app(form: ConfirmAppForm) -> Result<Next, Refusal> {
    let page = crate::web::components::form::after(&form.next, "/account/authenticator");
    let once = FormClaim::take("confirm_app", Secret::AppCode(Secret::digits(&form.code))).await?;
    let confirmed = once.act(async {
        let (person, session) = (require_new_factor()?, once.session());
        TotpStore::from_context()
            .confirm(&person, session, &form.code)
            .await
            .map_err(|error| error.refusal(&page))?;
        Ok(session.say(Flash::AppSet).await?)
    });
    confirmed.await?;
    Ok(Next::reload(crate::web::components::form::next_or(
        &form.next, "/account",
    )))
}

/// Nothing is typed to remove an app.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RemoveAppForm {}

/// Removes the app: its codes are good for nothing any more.
///
/// # Errors
/// To whoever is not verified or has not typed the password lately, or when the database fails.
#[server(endpoint = "remove_app", input = Json, output = Json)]
pub async fn remove_app(form: RemoveAppForm) -> Result<Next, Refusal> {
    let RemoveAppForm {} = form;
    let (person, session) = (require_verified_owner()?, CurrentSession::from_context()?);
    if TotpStore::from_context().remove(&person).await? {
        session.say(Flash::AppRemoved).await?;
    }
    Ok(Next::to("/account"))
}

/// The page for the app.
#[component]
pub fn AuthenticatorPage() -> impl IntoView {
    Suspend::new(async {
        match read_authenticator().await {
            Ok(AuthenticatorState {
                pending: Some(pending),
                ..
            }) => view! { <FirstCode pending/> }.into_any(),
            Ok(AuthenticatorState {
                since: Some(since), ..
            }) => view! { <AppIsSet since/> }.into_any(),
            Ok(_) => view! { <NoApp/> }.into_any(),
            Err(refusal) => turn_away(&refusal),
        }
    })
}

#[component]
fn NoApp() -> impl IntoView {
    view! {
        <Page title="Codes from an app">
            <p class="lead">"An authenticator app on your phone makes the codes itself. It is safer than a text message, and works without a signal."</p>
            <p>"Any app will do that shows codes of 6 digits, such as the one in your password manager."</p>
            <Form action=BeginApp::PATH>
                <NextField/>
                <button class="primary">"Set up an app"</button>
            </Form>
            <p><a href="/account">"Back to your account"</a></p>
        </Page>
    }
}

#[component]
fn FirstCode(pending: PendingTotp) -> impl IntoView {
    let PendingTotp { secret, address } = pending;
    view! {
        <Page title="Set up your app">
            <ol class="steps">
                <li>
                    <h2>"Scan this with your app"</h2>
                    <Qr text=address.clone() label="The code to scan with your app"/>
                    // Another program's address: not for htmx.
                    <p><a href=address hx-boost="false">"Or open it in an app on this device"</a></p>
                </li>
                <li>
                    <h2>"Cannot scan? Type this instead"</h2>
                    <p><code id="secret" class="receipt-code">{secret}</code></p>
                    <button type="button" class="small kept" hidden data-copy="secret">"Copy"</button>
                </li>
                <li>
                    <h2>"Enter the code it shows"</h2>
                    <Form action=ConfirmApp::PATH>
                        <NextField/>
                        <div class="code-field">
                            <Field name="code" label="Code" inputmode="numeric" autocomplete="one-time-code" hint="6 digits. There is a new one every 30 seconds."/>
                        </div>
                        <button class="primary">"Confirm"</button>
                    </Form>
                </li>
            </ol>
            <p><a href="/account">"Not now, back to your account"</a></p>
        </Page>
    }
}

#[component]
fn AppIsSet(since: i64) -> impl IntoView {
    view! {
        <Page title="Codes from an app">
            <p class="lead">"An app has made your codes since " <Time at=since/> "."</p>
            <Form action=BeginApp::PATH>
                <NextField/>
                <p>"With a new phone, set up its app here. The old one goes on until the new one has shown its first code."</p>
                <button>"Set up another app in its place"</button>
            </Form>
            <Form action=RemoveApp::PATH>
                <p>"Without an app, codes come by text message."</p>
                <button class="danger">"Remove the app"</button>
            </Form>
            <p><a href="/account">"Back to your account"</a></p>
        </Page>
    }
}
