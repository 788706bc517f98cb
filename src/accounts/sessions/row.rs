//! The row of a session joined with its account, and what it says about the viewer.

use std::collections::HashMap;
use std::sync::Arc;

use sea_orm::{DbErr, FromQueryResult};

use crate::accounts::sessions::flash::{DATA_KEY, Flash};
use crate::accounts::sessions::store::{IDLE, LIFE, SEEN_PRECISION};
use crate::accounts::store::ADMIN;
use crate::accounts::viewer::{Person, SealedNumber, Viewer};
use crate::platform::clock::Seconds;
use crate::platform::db::{Db, statement};

/// How long a typed password counts as recent: ten minutes.
const PASSWORD_RECENT_FOR: Seconds = 600;
/// How long after using a recovery code a new number or app can be set: ten minutes.
const RECOVERY_VALID_FOR: Seconds = 600;
/// The data of a session without a flash message.
const NO_DATA: &str = "{}";

#[derive(Debug, Default, FromQueryResult)]
pub(super) struct Row {
    pub(super) data: String,
    created_at: Seconds,
    pub(super) seen_at: Seconds,
    pub(super) account_id: Option<i64>,
    username: Option<String>,
    demo: Option<bool>,
    role: Option<String>,
    suspended: bool,
    password_at: Seconds,
    recovered_at: Seconds,
    #[sea_orm(from_alias = "must_change_password")]
    password_given: Option<bool>,
    number: Option<Vec<u8>>,
    number_mac: Option<Vec<u8>>,
    verified: bool,
}

impl Row {
    /// Reads the row of an open session.
    pub(super) async fn find(db: &Db, key: &[u8], now: Seconds) -> Result<Option<Self>, DbErr> {
        let sql = "SELECT session.data, session.seen_at, session.account_id, session.password_at, session.recovered_at,
                          account.username, account.demo, account.role, account.must_change_password,
                          session.created_at, account.suspended_reason IS NOT NULL AS suspended,
                          account.number, account.number_mac,
                          COALESCE(session.number_mac = account.number_mac, FALSE) AS verified
                   FROM session LEFT JOIN account ON account.id = session.account_id
                   WHERE session.id = $1 AND session.seen_at > $2 AND session.created_at > $3";
        let values = [key.into(), (now - IDLE).into(), (now - LIFE).into()];
        Self::find_by_statement(statement(db.read(), sql, values))
            .one(db.read())
            .await
    }

    /// Whether nothing has to be written to the session, and it has not expired.
    pub(super) fn is_fresh(&self, now: Seconds) -> bool {
        !self.is_in_future(now)
            && now - self.seen_at < SEEN_PRECISION
            && now - self.created_at < LIFE
    }

    pub(super) fn is_admin(&self) -> bool {
        self.role.as_deref() == Some(ADMIN)
    }

    /// Returns the flash message waiting for the next page.
    pub(super) fn flash(&self) -> Option<Flash> {
        if self.data == NO_DATA {
            return None;
        }
        let data: HashMap<String, serde_json::Value> = serde_json::from_str(&self.data).ok()?;
        serde_json::from_value(data.get(DATA_KEY)?.clone()).ok()
    }

    /// Whether a timestamp lies in the future: the clock ran ahead and has been corrected.
    pub(super) fn is_in_future(&self, now: Seconds) -> bool {
        self.created_at
            .max(self.seen_at)
            .max(self.password_at)
            .max(self.recovered_at)
            > now
    }

    pub(super) fn set_back(self, now: Seconds) -> Self {
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

    pub(super) fn viewer(&self, demo: bool, now: Seconds) -> Viewer {
        let Some((id, username)) = self.account_id.zip(self.username.clone()) else {
            return Viewer::Anonymous;
        };
        // The demo password is public, so its account exists only in the demo.
        if self.suspended || (self.demo == Some(true) && !demo) {
            return Viewer::Anonymous;
        }
        let password_recent = now - self.password_at <= PASSWORD_RECENT_FOR;
        let recovered = now - self.recovered_at <= RECOVERY_VALID_FOR;
        let number = self.number.clone().zip(self.number_mac.clone());
        let number = number.map(|(sealed, mac)| SealedNumber { sealed, mac });
        let person = Person {
            id,
            username,
            has_number: number.is_some(),
            number: number.map(Arc::new),
            admin: self.is_admin(),
            password_recent,
            password_given: self.password_given == Some(true),
            recovered,
        };
        if self.verified {
            Viewer::Verified(person)
        } else {
            Viewer::LoggedIn(person)
        }
    }
}
