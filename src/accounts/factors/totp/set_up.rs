//! Authenticator app page, and the server functions that set up and remove an app.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::server_fn::codec::{GetUrl, Json};
use serde::{Deserialize, Serialize};

use crate::accounts::guard::render_refusal;
use crate::web::components::field::Field;
use crate::web::components::form::{Form, NextField};
use crate::web::components::page::layout::Page;
use crate::web::components::qr::Qr;
use crate::web::components::row::Row;
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

/// State of the authenticator app page.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct AuthenticatorState {
    /// When the app was set up, in seconds since 1970; `None` without an app.
    pub since: Option<i64>,
    /// New secret that awaits its first code.
    pub pending: Option<PendingTotp>,
}

/// A new secret, not yet confirmed by a code.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct PendingTotp {
    /// Secret, for typing into an app.
    pub secret: String,
    /// `otpauth` URI, for the QR code.
    pub address: String,
}

/// Returns the state of the account's app, with any pending secret.
///
/// # Errors
/// If the user may not set up an app.
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

/// Form of [`begin_app`], which only says where to go afterwards.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct BeginAppForm {
    next: String,
}

/// Generates a secret for an app, which the page then shows.
///
/// # Errors
/// If the user may not set up an app.
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

/// Form for the first code of an app.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ConfirmAppForm {
    code: String,
    next: String,
}

/// Verifies the first code of an app, which activates it.
///
/// # Errors
/// If the code is wrong.
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

/// Empty form of [`remove_app`].
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RemoveAppForm {}

/// Removes the account's app. Requires a verified session and a recently typed password.
#[server(endpoint = "remove_app", input = Json, output = Json)]
pub async fn remove_app(form: RemoveAppForm) -> Result<Next, Refusal> {
    let RemoveAppForm {} = form;
    let (person, session) = (require_verified_owner()?, CurrentSession::from_context()?);
    if TotpStore::from_context().remove(&person).await? {
        session.say(Flash::AppRemoved).await?;
    }
    Ok(Next::to("/account"))
}

/// Renders the authenticator app page.
#[component]
pub fn AuthenticatorPage() -> impl IntoView {
    Suspend::new(async {
        match read_authenticator().await {
            Ok(AuthenticatorState {
                pending: Some(pending),
                ..
            }) => view! { <ConfirmSetup pending/> }.into_any(),
            Ok(AuthenticatorState {
                since: Some(since), ..
            }) => view! { <TotpEnabled since/> }.into_any(),
            Ok(_) => view! { <NoApp/> }.into_any(),
            Err(refusal) => render_refusal(&refusal),
        }
    })
}

#[component]
fn NoApp() -> impl IntoView {
    view! {
        <Page title="Authenticator app">
            <p class="lead">"Get codes from an app on your phone. It's safer than texts and works without signal."</p>
            <p>"Any app with 6-digit codes works, such as your password manager."</p>
            <Form action=BeginApp::PATH>
                <NextField/>
                <button class="primary">"Set up an app"</button>
            </Form>
            <p><a href="/account">"Back to your account"</a></p>
        </Page>
    }
}

#[component]
fn ConfirmSetup(pending: PendingTotp) -> impl IntoView {
    let PendingTotp { secret, address } = pending;
    view! {
        <Page title="Set up your app">
            <ol class="steps">
                <li>
                    <h2>"Scan this with your app"</h2>
                    <Qr text=address.clone() label="QR code to scan with your app"/>
                    // Opens another app, so htmx must not handle it.
                    <p><a href=address hx-boost="false">"Or open it in an app on this device"</a></p>
                </li>
                <li>
                    <h2>"Can't scan it? Enter this key"</h2>
                    <p><code id="secret" class="receipt-code">{secret}</code></p>
                    <button type="button" class="small kept" hidden data-copy="secret">"Copy"</button>
                </li>
                <li>
                    <h2>"Enter the code it shows"</h2>
                    <Form action=ConfirmApp::PATH>
                        <NextField/>
                        <div class="code-field">
                            <Field name="code" label="Code" inputmode="numeric" autocomplete="one-time-code" hint="6 digits. They change every 30 seconds."/>
                        </div>
                        <button class="primary">"Confirm"</button>
                    </Form>
                </li>
            </ol>
            <p><a href="/account">"Not now"</a></p>
        </Page>
    }
}

#[component]
fn TotpEnabled(since: i64) -> impl IntoView {
    let replace = view! {
        <Form action=BeginApp::PATH class="inline">
            <NextField/>
            <button class="small">"Replace the app"</button>
        </Form>
    };
    let remove = view! {
        <Form action=RemoveApp::PATH class="inline">
            <button class="small danger">"Remove the app"</button>
        </Form>
    };
    view! {
        <Page title="Authenticator app">
            <p class="lead">"You've had codes from an app since " <Time at=since/> "."</p>
            <ul class="rows">
                <Row label="New phone" action=Some(replace.into_any())>"The old app works until you confirm the new one."</Row>
                <Row label="No app" action=Some(remove.into_any())>"You get codes by text."</Row>
            </ul>
            <p><a href="/account">"Back to your account"</a></p>
        </Page>
    }
}
