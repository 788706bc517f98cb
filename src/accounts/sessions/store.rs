//! Session store for tower-sessions.
//!
//! Differs from the stock stores in three ways: `save` only updates, so that a request in flight
//! can't bring a logged-out session back; the ID is stored hashed; and a new ID can take over a row
//! that `current` has already moved to it.

use async_trait::async_trait;
use sea_orm::{ConnectionTrait, DbErr, Value};
use tower_sessions::SessionStore;
use tower_sessions::session::Record;
use tower_sessions::session_store::{Error, Result};

use crate::platform::clock::{Clock, Seconds};
use crate::platform::crypto;
use crate::platform::db::{Db, execute, statement};

pub use tower_sessions::session::Id;

/// Idle timeout of a session: 24 hours, plus the 5 minutes by which `seen_at` may lag.
pub const IDLE: Seconds = 24 * 3_600 + SEEN_PRECISION;
/// Maximum lifetime of a session: 30 days.
pub const LIFE: Seconds = 30 * 24 * 3_600;
/// Precision of `seen_at`: 5 minutes, so that it doesn't reveal when someone voted.
pub const SEEN_PRECISION: Seconds = 300;
/// Key in the session data for the ID that its row has been moved to.
pub const MOVED_TO: &str = "moved_to";

/// Session rows as tower-sessions sees them: an ID and a little data.
#[derive(Clone, Debug)]
pub struct Store {
    db: Db,
    clock: Clock,
}

impl Store {
    /// Creates a store on this database.
    #[must_use]
    pub fn new(db: Db, clock: Clock) -> Self {
        Self { db, clock }
    }

    async fn execute(&self, sql: &str, values: impl IntoIterator<Item = Value>) -> Result<()> {
        execute(self.db.write(), sql, values)
            .await
            .map(drop)
            .map_err(|error| backend(&error))
    }
}

/// Returns the stored form of an ID: reading the database isn't enough to take over a session.
#[must_use]
pub fn hash(id: &Id) -> Vec<u8> {
    crypto::digest(&id.0.to_le_bytes()).to_vec()
}

#[async_trait]
impl SessionStore for Store {
    async fn create(&self, record: &mut Record) -> Result<()> {
        if let Some(moved) = record.data.remove(MOVED_TO) {
            record.id = moved
                .as_str()
                .and_then(|id| id.parse().ok())
                .ok_or_else(|| Error::Decode(MOVED_TO.to_owned()))?;
            return if record.data.is_empty() {
                Ok(())
            } else {
                self.save(record).await
            };
        }
        // Never reuse an ID: after a logout the record still holds the old one.
        record.id = Id::default();
        let now = self.clock.now();
        let now = now - now % SEEN_PRECISION;
        let sql = "INSERT INTO session (id, data, created_at, seen_at) VALUES ($1, $2, $3, $4)";
        self.execute(
            sql,
            [
                hash(&record.id).into(),
                encode(record)?.into(),
                now.into(),
                now.into(),
            ],
        )
        .await
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let sql = "UPDATE session SET data = $1 WHERE id = $2";
        self.execute(sql, [encode(record)?.into(), hash(&record.id).into()])
            .await
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let now = self.clock.now();
        let sql = "SELECT data FROM session WHERE id = $1 AND seen_at > $2 AND created_at > $3";
        let values = [hash(id).into(), (now - IDLE).into(), (now - LIFE).into()];
        let statement = statement(self.db.read(), sql, values);
        let Some(row) = self
            .db
            .read()
            .query_one_raw(statement)
            .await
            .map_err(|error| backend(&error))?
        else {
            return Ok(None);
        };
        let data: String = row.try_get("", "data").map_err(|error| backend(&error))?;
        let data = serde_json::from_str(&data).map_err(|error| Error::Decode(error.to_string()))?;
        // The expiry date of tower-sessions is not used: the row's timestamps decide.
        let expiry_date = time::OffsetDateTime::from_unix_timestamp(now + IDLE)
            .map_err(|error| Error::Decode(error.to_string()))?;
        Ok(Some(Record {
            id: *id,
            data,
            expiry_date,
        }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.execute("DELETE FROM session WHERE id = $1", [hash(id).into()])
            .await
    }
}

fn encode(record: &Record) -> Result<String> {
    serde_json::to_string(&record.data).map_err(|error| Error::Encode(error.to_string()))
}

fn backend(error: &DbErr) -> Error {
    Error::Backend(error.to_string())
}
