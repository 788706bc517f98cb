//! Session middleware: the only file that knows how a browser is recognised.
//!
//! The viewer's identity is stored in columns of the session row, which only conditional statements
//! change, so that a slow request can't bring back an ended session or a lost level. Each step-up
//! gets a new ID.

use std::sync::Arc;

use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use sea_orm::{DbErr, Value};
use tokio::time::timeout;
use tower_sessions::cookie::SameSite;
use tower_sessions::cookie::time::Duration;
use tower_sessions::session::Id;
use tower_sessions::{Expiry, Session, SessionManagerLayer};

use crate::accounts::audit::ClientInfo;
use crate::accounts::sessions::cache::SessionCache;
use crate::accounts::sessions::row::Row;
use crate::accounts::sessions::store::{LIFE, SEEN_PRECISION, Store, hash};
use crate::accounts::viewer::Viewer;
use crate::platform::clock::Clock;
use crate::platform::config::Config;
use crate::platform::crypto::Keys;
use crate::platform::db::{Db, execute};
use crate::web::http::cookie;
use crate::web::hypermedia::page_owner;
use crate::web::hypermedia::page_owner::PageOwner;

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
    /// The sessions of recent requests.
    pub cache: SessionCache,
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
    sessions: &Sessions,
    mut request: Request,
    next: impl AsyncFnOnce(Request) -> Response,
) -> Response {
    let (mut viewer, mut flash) = (Viewer::Anonymous, None);
    if let Some(id) = request.extensions().get::<Session>().and_then(Session::id) {
        let (parts, body) = request.into_parts();
        let row = sessions.find(&id, &parts).await;
        request = Request::from_parts(parts, body);
        let row = match row {
            Ok(row) => row,
            Err(error) => {
                tracing::error!(%error, "a session could not be read");
                return StatusCode::SERVICE_UNAVAILABLE.into_response();
            }
        };
        if let Some(row) = row {
            flash = row.flash().map(|flash| (flash, id, row.data.clone()));
            viewer = row.viewer(sessions.config.demo(), sessions.clock.now());
        }
    }
    let verified = matches!(viewer, Viewer::Verified(_));
    let owner = viewer
        .person()
        .map(|person| PageOwner::person(sessions.keys.viewer(person.id), verified))
        .unwrap_or_default();
    let reads = request.method() == Method::GET;
    if reads && owner.differs_from_document(request.headers()) {
        return page_owner::full_reload(request.uri());
    }
    if reads
        && !request.uri().path().starts_with("/api/")
        && let Some((flash, id, data)) = flash
    {
        request.extensions_mut().insert(flash.message());
        sessions.clear_flash(&id, &data).await;
    }
    request.extensions_mut().insert(viewer);
    request.extensions_mut().insert(owner);
    next(request).await
}

impl Sessions {
    /// Returns the row of a request's session. Reading a page may use what is remembered; anything
    /// else asks the database.
    async fn find(&self, id: &Id, parts: &Parts) -> Result<Option<Arc<Row>>, DbErr> {
        let (key, now) = (hash(id), self.clock.now());
        let reads = parts.method.is_safe() && !parts.uri.path().starts_with("/admin");
        let remembered = self.cache.get(&key).filter(|row| row.is_fresh(now));
        if let Some(row) = remembered.filter(|row| reads && !row.is_admin()) {
            return Ok(Some(row));
        }
        let reading = self.cache.reading();
        let Some(row) = Row::find(&self.db, &key, now).await? else {
            return Ok(None);
        };
        if row.is_in_future(now) {
            let earlier =
                |column| format!("{column} = CASE WHEN {column} > $2 THEN $2 ELSE {column} END");
            let columns = ["created_at", "seen_at", "password_at", "recovered_at"]
                .map(earlier)
                .join(", ");
            self.write_in_time(
                &format!("UPDATE session SET {columns} WHERE id = $1"),
                [key.into(), now.into()],
            )
            .await;
            return Ok(Some(Arc::new(row.set_back(now))));
        }
        if now - row.seen_at >= SEEN_PRECISION {
            let client_info = ClientInfo::of(parts);
            let values = [
                (now - now % SEEN_PRECISION).into(),
                key.into(),
                client_info.ip_prefix.into(),
                client_info.browser.into(),
            ];
            self.write_in_time(
                "UPDATE session SET seen_at = $1, ip_prefix = $3, browser = $4 WHERE id = $2",
                values,
            )
            .await;
            return Ok(Some(Arc::new(row)));
        }
        let row = Arc::new(row);
        self.cache.put(key, Arc::clone(&row), reading);
        Ok(Some(row))
    }

    /// Deletes a flash message that was shown. The data holds nothing else.
    async fn clear_flash(&self, id: &Id, data: &str) {
        self.write_in_time(
            "UPDATE session SET data = '{}' WHERE id = $1 AND data = $2",
            [hash(id).into(), data.into()],
        )
        .await;
    }

    /// Writes to the session while a page is read. The page is served even if the write fails.
    async fn write_in_time(&self, sql: &str, values: impl IntoIterator<Item = Value>) {
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
