//! Data export file: everything an account holds, as JSON, for its owner only.

use axum::Extension;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, LOCATION};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use futures::future::BoxFuture;
use sea_orm::DbErr;
use serde_json::{Value, json};

use crate::accounts::audit::{AuditEvent, AuditKind, ClientInfo};
use crate::accounts::factors::passkeys::store as passkey_store;
use crate::accounts::factors::recovery::codes;
use crate::accounts::factors::totp::store as app_codes;
use crate::accounts::sessions::{active_sessions, trusted_browsers};
use crate::accounts::settings::export;
use crate::accounts::viewer::Viewer;
use crate::accounts::{audit, limits, store};
use crate::platform::clock::{Clock, Seconds};
use crate::platform::crypto::Keys;
use crate::platform::db::Db;
use crate::web::time::machine;

/// Dependencies of the data export.
#[derive(Clone, Debug)]
pub struct DataFile {
    /// Database.
    pub db: Db,
    /// Keys that phone numbers are sealed with.
    pub keys: Keys,
    /// Clock.
    pub clock: Clock,
    /// Returns an account's polls; injected, because accounts must not depend on polls.
    pub polls: fn(Db, i64) -> BoxFuture<'static, Result<Value, DbErr>>,
}

/// Handles `GET` requests for the file. Without a recently typed password, redirects to the page
/// that describes it, which asks for the password.
pub async fn download(
    State(file): State<DataFile>,
    viewer: Option<Extension<Viewer>>,
    parts: Parts,
) -> Response {
    let owner = viewer
        .map(|Extension(viewer)| viewer)
        .unwrap_or_default()
        .admit_owner();
    let Some(person) = owner.ok().filter(|person| person.password_recent) else {
        let back = HeaderValue::from_static(export::PAGE);
        return (
            StatusCode::SEE_OTHER,
            [
                (LOCATION, back),
                (CACHE_CONTROL, HeaderValue::from_static("no-store")),
            ],
        )
            .into_response();
    };
    let data = match file.of(person.id, &ClientInfo::of(&parts)).await {
        Ok(data) => data,
        Err(error) => {
            tracing::error!(%error, "the database failed");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    };
    let headers = [
        (CONTENT_TYPE, "application/json"),
        (
            CONTENT_DISPOSITION,
            "attachment; filename=\"pollstr-data.json\"",
        ),
        (CACHE_CONTROL, "no-store"),
    ];
    (headers, format!("{data:#}\n")).into_response()
}

impl DataFile {
    async fn of(&self, id: i64, client_info: &ClientInfo) -> Result<Value, DbErr> {
        let now = self.clock.now();
        audit::record(
            self.db.write(),
            AuditEvent::of(id, AuditKind::DataDownloaded),
            client_info,
            now,
        )
        .await?;
        let account = store::find_account(self.db.read(), id).await?;
        let account =
            account.ok_or_else(|| DbErr::RecordNotFound("the account is gone".to_owned()))?;
        let number = account
            .number
            .as_ref()
            .and_then(|sealed| self.keys.open_sealed(id, sealed));
        Ok(json!({
            "made_at": machine(now),
            "username": account.username,
            "registered_at": machine(account.created_at),
            "role": account.role,
            "phone_number": number,
            "password_chosen_at": machine(account.password_at),
            "logged_in": self.sessions(id, now).await?,
            "remembered_browsers": self.browsers(id, now).await?,
            "recovery_codes_left": codes::left(self.db.read(), id).await?,
            "authenticator_app_since": app_codes::since(self.db.read(), id).await?.map(machine),
            "passkeys": self.passkeys(id).await?,
            "codes_sent_today": self.codes(id, now).await?,
            "polls": (self.polls)(self.db.clone(), id).await?,
            "happened": self.events(id).await?,
            "votes": "Votes are stored without names, so no one can tell which are yours.",
        }))
    }

    async fn sessions(&self, id: i64, now: Seconds) -> Result<Vec<Value>, DbErr> {
        let session = |row: active_sessions::Open| {
            json!({
                "browser": row.browser,
                "place": row.place,
                "since": machine(row.created_at),
                "last_seen_at": machine(row.seen_at),
            })
        };
        Ok(active_sessions::open(self.db.read(), id, now)
            .await?
            .into_iter()
            .map(session)
            .collect())
    }

    async fn browsers(&self, id: i64, now: Seconds) -> Result<Vec<Value>, DbErr> {
        let browser = |row: trusted_browsers::TrustedBrowser| json!({ "browser": row.browser, "since": machine(row.created_at), "last_used_at": machine(row.used_at) });
        Ok(trusted_browsers::list(self.db.read(), id, now)
            .await?
            .into_iter()
            .map(browser)
            .collect())
    }

    async fn codes(&self, id: i64, now: Seconds) -> Result<Vec<Value>, DbErr> {
        let code = |sent: limits::sends::Sent| json!({ "at": machine(sent.at), "country": sent.country, "asked_for_at": sent.address, "call": sent.voice });
        Ok(limits::sends::recent_sends(self.db.read(), id, now)
            .await?
            .into_iter()
            .map(code)
            .collect())
    }

    async fn passkeys(&self, id: i64) -> Result<Vec<Value>, DbErr> {
        let passkey = |row: passkey_store::Passkey| json!({ "name": row.name, "since": machine(row.created_at), "last_used_at": row.used_at.map(machine) });
        Ok(passkey_store::list(self.db.read(), id)
            .await?
            .into_iter()
            .map(passkey)
            .collect())
    }

    async fn events(&self, id: i64) -> Result<Vec<Value>, DbErr> {
        let event = |past: audit::AuditEntry| json!({ "at": machine(past.at), "what": past.words(), "place": past.ip_prefix, "browser": past.browser });
        Ok(audit::all(self.db.read(), id)
            .await?
            .into_iter()
            .map(event)
            .collect())
    }
}
