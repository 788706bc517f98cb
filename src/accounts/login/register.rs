//! Registration page and the `register` server function.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::server_fn::codec::Json;
use serde::{Deserialize, Serialize};

use crate::accounts::passwords::change::PASSWORD_HINT;
use crate::accounts::requirements::{VotingPurpose, VotingRequirements};
use crate::accounts::viewer::Viewer;
use crate::web::components::field::Field;
use crate::web::components::form::{Form, NextField, next_or_home};
use crate::web::components::page::layout::Page;
use crate::web::components::page::page_meta::{Instead, PageMeta};
use crate::web::hypermedia::outcome::{Next, Refusal};
use crate::web::location::Location;

#[cfg(feature = "ssr")]
use {
    crate::accounts::audit::{AuditEvent, AuditKind, ClientInfo},
    crate::accounts::names::username::Username,
    crate::accounts::passwords::password::{Hasher, Password},
    crate::accounts::sessions::current::LogIn,
    crate::accounts::sessions::sent_form::Secret,
    crate::accounts::sessions::sent_forms::FormClaim,
    crate::accounts::sessions::trusted_browsers::TrustCookie,
    crate::accounts::{audit, limits, store},
    crate::web::context::Ctx,
    crate::web::hypermedia::outcome::Faults,
};

/// Form for signing up.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RegisterForm {
    username: String,
    password: String,
    next: String,
}

/// Creates an account and logs it in.
///
/// # Errors
/// If the name or the password is not accepted, or after too many attempts or new accounts.
#[server(endpoint = "register", input = Json, output = Json)]
pub async fn register(form: RegisterForm) -> Result<Next, Refusal> {
    let (db, hasher, now) = (
        Ctx::from_context().db,
        expect_context::<Hasher>(),
        Ctx::from_context().now(),
    );
    let (address, client_info) = (Ctx::from_context().address, ClientInfo::from_context());
    let once = FormClaim::take(
        "register",
        Secret::Password([&*form.username, &*form.password].join("\0")),
    )
    .await?;
    let registered = once.act(async {
        let mut faults = Faults::default();
        let name = faults.check("username", Username::parse(&form.username));
        let password = faults.check("password", Password::parse(&form.password, &form.username));
        let Some((name, password)) = name.zip(password) else {
            return Err(faults.refusal());
        };
        let asked = limits::count_taken_name(&db, &address, now).await?;
        // Checking first saves the work of hashing; the unique constraint decides.
        if store::find_by_name(db.read(), name.as_str())
            .await?
            .is_some()
        {
            return Err(Refusal::field(
                "username",
                "That name is taken. Please choose another.",
            ));
        }
        asked.give_back(&db).await?;
        let counted = limits::count_registration(&db, &address.0, now).await?;
        let hash = match hasher.hash(password).await {
            Ok(hash) => hash,
            Err(busy) => {
                counted.give_back(&db).await?;
                return Err(busy.into());
            }
        };
        let transaction = db.begin().await?;
        let Some(id) = store::insert_account(
            &transaction,
            &name,
            hash.clone(),
            store::Creator::Owner,
            now,
        )
        .await?
        else {
            transaction.rollback().await?;
            counted.give_back(&db).await?;
            let alike = "That name is taken or too similar to one that is. Please choose another.";
            return Err(Refusal::field("username", alike));
        };
        limits::passwords::remember_address(
            &transaction,
            &Ctx::from_context().keys,
            id,
            &address,
            now,
        )
        .await?;
        audit::record(
            &transaction,
            AuditEvent::of(id, AuditKind::Registered),
            &client_info,
            now,
        )
        .await?;
        transaction.commit().await?;
        let log_in = LogIn {
            account: id,
            password_hash: &hash,
            remembered: &TrustCookie::default(),
        };
        Ok(once
            .session()
            .log_in(&db, log_in, &client_info, now)
            .await?)
    });
    registered.await?;
    Ok(Next::reload(crate::web::components::form::after(
        &form.next, "/verify",
    )))
}

/// Renders the registration page.
#[component]
pub fn RegisterPage() -> impl IntoView {
    if Viewer::from_context().person().is_some() {
        PageMeta::from_context().instead(Instead::Path(next_or_home(
            Location::from_context().query("next"),
        )));
    }
    view! {
        <Page title="Create an account">
            <VotingPurpose otherwise="Choose a name and password, then verify your phone. One number, one vote."/>
            <Form action=Register::PATH>
                <NextField/>
                <Field name="username" label="Username" autocomplete="username" focus=true/>
                <Field
                    name="password"
                    label="Password"
                    kind="password"
                    autocomplete="new-password"
                    hint=PASSWORD_HINT
                />
                <button class="primary">"Create account"</button>
            </Form>
            <p>"Already have an account? " <a href=crate::web::components::form::path_with_next("/login")>"Log in"</a></p>
            <VotingRequirements/>
        </Page>
    }
}
