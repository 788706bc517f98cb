//! Page for redeeming a recovery code when both phone and app are lost.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::server_fn::codec::Json;
use serde::{Deserialize, Serialize};

use crate::accounts::factors::overview::read_second_factors;
use crate::accounts::guard::{Guard, redirect_if_verified, render_refusal};
use crate::accounts::viewer::{Level, Viewer};
use crate::web::components::contact::MessageText;
use crate::web::components::field::Field;
use crate::web::components::form::{Form, NextField, path_with_next};
use crate::web::components::page::layout::Page;
use crate::web::components::page::page_meta::{Instead, PageMeta};
use crate::web::hypermedia::outcome::{Next, Refusal};

#[cfg(feature = "ssr")]
use {
    crate::accounts::audit::ClientInfo, crate::accounts::factors::recovery::codes,
    crate::accounts::guard::require, crate::accounts::sessions::sent_form::Secret,
    crate::accounts::sessions::sent_forms::FormClaim, crate::platform::base32::Base32,
    crate::web::context::Ctx,
};

/// Form for redeeming a recovery code.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct UseRecoveryCodeForm {
    code: String,
    next: String,
}

/// Redeems a recovery code. It doesn't verify the session: for ten minutes, it only allows setting
/// up another number or second factor.
///
/// # Errors
/// If the code is wrong or was already used, or after too many failed attempts.
#[server(endpoint = "use_recovery_code", input = Json, output = Json)]
pub async fn use_recovery_code(form: UseRecoveryCodeForm) -> Result<Next, Refusal> {
    let code = Base32::parse(&form.code)
        .map_or_else(|| form.code.clone(), |code| code.as_str().to_owned());
    let once = FormClaim::take("use_recovery_code", Secret::RecoveryCode(code)).await?;
    let used = once.act(async {
        let (person, db, now) = (
            require(Level::LoggedIn)?,
            Ctx::from_context().db,
            Ctx::from_context().now(),
        );
        Ok(codes::redeem(
            &db,
            &person,
            once.session(),
            &form.code,
            &ClientInfo::from_context(),
            now,
        )
        .await?)
    });
    used.await?;
    Ok(Next::to(crate::web::components::form::after(
        &form.next,
        "/verify/recovery",
    )))
}

/// Renders the page for redeeming a recovery code and then choosing a new second factor.
#[component]
pub fn RecoverPage() -> impl IntoView {
    view! { <Guard level=Level::LoggedIn><Recover/></Guard> }
}

#[component]
fn Recover() -> impl IntoView {
    if redirect_if_verified() {
        return ().into_any();
    }
    let viewer = Viewer::from_context();
    let Some(person) = viewer.person().filter(|person| person.has_number) else {
        PageMeta::from_context().instead(Instead::Path(path_with_next("/verify")));
        return ().into_any();
    };
    let recovered = person.recovered;
    Suspend::new(async move {
        match read_second_factors().await {
            Ok(steps) if recovered => {
                view! { <NextSteps passkeys={steps.passkeys.is_some()}/> }.into_any()
            }
            Ok(steps) if steps.codes_left > 0 => view! { <RecoveryCodeForm/> }.into_any(),
            Ok(_) => view! { <NoCodes/> }.into_any(),
            Err(refusal) => render_refusal(&refusal),
        }
    })
    .into_any()
}

#[component]
fn RecoveryCodeForm() -> impl IntoView {
    view! {
        <Page title="Use a recovery code">
            <p class="lead">"Lost your phone? Use a recovery code to set up a new number or app."</p>
            <Form action=UseRecoveryCode::PATH>
                <NextField/>
                <Field
                    name="code"
                    label="Recovery code"
                    autocomplete="off"
                    hint="16 letters and digits, such as 7K2M-9XQ4-TB0V-3HNE. Each works once."
                    focus=true
                />
                <button class="primary">"Continue"</button>
            </Form>
            <p><a href=path_with_next("/verify")>"Other ways to log in"</a></p>
        </Page>
    }
}

#[component]
fn NextSteps(
    /// Whether the site's origin supports passkeys.
    passkeys: bool,
) -> impl IntoView {
    view! {
        <Page title="Code accepted">
            <p class="lead">"You have ten minutes to set up a new way to get codes."</p>
            <p class="actions">
                <a class="button primary" href=path_with_next("/account/number")>"Use a new number"</a>
                <a class="button" href=path_with_next("/account/authenticator")>"Set up an app"</a>
                {passkeys.then(|| view! { <a class="button" href=path_with_next("/account/passkeys")>"Set up a passkey"</a> })}
            </p>
        </Page>
    }
}

#[component]
fn NoCodes() -> impl IntoView {
    view! {
        <Page title="No recovery codes">
            <p class="lead">"You have no recovery codes."</p>
            <p><MessageText words="If you can't get codes either, ask the site's admin to reset your number. Then log in and verify another."/></p>
            <p><a href=path_with_next("/verify")>"Other ways to log in"</a></p>
        </Page>
    }
}
