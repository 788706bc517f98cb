//! Typing the code that an app shows, instead of one that was sent.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::server_fn::codec::Json;
use serde::{Deserialize, Serialize};

use crate::accounts::factors::overview::{SecondSteps, read_second_steps};
use crate::accounts::factors::trust_checkbox::RememberBox;
use crate::accounts::guard::{Guard, pass_on_verified, turn_away};
use crate::accounts::viewer::Level;
use crate::web::components::field::Field;
use crate::web::components::form::{Form, NextField, path_with_next};
use crate::web::components::layout::Page;
use crate::web::components::page_meta::{Answer, Instead};
use crate::web::hypermedia::outcome::{Next, Refusal};

#[cfg(feature = "ssr")]
use {
    crate::accounts::factors::totp::store::AppCodes, crate::accounts::guard::require,
    crate::accounts::sessions::sent_form::Secret, crate::accounts::sessions::sent_forms::Once,
    crate::accounts::sessions::session::Done, crate::accounts::sessions::trusted_browsers::Token,
    crate::platform::config::Config, crate::platform::db::Db, std::sync::Arc,
};

/// What is typed from the app.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CheckAppForm {
    code: String,
    remember: String,
    next: String,
}

/// Makes the session a verified one with a code of the account's app.
///
/// # Errors
/// That the code is not right, was used already, or that too many were wrong.
#[server(endpoint = "check_app", input = Json, output = Json)]
pub async fn check_app(form: CheckAppForm) -> Result<Next, Refusal> {
    let once = Once::take("check_app", Secret::AppCode(Secret::digits(&form.code))).await?;
    let checked = once.act(async {
        let person = require(Level::LoggedIn)?;
        let checked = AppCodes::now()
            .check(
                &person,
                once.session(),
                &form.code,
                !form.remember.is_empty(),
            )
            .await;
        let token = checked.map_err(|error| error.refusal("/verify"))?;
        once.session().say(Done::Confirmed).await?;
        Ok(token)
    });
    let token = match checked.await? {
        Some(token) => token,
        None => Token::of(once.form(), expect_context::<Db>().read()).await?,
    };
    if let Some(token) = token {
        token.hand_out(expect_context::<Arc<Config>>().origin.is_https());
    }
    Ok(Next::reload(crate::web::components::form::next_or_home(
        Some(&form.next),
    )))
}

/// The page to type it on.
#[component]
pub fn AppPage() -> impl IntoView {
    view! { <Guard level=Level::LoggedIn><App/></Guard> }
}

#[component]
fn App() -> impl IntoView {
    if pass_on_verified() {
        return ().into_any();
    }
    Suspend::new(async {
        match read_second_steps().await {
            Ok(SecondSteps {
                app_since: None, ..
            }) => {
                Answer::now().instead(Instead::Path(path_with_next("/verify")));
                ().into_any()
            }
            Ok(SecondSteps { codes_left, .. }) => view! {
                <Page title="Enter the code from your app">
                    <AppForm/>
                    <section class="ways-out" aria-label="Other ways">
                        <p><a href=path_with_next("/verify")>"Get a text message instead"</a></p>
                        <RecoveryLink codes={codes_left > 0}/>
                    </section>
                </Page>
            }
            .into_any(),
            Err(refusal) => turn_away(&refusal),
        }
    })
    .into_any()
}

/// The form for a code of the app.
#[component]
pub fn AppForm(
    /// Whether the page is about it.
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
                    hint="The 6 digits that your authenticator app shows now."
                    focus=first
                />
            </div>
            <RememberBox/>
            <button class=first.then_some("primary")>"Confirm"</button>
        </Form>
    }
}

/// The last way in; without codes, the page that says who can help.
#[component]
pub fn RecoveryLink(
    /// Whether there are recovery codes.
    codes: bool,
) -> impl IntoView {
    let words = if codes {
        "Use a recovery code"
    } else {
        "I no longer have this phone"
    };
    view! { <p><a href=path_with_next("/verify/recovery")>{words}</a></p> }
}
