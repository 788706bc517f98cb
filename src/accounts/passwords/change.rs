//! Password change: the page, the account page's section and the `change_password` server function.

use leptos::either::Either;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::server_fn::codec::{GetUrl, Json};
use serde::{Deserialize, Serialize};

use crate::accounts::guard::{render_refusal, require_owner};
use crate::accounts::viewer::Person;
use crate::web::components::contact::MessageText;
use crate::web::components::field::Field;
use crate::web::components::form::{Form, NextField};
use crate::web::components::page::layout::Page;
use crate::web::components::row::{Row, RowAction};
use crate::web::hypermedia::outcome::{Next, Refusal};
use crate::web::time::brief;

#[cfg(feature = "ssr")]
use {
    crate::accounts::audit::{AuditEvent, AuditKind},
    crate::accounts::guard::require,
    crate::accounts::passwords::password::Password,
    crate::accounts::passwords::reauthenticate::{ReauthenticationError, Reauthenticator},
    crate::accounts::sessions::current::end_others,
    crate::accounts::sessions::flash::Flash,
    crate::accounts::sessions::sent_form::Secret,
    crate::accounts::sessions::sent_forms::FormClaim,
    crate::accounts::sessions::trusted_browsers,
    crate::accounts::viewer::Level,
    crate::accounts::{audit, store},
    crate::platform::db::Lock,
    crate::web::context::Ctx,
    crate::web::hypermedia::outcome::Faults,
};

/// Advice on choosing a password. There is no strength meter, because people trust its score too
/// readily.
pub const PASSWORD_HINT: &str = "At least 8 characters. Three or four unrelated words work well.";

/// Form for changing the password.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ChangePasswordForm {
    password: String,
    new_password: String,
    next: String,
}

/// Changes the password, ends the account's other sessions and forgets its trusted browsers. The
/// current session continues under a new id.
///
/// # Errors
/// If either password is not accepted, or after too many failed attempts.
#[server(endpoint = "change_password", input = Json, output = Json)]
pub async fn change_password(form: ChangePasswordForm) -> Result<Next, Refusal> {
    let once = FormClaim::take(
        "change_password",
        Secret::Password([&*form.password, &*form.new_password].join("\0")),
    )
    .await?;
    let changed = once.act(async {
        let (person, retyped, session) = (
            require_owner()?,
            Reauthenticator::from_context(),
            once.session(),
        );
        let mut faults = Faults::default();
        let typed = if form.password.is_empty() {
            Err(ReauthenticationError::Empty)
        } else {
            Ok(())
        };
        let typed = faults.check("password", typed);
        let new = Password::parse(&form.new_password, &person.username)
            .map_err(|error| error.to_string());
        let same = form.new_password == form.password;
        let new = faults.check(
            "new_password",
            new.and_then(|new| {
                if same {
                    Err("That's your current password.".to_owned())
                } else {
                    Ok(new)
                }
            }),
        );
        let Some(new) = typed.and(new) else {
            return Err(faults.refusal());
        };
        let old = retyped.check(&person, &form.password).await?;
        let hash = retyped.hasher.hash(new).await?;

        let transaction = retyped.db.begin().await?;
        Lock::Account(person.id).wait(&transaction).await?;
        // Of two concurrent changes the first wins: the second was authorised by a password that is
        // no longer valid.
        if !store::change_password(&transaction, person.id, &old, hash, retyped.now).await? {
            return Err(ReauthenticationError::Wrong.into());
        }
        let id = session
            .record_password(&transaction, person.id, retyped.now)
            .await?
            .ok_or(Refusal::LogIn)?;
        end_others(&transaction, person.id, Some(&id)).await?;
        trusted_browsers::forget_all(&transaction, person.id).await?;
        audit::record(
            &transaction,
            AuditEvent::of(person.id, AuditKind::PasswordChanged),
            &retyped.client_info,
            retyped.now,
        )
        .await?;
        transaction.commit().await?;
        session.move_to(&id).await?;
        Ok(session.say(Flash::PasswordChanged).await?)
    });
    changed.await?;
    Ok(Next::reload(crate::web::components::form::next_or(
        &form.next, "/account",
    )))
}

/// Returns when the password was chosen, in seconds since 1970.
#[server(endpoint = "password_age", input = GetUrl, output = Json)]
pub async fn read_password_age() -> Result<i64, Refusal> {
    let (person, db) = (require(Level::LoggedIn)?, Ctx::from_context().db);
    Ok(store::find_account(db.read(), person.id)
        .await?
        .ok_or(Refusal::LogIn)?
        .password_at)
}

/// Renders the password row of the account page.
#[component]
pub fn PasswordRow() -> impl IntoView {
    Suspend::new(async {
        match read_password_age().await {
            Ok(at) => {
                let action = view! { <RowAction path="/account/password" verb="Change" rest=" your password"/> };
                view! { <Row id="password" label="Password" action=Some(action.into_any())>"Set " {brief(at, "")}</Row> }.into_any()
            }
            Err(refusal) => view! { <li>{render_refusal(&refusal)}</li> }.into_any(),
        }
    })
}

/// Renders the password change page.
#[component]
pub fn PasswordPage() -> impl IntoView {
    match require_owner() {
        Ok(person) => Either::Left(view! { <ChangeForm person/> }),
        Err(refusal) => Either::Right(render_refusal(&refusal)),
    }
}

#[component]
fn ChangeForm(person: Person) -> impl IntoView {
    let Person {
        username,
        password_given,
        ..
    } = person;
    let (title, lead) = if password_given {
        (
            "Choose your own password",
            "The site's admin set your current password. Choose one that only you know to continue.",
        )
    } else {
        (
            "Change your password",
            "All your other browsers will be logged out.",
        )
    };
    view! {
        <Page title=title>
            <p class="lead"><MessageText words=lead/></p>
            <Form action=ChangePassword::PATH>
                <NextField/>
                // Tells password managers which account the password belongs to.
                <input type="hidden" name="username" value=username autocomplete="username"/>
                <Field name="password" label="Current password" kind="password" autocomplete="current-password" focus=true/>
                <Field name="new_password" label="New password" kind="password" autocomplete="new-password" hint=PASSWORD_HINT/>
                <button class="primary">"Change password"</button>
            </Form>
            <p><a href="/account">"Back to your account"</a></p>
        </Page>
    }
}
