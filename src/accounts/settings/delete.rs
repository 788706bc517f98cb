//! Account deletion: the page, the account page's row and the `delete_account` server function.

use leptos::either::Either;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::server_fn::codec::Json;
use serde::{Deserialize, Serialize};

use crate::accounts::guard::{render_refusal, require_owner};
use crate::web::components::field::Field;
use crate::web::components::form::Form;
use crate::web::components::page::layout::Page;
use crate::web::components::row::Row;
use crate::web::hypermedia::outcome::{Next, Refusal};

#[cfg(feature = "ssr")]
use {
    crate::accounts::passwords::reauthenticate::Reauthenticator,
    crate::accounts::sessions::flash::Flash, crate::accounts::sessions::sent_form::Secret,
    crate::accounts::sessions::sent_forms::FormClaim, crate::accounts::store::deletion,
};

/// Form for deleting the account.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DeleteAccountForm {
    password: String,
}

/// Deletes the account with its number, sessions and codes. Its votes stay but can't be linked to
/// anyone, and the marks that keep the number from voting again stay as well.
///
/// # Errors
/// If the password is wrong, or after too many failed attempts.
#[server(endpoint = "delete_account", input = Json, output = Json)]
pub async fn delete_account(form: DeleteAccountForm) -> Result<Next, Refusal> {
    let once = FormClaim::take("delete_account", Secret::Password(form.password.clone())).await?;
    let deleted = once.act(async {
        let (person, retyped, session) = (
            require_owner()?,
            Reauthenticator::from_context(),
            once.session(),
        );
        let hash = retyped.check(&person, &form.password).await?;
        let transaction = retyped.db.begin().await?;
        let (client_info, now) = (&retyped.client_info, retyped.now);
        if !deletion::delete(&transaction, person.id, &hash, client_info, now).await? {
            return Err(Refusal::LogIn);
        }
        if let Some(sent) = once.form() {
            sent.taken(&transaction, None).await?;
        }
        transaction.commit().await?;
        Ok(session.log_out(&retyped.db).await?)
    });
    deleted.await?;
    once.session().say(Flash::AccountDeleted).await?;
    Ok(Next::reload("/"))
}

/// Renders the account deletion row.
#[component]
pub fn DeleteRow() -> impl IntoView {
    let action = view! {
        <a class="button small danger" href="/account/delete">"Delete" <span class="visually-hidden">" your account"</span></a>
    };
    view! { <Row id="delete" label="Delete your account" action=Some(action.into_any())>"Your votes still count."</Row> }
}

/// Renders the account deletion page.
#[component]
pub fn DeletePage() -> impl IntoView {
    match require_owner() {
        Ok(person) => Either::Left(view! { <DeleteForm username=person.username/> }),
        Err(refusal) => Either::Right(render_refusal(&refusal)),
    }
}

#[component]
fn DeleteForm(username: String) -> impl IntoView {
    view! {
        <Page title="Delete your account">
            <p class="lead">"This can't be undone."</p>
            <ul class="points">
                <li>"Your name, your number, your password and your sessions are deleted immediately."</li>
                <li>"Your votes still count. They have no name, so we can't find or remove them."</li>
                <li>"Your number can't vote again where it has voted, even with a new account."</li>
                <li>"Polls you've opened stay, without your name. Drafts are deleted."</li>
            </ul>
            <Form action=DeleteAccount::PATH>
                // Tells password managers which account the password belongs to.
                <input type="hidden" name="username" value=username autocomplete="username"/>
                <Field name="password" label="Password" kind="password" autocomplete="current-password" hint="To make sure it's you."/>
                <button class="danger">"Delete my account"</button>
            </Form>
            <p><a href="/account">"Back to your account"</a></p>
        </Page>
    }
}
