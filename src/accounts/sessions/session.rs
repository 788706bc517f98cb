//! Session middleware: the only file that knows how a browser is recognised.
//!
//! The viewer's identity is stored in columns of the session row, which only conditional statements
//! change, so that a slow request can't bring back an ended session or a lost level. Each step-up
//! gets a new ID.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sea_orm::{DbErr, FromQueryResult, Value};
use tokio::time::timeout;
use tower_sessions::cookie::SameSite;
use tower_sessions::cookie::time::Duration;
use tower_sessions::session::Id;
use tower_sessions::{Expiry, Session, SessionManagerLayer};

use crate::accounts::audit::ClientInfo;
use crate::accounts::sessions::flash::{DONE, Flash};
use crate::accounts::sessions::store::{IDLE, LIFE, SEEN_PRECISION, Store, hash};
use crate::accounts::store::ADMIN;
use crate::accounts::viewer::{Person, Viewer};
use crate::platform::clock::{Clock, Seconds};
use crate::platform::config::Config;
use crate::platform::crypto::Keys;
use crate::platform::db::{Db, execute, statement};
use crate::web::http::cookie;
use crate::web::hypermedia::page_owner;
use crate::web::hypermedia::page_owner::PageOwner;

/// How long a typed password counts as recent: ten minutes.
const PASSWORD_RECENT_FOR: Seconds = 600;
/// How long after using a recovery code a new number or app can be set: ten minutes.
const RECOVERY_VALID_FOR: Seconds = 600;

/// Dependencies of the session middleware.
#[derive(Clone, Debug)]
pub struct Sessions {
    /// The configuration.
    pub config: Arc<Config>,
    /// The database.
    pub db: Db,
    /// Keys for the value by which a page knows its viewer.
    pub keys: Keys,
    /// The clock.
    pub clock: Clock,
}

impl Sessions {
    /// Returns the layer that loads a request's session from its cookie.
    #[must_use]
    pub fn layer(&self) -> SessionManagerLayer<Store> {
        let https = self.config.origin.is_https();
        SessionManagerLayer::new(Store::new(self.db.clone(), self.clock.clone()))
            .with_name(cookie::name("session", https))
            .with_secure(https)
            .with_same_site(SameSite::Lax)
            .with_expiry(Expiry::OnInactivity(Duration::seconds(LIFE)))
    }
}

/// Middleware that adds the viewer to each request.
pub async fn recognise(
    State(sessions): State<Sessions>,
    mut request: Request,
    next: Next,
) -> Response {
    let (mut viewer, mut told) = (Viewer::Anonymous, None);
    if let Some(id) = request.extensions().get::<Session>().and_then(Session::id) {
        let (parts, body) = request.into_parts();
        let row = sessions.find(&id, &ClientInfo::of(&parts)).await;
        request = Request::from_parts(parts, body);
        let row = match row {
            Ok(row) => row,
            Err(error) => {
                tracing::error!(%error, "a session could not be read");
                return StatusCode::SERVICE_UNAVAILABLE.into_response();
            }
        };
        if let Some(row) = row {
            told = row.done().map(|done| (done, id, row.data.clone()));
            viewer = row.viewer(sessions.config.demo(), sessions.clock.now());
        }
    }
    let verified = matches!(viewer, Viewer::Verified(_));
    let made_for = viewer
        .person()
        .map(|person| PageOwner::person(sessions.keys.viewer(person.id), verified))
        .unwrap_or_default();
    let reads = request.method() == Method::GET;
    if reads && made_for.differs_from_document(request.headers()) {
        return page_owner::full_reload(request.uri());
    }
    if reads
        && !request.uri().path().starts_with("/api/")
        && let Some((done, id, data)) = told
    {
        request.extensions_mut().insert(done.flash());
        sessions.said(&id, &data).await;
    }
    request.extensions_mut().insert(viewer);
    request.extensions_mut().insert(made_for);
    next.run(request).await
}

#[derive(Debug, FromQueryResult)]
struct Row {
    data: String,
    created_at: Seconds,
    seen_at: Seconds,
    account_id: Option<i64>,
    username: Option<String>,
    demo: Option<bool>,
    role: Option<String>,
    suspended: bool,
    password_at: Seconds,
    recovered_at: Seconds,
    #[sea_orm(from_alias = "must_change_password")]
    password_given: Option<bool>,
    has_number: bool,
    verified: bool,
}

impl Row {
    /// Returns the flash message waiting for the next page.
    fn done(&self) -> Option<Flash> {
        let data: HashMap<String, serde_json::Value> = serde_json::from_str(&self.data).ok()?;
        serde_json::from_value(data.get(DONE)?.clone()).ok()
    }

    /// Whether a timestamp lies in the future: the clock ran ahead and has been corrected.
    fn is_in_future(&self, now: Seconds) -> bool {
        self.created_at
            .max(self.seen_at)
            .max(self.password_at)
            .max(self.recovered_at)
            > now
    }

    fn set_back(self, now: Seconds) -> Self {
        let [created_at, seen_at] = [self.created_at, self.seen_at].map(|at| at.min(now));
        let [password_at, recovered_at] =
            [self.password_at, self.recovered_at].map(|at| at.min(now));
        Self {
            created_at,
            seen_at,
            password_at,
            recovered_at,
            ..self
        }
    }

    fn viewer(self, demo: bool, now: Seconds) -> Viewer {
        let Some((id, username)) = self.account_id.zip(self.username) else {
            return Viewer::Anonymous;
        };
        // The demo password is public, so its account exists only in the demo.
        if self.suspended || (self.demo == Some(true) && !demo) {
            return Viewer::Anonymous;
        }
        let admin = self.role.as_deref() == Some(ADMIN);
        let password_recent = now - self.password_at <= PASSWORD_RECENT_FOR;
        let recovered = now - self.recovered_at <= RECOVERY_VALID_FOR;
        let (has_number, password_given) = (self.has_number, self.password_given == Some(true));
        let person = Person {
            id,
            username,
            has_number,
            admin,
            password_recent,
            password_given,
            recovered,
        };
        if self.verified {
            Viewer::Verified(person)
        } else {
            Viewer::LoggedIn(person)
        }
    }
}

impl Sessions {
    async fn find(&self, id: &Id, client_info: &ClientInfo) -> Result<Option<Row>, DbErr> {
        let now = self.clock.now();
        let sql = "SELECT session.data, session.seen_at, session.account_id, session.password_at, session.recovered_at,
                          account.username, account.demo, account.role, account.must_change_password,
                          session.created_at, account.suspended_reason IS NOT NULL AS suspended,
                          account.number_mac IS NOT NULL AS has_number,
                          COALESCE(session.number_mac = account.number_mac, FALSE) AS verified
                   FROM session LEFT JOIN account ON account.id = session.account_id
                   WHERE session.id = $1 AND session.seen_at > $2 AND session.created_at > $3";
        let values = [hash(id).into(), (now - IDLE).into(), (now - LIFE).into()];
        let row = Row::find_by_statement(statement(self.db.read(), sql, values))
            .one(self.db.read())
            .await?;
        if row.as_ref().is_some_and(|row| row.is_in_future(now)) {
            let earlier =
                |column| format!("{column} = CASE WHEN {column} > $2 THEN $2 ELSE {column} END");
            let columns = ["created_at", "seen_at", "password_at", "recovered_at"]
                .map(earlier)
                .join(", ");
            self.note(
                &format!("UPDATE session SET {columns} WHERE id = $1"),
                [hash(id).into(), now.into()],
            )
            .await;
            return Ok(row.map(|row| row.set_back(now)));
        }
        if row
            .as_ref()
            .is_some_and(|row| now - row.seen_at >= SEEN_PRECISION)
        {
            let values = [
                (now - now % SEEN_PRECISION).into(),
                hash(id).into(),
                client_info.ip_prefix.as_str().into(),
                client_info.browser.as_str().into(),
            ];
            self.note(
                "UPDATE session SET seen_at = $1, ip_prefix = $3, browser = $4 WHERE id = $2",
                values,
            )
            .await;
        }
        Ok(row)
    }

    /// Deletes a flash message that was shown. The data holds nothing else.
    async fn said(&self, id: &Id, data: &str) {
        self.note(
            "UPDATE session SET data = '{}' WHERE id = $1 AND data = $2",
            [hash(id).into(), data.into()],
        )
        .await;
    }

    /// Writes to the session while a page is read. The page is served even if the write fails.
    async fn note(&self, sql: &str, values: impl IntoIterator<Item = Value>) {
        match timeout(WRITE_TIMEOUT, execute(self.db.write(), sql, values)).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => tracing::warn!(%error, "a session was not written to"),
            Err(_) => tracing::warn!("a session could not be written to in time"),
        }
    }
}

/// Returns the database key of a request's session.
#[must_use]
pub fn key_of(parts: &Parts) -> Option<Vec<u8>> {
    parts.extensions.get::<Session>()?.id().as_ref().map(hash)
}

#[expect(clippy::needless_pass_by_value, reason = "passed to map_err by name")]
pub(super) fn failed(error: tower_sessions::session::Error) -> DbErr {
    DbErr::Custom(error.to_string())
}

/// How long a page waits for a write to its session.
pub(crate) const WRITE_TIMEOUT: std::time::Duration = std::time::Duration::from_millis(500);
