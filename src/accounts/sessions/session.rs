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
use crate::accounts::sessions::flash::Flash;
use crate::accounts::sessions::row::Row;
use crate::accounts::sessions::store::{LIFE, SEEN_PRECISION, Store, hash};
use crate::accounts::viewer::Viewer;
use crate::platform::clock::Clock;
use crate::platform::config::Config;
use crate::platform::crypto::Keys;
use crate::platform::db::{Db, execute};
use crate::web::http::{access_log, cookie};
use crate::web::hypermedia::page_owner;
use crate::web::hypermedia::page_owner::{PageOwner, Remembered};

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
    request: Request,
    next: impl AsyncFnOnce(Request) -> Response,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let flash = match sessions.add_viewer(&mut parts, true).await {
        Ok(flash) => flash,
        Err(unavailable) => return unavailable,
    };
    let reads = parts.method == Method::GET;
    if reads && PageOwner::of(&parts).differs_from_document(&parts.headers) {
        return page_owner::full_reload(&parts.uri);
    }
    if reads
        && !parts.uri.path().starts_with("/api/")
        && let Some((flash, id, data)) = flash
    {
        parts.extensions.insert(flash.message());
        sessions.clear_flash(&id, &data).await;
    }
    next(Request::from_parts(parts, body)).await
}

/// The flash message of a session, its ID, and the data to clear once the message was shown.
type WaitingFlash = (Flash, Id, String);

impl Sessions {
    /// Adds the viewer to a request as the database has them now, in place of the remembered one.
    ///
    /// # Errors
    /// The response when the session can't be read.
    pub async fn recognise_again(&self, parts: &mut Parts) -> Result<(), Response> {
        self.add_viewer(parts, false).await.map(drop)
    }

    async fn add_viewer(
        &self,
        parts: &mut Parts,
        may_remember: bool,
    ) -> Result<Option<WaitingFlash>, Response> {
        let (mut viewer, mut flash) = (Viewer::Anonymous, None);
        if let Some(id) = parts.extensions.get::<Session>().and_then(Session::id) {
            let remembered = self.remembered(&id, parts).filter(|_| may_remember);
            let row = match remembered {
                Some(row) => {
                    parts.extensions.insert(Remembered);
                    Ok(Some(row))
                }
                None => self.find(&id, parts).await,
            };
            let row = row.map_err(|error| {
                tracing::error!(%error, "a session could not be read");
                StatusCode::SERVICE_UNAVAILABLE.into_response()
            })?;
            if let Some(row) = row {
                flash = row.flash().map(|flash| (flash, id, row.data.clone()));
                viewer = row.viewer(self.config.demo(), self.clock.now());
            }
        }
        let verified = matches!(viewer, Viewer::Verified(_));
        let owner = viewer
            .person()
            .map(|person| PageOwner::person(self.keys.viewer(person.id), verified))
            .unwrap_or_default();
        parts.extensions.insert(viewer);
        parts.extensions.insert(owner);
        Ok(flash)
    }

    /// Returns the remembered row of a session. It may serve to read pages, and to look at a ballot
    /// before it is checked in its transaction; admins are never remembered.
    fn remembered(&self, id: &Id, parts: &Parts) -> Option<Arc<Row>> {
        let reads = parts.method.is_safe() && !parts.uri.path().starts_with("/admin");
        if !reads && !access_log::is_ballot(&parts.method, &parts.uri, &parts.extensions) {
            return None;
        }
        let row = self.cache.get(&hash(id))?;
        (row.is_fresh(self.clock.now()) && !row.is_admin()).then_some(row)
    }

    /// Reads the row of a session from the database.
    async fn find(&self, id: &Id, parts: &Parts) -> Result<Option<Arc<Row>>, DbErr> {
        let (key, now) = (hash(id), self.clock.now());
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
