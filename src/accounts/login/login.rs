//! Login page and the `login` server function.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::server_fn::codec::Json;
use serde::{Deserialize, Serialize};

use crate::accounts::requirements::{VotingPurpose, VotingRequirements};
use crate::accounts::viewer::Viewer;
use crate::web::components::contact::MessageText;
use crate::web::components::field::Field;
use crate::web::components::form::{Form, NextField, next_or_home, path_with_next};
use crate::web::components::page::layout::Page;
use crate::web::components::page::page_meta::{Instead, PageMeta};
use crate::web::hypermedia::outcome::{Next, Refusal};
use crate::web::location::Location;

#[cfg(feature = "ssr")]
use {
    crate::accounts::audit::{AuditEvent, AuditKind, ClientInfo},
    crate::accounts::limits::passwords,
    crate::accounts::limits::passwords::PasswordAttempt,
    crate::accounts::names::confusables,
    crate::accounts::passwords::password::{Hasher, Password, PasswordCheck},
    crate::accounts::sessions::current::{LogIn, LoginOutcome},
    crate::accounts::sessions::flash::Flash,
    crate::accounts::sessions::sent_form::Secret,
    crate::accounts::sessions::sent_forms::FormClaim,
    crate::accounts::sessions::trusted_browsers::TrustCookie,
    crate::accounts::{audit, store},
    crate::web::context::Ctx,
    crate::web::hypermedia::outcome::Faults,
};

/// Form for logging in.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LoginForm {
    username: String,
    password: String,
    next: String,
}

/// Checks username and password, and logs the session in.
///
/// An unknown name and a wrong password get the same message and take the same time.
///
/// # Errors
/// If something is missing, the two don't match or the account is suspended, or after too many
/// failed attempts.
#[server(endpoint = "login", input = Json, output = Json)]
pub async fn login(form: LoginForm) -> Result<Next, Refusal> {
    let (db, hasher, now) = (
        Ctx::from_context().db,
        expect_context::<Hasher>(),
        Ctx::from_context().now(),
    );
    let (address, config, client_info) = (
        Ctx::from_context().address,
        Ctx::from_context().config,
        ClientInfo::from_context(),
    );
    let once = FormClaim::take(
        "login",
        Secret::LogIn([&*form.username, &*form.password].join("\0")),
    )
    .await?;
    let entered = once.act(async {
        let session = once.session();
        let mut faults = Faults::default();
        let typed = |text: &str, missing: &'static str| {
            if text.is_empty() {
                Err(missing)
            } else {
                Ok(())
            }
        };
        let name = faults.check(
            "username",
            typed(form.username.trim(), "Enter your username."),
        );
        // Not trimmed: spaces are part of a password.
        let password = faults.check("password", typed(&form.password, "Enter your password."));
        if name.and(password).is_none() {
            return Err(faults.refusal());
        }
        let name = confusables::folded(&form.username);
        let account = store::find_by_name(db.read(), &form.username)
            .await?
            .filter(|account| !account.demo || config.demo());
        let (keys, remembered) = (
            Ctx::from_context().keys,
            TrustCookie::carried(config.origin.is_https()),
        );
        let id = account.as_ref().map_or(0, |account| account.id);
        let known = passwords::is_known_address(&db, &keys, id, &address, now).await?
            || remembered.is_known(db.read(), id, now).await?;
        let counted = passwords::count_password(
            &db,
            PasswordAttempt {
                name: &name,
                address: &address,
                known,
            },
            now,
        )
        .await?;
        let right = match hasher
            .verify(
                account
                    .as_ref()
                    .map(|account| account.password_hash.clone()),
                &form.password,
            )
            .await
        {
            Ok(right) => right,
            Err(busy) => {
                counted.give_back(&db).await?;
                return Err(busy.into());
            }
        };
        let no_match =
            || Refusal::form("Your username and password didn't match. Please try again.");
        // Also recorded for an unknown name; otherwise the timing would reveal that it is unknown.
        let event = |what| AuditEvent {
            account: account.as_ref().map(|account| account.id),
            what,
            detail: "",
        };
        let Some(account) = account.as_ref().filter(|_| right != PasswordCheck::Wrong) else {
            audit::record(db.write(), event(AuditKind::LogInFailed), &client_info, now).await?;
            return Err(no_match());
        };
        counted.was_right(&db, &name).await?;
        if let Some(reason) = &account.suspended_reason {
            audit::record(
                db.write(),
                event(AuditKind::LogInRefused),
                &client_info,
                now,
            )
            .await?;
            return Err(Refusal::form(format!(
                "This account is suspended. Reason from the site's admin: {reason}"
            )));
        }
        let log_in = LogIn {
            account: account.id,
            password_hash: &account.password_hash,
            remembered: &remembered,
        };
        let entered = session.log_in(&db, log_in, &client_info, now).await?;
        let detail = match entered {
            LoginOutcome::Refused => return Err(no_match()),
            LoginOutcome::LoggedIn => "",
            LoginOutcome::Verified => "this browser is remembered",
        };
        passwords::remember_address(db.write(), &keys, account.id, &address, now).await?;
        if right == PasswordCheck::MatchOutdated
            && let Ok(hash) = hasher.hash(Password::retyped(&form.password)).await
        {
            store::rehash_password(db.write(), account.id, &account.password_hash, hash).await?;
        }
        audit::record(
            db.write(),
            AuditEvent {
                detail,
                ..event(AuditKind::LoggedIn)
            },
            &client_info,
            now,
        )
        .await?;
        match audit::unread_notices(db.read(), account.id)
            .await?
            .first()
            .map(audit::AuditEntry::what)
        {
            Some(Some(AuditKind::NumberLeft)) => session.say(Flash::NumberLeft).await?,
            Some(_) => session.say(Flash::Notice).await?,
            None => {}
        }
        Ok(())
    });
    entered.await?;
    Ok(Next::reload(crate::web::components::form::next_or(
        &form.next, "/verify",
    )))
}

/// Renders the login page.
#[component]
pub fn LoginPage() -> impl IntoView {
    if Viewer::from_context().person().is_some() {
        PageMeta::from_context().instead(Instead::Path(next_or_home(
            Location::from_context().query("next"),
        )));
    }
    view! {
        <Page title="Log in">
            <VotingPurpose/>
            <Form action=Login::PATH>
                <NextField/>
                <Field name="username" label="Username" autocomplete="username" focus=true/>
                <Field name="password" label="Password" kind="password" autocomplete="current-password"/>
                <button class="primary">"Log in"</button>
            </Form>
            <p><MessageText words="Forgot your password? Ask the site's admin to reset it."/></p>
            <p>"No account yet? " <a href=path_with_next("/register")>"Create one"</a></p>
            <VotingRequirements/>
        </Page>
    }
}
