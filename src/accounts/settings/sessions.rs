//! Active sessions section of the account page, and logging out other browsers.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::server_fn::codec::{GetUrl, Json};
use serde::{Deserialize, Serialize};

use crate::accounts::guard::render_refusal;
use crate::web::components::form::Form;
use crate::web::components::row::Row;
use crate::web::components::section::Section;
use crate::web::hypermedia::outcome::{Next, Refusal};
use crate::web::time::Time;

#[cfg(feature = "ssr")]
use {
    crate::accounts::audit,
    crate::accounts::audit::{AuditEvent, AuditKind, ClientInfo},
    crate::accounts::guard::{require, require_recent_password},
    crate::accounts::sessions::active_sessions,
    crate::accounts::sessions::current::CurrentSession,
    crate::accounts::sessions::flash::Flash,
    crate::accounts::viewer::Level,
    crate::web::context::Ctx,
};

/// An active session.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SessionState {
    /// Identifies the session on the page and in [`EndSessionForm`]; it can't be used to log in.
    pub handle: String,
    /// Short name of the browser.
    pub browser: String,
    /// Truncated client IP it was last seen from.
    pub place: String,
    /// When it was last seen, rounded to five minutes, in seconds since 1970.
    pub seen_at: i64,
    /// Whether it is the current session.
    pub current: bool,
}

/// Lists the active sessions of the logged-in account, the current one first.
#[server(endpoint = "sessions", input = GetUrl, output = Json)]
pub async fn read_sessions() -> Result<Vec<SessionState>, Refusal> {
    let (person, db, now) = (
        require(Level::LoggedIn)?,
        Ctx::from_context().db,
        Ctx::from_context().now(),
    );
    let own = CurrentSession::from_context()?.key();
    let state = |row: active_sessions::Open| SessionState {
        handle: row.handle(),
        current: own.as_ref() == Some(&row.id),
        browser: row.browser,
        place: row.place,
        seen_at: row.seen_at,
    };
    let mut sessions: Vec<_> = active_sessions::open(db.read(), person.id, now)
        .await?
        .into_iter()
        .map(state)
        .collect();
    sessions.sort_by_key(|session| (!session.current, -session.seen_at));
    Ok(sessions)
}

/// Form with the handle of the session to end.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EndSessionForm {
    session: String,
}

/// Logs out another browser. Requires a recently typed password.
#[server(endpoint = "end_session", input = Json, output = Json)]
pub async fn end_session(form: EndSessionForm) -> Result<Next, Refusal> {
    let (person, client_info) = (require_recent_password()?, ClientInfo::from_context());
    let (session, db, now) = (
        CurrentSession::from_context()?,
        Ctx::from_context().db,
        Ctx::from_context().now(),
    );
    let other = active_sessions::open(db.write(), person.id, now)
        .await?
        .into_iter()
        .find(|open| open.handle() == form.session);
    if let Some(other) = other {
        active_sessions::end(db.write(), person.id, other.id).await?;
        let detail = format!("{}, {}", other.browser, other.place);
        audit::record(
            db.write(),
            AuditEvent {
                detail: &detail,
                ..AuditEvent::of(person.id, AuditKind::SessionEnded)
            },
            &client_info,
            now,
        )
        .await?;
    }
    // A session that ended in the meantime gets the same message.
    session.say(Flash::SessionEnded).await?;
    Ok(Next::to("/account"))
}

/// Empty form of [`end_other_sessions`].
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EndOtherSessionsForm {}

/// Logs out all other browsers. Requires a recently typed password.
#[server(endpoint = "end_other_sessions", input = Json, output = Json)]
pub async fn end_other_sessions(form: EndOtherSessionsForm) -> Result<Next, Refusal> {
    let EndOtherSessionsForm {} = form;
    let (person, client_info) = (require_recent_password()?, ClientInfo::from_context());
    let (session, db, now) = (
        CurrentSession::from_context()?,
        Ctx::from_context().db,
        Ctx::from_context().now(),
    );
    active_sessions::end_all_except(db.write(), person.id, session.key()).await?;
    audit::record(
        db.write(),
        AuditEvent::of(person.id, AuditKind::SessionsEnded),
        &client_info,
        now,
    )
    .await?;
    session.say(Flash::SessionsEnded).await?;
    Ok(Next::to("/account"))
}

/// Renders the active sessions section.
#[component]
pub fn SessionsSection() -> impl IntoView {
    view! {
        <Section id="sessions" title="Your sessions">
            {Suspend::new(async {
                match read_sessions().await {
                    Ok(sessions) => view! { <SessionList sessions/> }.into_any(),
                    Err(refusal) => render_refusal(&refusal),
                }
            })}
        </Section>
    }
}

#[component]
fn SessionList(sessions: Vec<SessionState>) -> impl IntoView {
    let others = sessions.len() > 1;
    let items = sessions
        .into_iter()
        .map(|session| view! { <SessionRow session/> });
    view! {
        <ul class="rows">{items.collect_view()}</ul>
        {others.then(|| view! { <Form action=EndOtherSessions::PATH class="inline"><button>"Log out everywhere else"</button></Form> })}
    }
}

#[component]
fn SessionRow(session: SessionState) -> impl IntoView {
    let SessionState {
        handle,
        browser,
        place,
        seen_at,
        current,
    } = session;
    let place = (!place.is_empty()).then(|| format!(" · {place}"));
    let name = browser.clone();
    let label = view! { {browser} {current.then(|| view! { " " <span class="badge open">"this browser"</span> })} };
    let action = (!current).then(|| {
        view! {
            <Form action=EndSession::PATH class="inline">
                <input type="hidden" name="session" value=handle/>
                <button class="quiet">"Log out there"<span class="visually-hidden">" " {name}</span></button>
            </Form>
        }
        .into_any()
    });
    view! { <Row label action>"Last seen " <Time at=seen_at/> {place}</Row> }
}
