//! Logging out, and the account menu in the header that offers it.

use leptos::either::Either;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::server_fn::codec::Json;
use serde::{Deserialize, Serialize};

use crate::accounts::viewer::Viewer;
use crate::web::components::form::{Form, path_with_next};
use crate::web::hypermedia::outcome::{Next, Refusal};

#[cfg(feature = "ssr")]
use {
    crate::accounts::audit,
    crate::accounts::audit::{AuditEvent, AuditKind, ClientInfo},
    crate::accounts::sessions::current::CurrentSession,
    crate::accounts::sessions::flash::Flash,
    crate::web::context::Ctx,
};

/// Empty form of [`logout`].
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LogoutForm {}

/// Ends the session, whether or not it is verified.
#[server(endpoint = "logout", input = Json, output = Json)]
pub async fn logout(form: LogoutForm) -> Result<Next, Refusal> {
    let LogoutForm {} = form;
    let (session, db, client_info, now) = (
        CurrentSession::from_context()?,
        Ctx::from_context().db,
        ClientInfo::from_context(),
        Ctx::from_context().now(),
    );
    let viewer = Viewer::from_context();
    session.log_out(&db).await?;
    session.say(Flash::LoggedOut).await?;
    if let Some(person) = viewer.person() {
        audit::record(
            db.write(),
            AuditEvent::of(person.id, AuditKind::LoggedOut),
            &client_info,
            now,
        )
        .await?;
    }
    Ok(Next::reload("/"))
}

/// Renders the account menu in the header, or the links to log in and sign up.
#[component]
pub fn AccountMenu() -> impl IntoView {
    let viewer = Viewer::from_context();
    let verified = matches!(viewer, Viewer::Verified(_));
    match viewer.person() {
        None => Either::Left(view! {
            <a class="quiet" href=path_with_next("/login")>"Log in"</a>
            <a class="button small" href=path_with_next("/register")>"Sign up"</a>
        }),
        Some(person) => Either::Right(view! {
            <details class="menu">
                <summary><span class="who" dir="auto">{person.username.clone()}</span></summary>
                <div class="menu-panel">
                    <p>{if verified { "Your number is verified." } else { "Your number isn't verified yet." }}</p>
                    {(!verified).then(|| view! { <a href="/verify">"Verify your number"</a> })}
                    <a href="/account/polls">"Your polls"</a>
                    <a href="/account">"Your account"</a>
                    {person.admin.then(|| view! { <a href="/admin">"Admin"</a> })}
                    <Form action=Logout::PATH class="inline">
                        <button class="quiet">"Log out"</button>
                    </Form>
                </div>
            </details>
        }),
    }
}
