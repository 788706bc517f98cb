//! Login with an authenticator app: the `check_app` server function, its page and its form.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::server_fn::codec::Json;
use serde::{Deserialize, Serialize};

use crate::accounts::factors::overview::{SecondFactors, read_second_factors};
use crate::accounts::factors::trust_checkbox::TrustCheckbox;
use crate::accounts::guard::{Guard, redirect_if_verified, render_refusal};
use crate::accounts::viewer::Level;
use crate::web::components::field::Field;
use crate::web::components::form::{Form, NextField, path_with_next};
use crate::web::components::page::layout::Page;
use crate::web::components::page::page_meta::{Instead, PageMeta};
use crate::web::hypermedia::outcome::{Next, Refusal};

#[cfg(feature = "ssr")]
use {
    crate::accounts::factors::totp::store::TotpStore, crate::accounts::guard::require,
    crate::accounts::sessions::flash::Flash, crate::accounts::sessions::sent_form::Secret,
    crate::accounts::sessions::sent_forms::FormClaim,
    crate::accounts::sessions::trusted_browsers::TrustToken, crate::web::context::Ctx,
};

/// Form for a code from the app.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CheckAppForm {
    code: String,
    remember: String,
    next: String,
}

/// Verifies a code from the account's app and marks the session as verified.
///
/// # Errors
/// If the code is wrong or was already used, or after too many failed attempts.
#[server(endpoint = "check_app", input = Json, output = Json)]
pub async fn check_app(form: CheckAppForm) -> Result<Next, Refusal> {
    let once = FormClaim::take("check_app", Secret::AppCode(Secret::digits(&form.code))).await?;
    let checked = once.act(async {
        let person = require(Level::LoggedIn)?;
        let checked = TotpStore::from_context()
            .check(
                &person,
                once.session(),
                &form.code,
                !form.remember.is_empty(),
            )
            .await;
        let token = checked.map_err(|error| error.refusal("/verify"))?;
        once.session().say(Flash::Confirmed).await?;
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

/// Renders the page for entering a code from the app.
#[component]
pub fn TotpPage() -> impl IntoView {
    view! { <Guard level=Level::LoggedIn><App/></Guard> }
}

#[component]
fn App() -> impl IntoView {
    if redirect_if_verified() {
        return ().into_any();
    }
    Suspend::new(async {
        match read_second_factors().await {
            Ok(SecondFactors {
                app_since: None, ..
            }) => {
                PageMeta::from_context().instead(Instead::Path(path_with_next("/verify")));
                ().into_any()
            }
            Ok(SecondFactors { codes_left, .. }) => view! {
                <Page title="Enter the code from your app">
                    <TotpForm/>
                    <section class="ways-out" aria-label="Other ways">
                        <p><a href=path_with_next("/verify")>"Get a text message instead"</a></p>
                        <RecoveryLink codes={codes_left > 0}/>
                    </section>
                </Page>
            }
            .into_any(),
            Err(refusal) => render_refusal(&refusal),
        }
    })
    .into_any()
}

/// Renders the form for a code from the app.
#[component]
pub fn TotpForm(
    /// Whether this is the main form of the page, which gets the focus.
    #[prop(default = true)]
    first: bool,
) -> impl IntoView {
    view! {
        <Form action=CheckApp::PATH>
            <NextField/>
            <div class="code-field">
                <Field
                    name="code"
                    label="Code"
                    inputmode="numeric"
                    autocomplete="one-time-code"
                    hint="The 6 digits in your authenticator app."
                    focus=first
                />
            </div>
            <TrustCheckbox/>
            <button class=first.then_some("primary")>"Confirm"</button>
        </Form>
    }
}

/// Renders the link to the recovery page, which says who can help if there are no recovery codes.
#[component]
pub fn RecoveryLink(
    /// Whether the account has recovery codes.
    codes: bool,
) -> impl IntoView {
    let words = if codes {
        "Use a recovery code"
    } else {
        "I no longer have this phone"
    };
    view! { <p><a href=path_with_next("/verify/recovery")>{words}</a></p> }
}
