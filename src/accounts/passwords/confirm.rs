//! Page that asks for the password again before sensitive actions, in case a browser was left
//! unattended.

use leptos::either::Either;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::server_fn::codec::Json;
use serde::{Deserialize, Serialize};

use crate::accounts::guard::{render_refusal, require_owner};
use crate::web::components::field::Field;
use crate::web::components::form::{Form, NextField};
use crate::web::components::page::layout::Page;
use crate::web::hypermedia::outcome::{Next, Refusal};

#[cfg(feature = "ssr")]
use {
    crate::accounts::passwords::reauthenticate::Reauthenticator,
    crate::accounts::sessions::sent_form::Secret, crate::accounts::sessions::sent_forms::FormClaim,
};

/// Form for retyping the password.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ConfirmPasswordForm {
    password: String,
    next: String,
}

/// Checks the password and records in the session that it was just typed.
///
/// # Errors
/// If the password is wrong, or after too many failed attempts.
#[server(endpoint = "confirm_password", input = Json, output = Json)]
pub async fn confirm_password(form: ConfirmPasswordForm) -> Result<Next, Refusal> {
    let once = FormClaim::take("confirm_password", Secret::Password(form.password.clone())).await?;
    let confirmed = once.act(async {
        let (person, retyped) = (require_owner()?, Reauthenticator::from_context());
        retyped.check(&person, &form.password).await?;
        Ok(retyped.note(&person, once.session()).await?)
    });
    confirmed.await?;
    Ok(Next::reload(crate::web::components::form::next_or(
        &form.next, "/account",
    )))
}

/// Renders the password confirmation page.
#[component]
pub fn ConfirmPage() -> impl IntoView {
    match require_owner() {
        Ok(person) => Either::Left(view! { <ConfirmForm username=person.username/> }),
        Err(refusal) => Either::Right(render_refusal(&refusal)),
    }
}

#[component]
fn ConfirmForm(username: String) -> impl IntoView {
    view! {
        <Page title="Confirm your password">
            <p class="lead">"Please enter your password again to keep your account safe."</p>
            <Form action=ConfirmPassword::PATH>
                <NextField/>
                // Tells password managers which account the password belongs to.
                <input type="hidden" name="username" value=username autocomplete="username"/>
                <Field name="password" label="Password" kind="password" autocomplete="current-password" focus=true/>
                <button class="primary">"Continue"</button>
            </Form>
            <p><a href="/account">"Back to your account"</a></p>
        </Page>
    }
}
