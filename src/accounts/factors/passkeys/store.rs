//! Database access for passkeys.
//!
//! Challenges are derived from the session key and not stored. A successful response gives the
//! session a new key, so each challenge works only once. The signature counter is updated in a
//! single statement and never decreases.

use std::sync::Arc;

use data_encoding::{BASE64, HEXLOWER};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use serde_json::{Value, json};

use crate::accounts::audit;
use crate::accounts::audit::{AuditEvent, AuditKind, ClientInfo};
use crate::accounts::factors::passkeys::error::PasskeyError;
use crate::accounts::factors::passkeys::webauthn::RelyingParty;
use crate::accounts::sessions::current::CurrentSession;
use crate::accounts::sessions::step_up::StepUpError;
use crate::accounts::viewer::Person;
use crate::platform::clock::Seconds;
use crate::platform::config::Config;
use crate::platform::crypto::{Keys, digest};
use crate::platform::db::{Db, execute, statement};
use crate::web::context::Ctx;

/// Maximum length of a passkey's name, in characters.
pub(super) const MAX_NAME_LEN: usize = 60;
/// How long the browser waits for the user, in milliseconds.
pub(super) const PATIENCE: u32 = 300_000;

/// Passkey operations, with their dependencies.
#[derive(Clone, Debug)]
pub struct Passkeys {
    pub(super) db: Db,
    pub(super) keys: Keys,
    pub(super) config: Arc<Config>,
    pub(super) now: Seconds,
    pub(super) client_info: ClientInfo,
}

/// A passkey as shown to its owner.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Passkey {
    id: Vec<u8>,
    /// Name given by the owner.
    pub name: String,
    /// When it was added.
    pub created_at: Seconds,
    /// When it was last used, rounded down to five minutes; `None` if never.
    pub used_at: Option<Seconds>,
}

impl Passkey {
    /// Returns a handle that identifies the passkey on a page: part of the hash of its id.
    #[must_use]
    pub fn handle(&self) -> String {
        HEXLOWER.encode(digest(&self.id).get(..8).unwrap_or_default())
    }
}

#[derive(FromQueryResult)]
pub(super) struct Row {
    pub(super) public_key: Vec<u8>,
    pub(super) counter: i64,
    pub(super) name: String,
}

impl Passkeys {
    /// Reads the dependencies from the context of a server function.
    #[must_use]
    pub fn from_context() -> Self {
        let ctx = Ctx::from_context();
        let now = ctx.now();
        Self {
            db: ctx.db,
            keys: ctx.keys,
            config: ctx.config,
            now,
            client_info: ClientInfo::from_context(),
        }
    }

    /// Lists the account's passkeys; `None` if the site's origin doesn't support passkeys.
    pub async fn of(&self, person: &Person) -> Result<Option<Vec<Passkey>>, DbErr> {
        if !self.config.origin.takes_passkeys() {
            return Ok(None);
        }
        list(self.db.read(), person.id).await.map(Some)
    }

    pub(super) fn challenge(
        &self,
        purpose: &str,
        session: &CurrentSession,
    ) -> Result<[u8; 32], PasskeyError> {
        Ok(self
            .keys
            .passkey_challenge(purpose, &session.key().ok_or(PasskeyError::LoggedOut)?))
    }

    pub(super) fn relying_party(&self) -> Result<RelyingParty<'_>, PasskeyError> {
        let origin = &self.config.origin;
        if origin.takes_passkeys() {
            Ok(RelyingParty {
                origin: origin.as_str(),
                id: origin.host(),
            })
        } else {
            Err(PasskeyError::NotHere)
        }
    }

    /// Removes the passkey with this handle. Returns whether there was one.
    pub async fn remove(&self, person: &Person, handle: &str) -> Result<bool, DbErr> {
        let known = list(self.db.write(), person.id).await?;
        let Some(passkey) = known.into_iter().find(|passkey| passkey.handle() == handle) else {
            return Ok(false);
        };
        let sql = "DELETE FROM passkey WHERE id = $1 AND account_id = $2";
        let removed =
            execute(self.db.write(), sql, [passkey.id.into(), person.id.into()]).await? == 1;
        if removed {
            let event = AuditEvent {
                detail: &passkey.name,
                ..AuditEvent::of(person.id, AuditKind::PasskeyRemoved)
            };
            audit::record(self.db.write(), event, &self.client_info, self.now).await?;
        }
        Ok(removed)
    }
}

pub(super) fn otherwise(unproved: StepUpError, unchanged: PasskeyError) -> PasskeyError {
    match unproved {
        StepUpError::Unchanged => unchanged,
        StepUpError::NoNumber => PasskeyError::NoNumber,
        StepUpError::LoggedOut => PasskeyError::LoggedOut,
        StepUpError::Database(error) => error.into(),
    }
}

/// Lists the account's passkeys, oldest first.
pub async fn list(db: &impl ConnectionTrait, account: i64) -> Result<Vec<Passkey>, DbErr> {
    let sql = "SELECT id, name, created_at, used_at FROM passkey WHERE account_id = $1 ORDER BY created_at, id";
    Passkey::find_by_statement(statement(db, sql, [account.into()]))
        .all(db)
        .await
}

/// Decodes a Base64 field filled in by the page's script. Invalid input becomes empty, which is
/// refused later.
#[must_use]
pub fn read(field: &str) -> Vec<u8> {
    BASE64.decode(field.as_bytes()).unwrap_or_default()
}

pub(super) fn bytes(bytes: &[u8]) -> Value {
    json!({ "bytes": BASE64.encode(bytes) })
}

pub(super) fn credentials(known: &[Passkey]) -> Vec<Value> {
    known
        .iter()
        .map(|passkey| json!({ "type": "public-key", "id": bytes(&passkey.id) }))
        .collect()
}
