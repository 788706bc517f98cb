//! Setting up an app that makes codes, and taking them.
//!
//! Each code is taken once: the half minute of the last one stands in the account's row, and one statement moves it forward.

use std::sync::Arc;

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use crate::accounts::audit::{AuditEvent, AuditKind, ClientInfo};
use crate::accounts::code::Code;
use crate::accounts::factors::totp::algorithm;
use crate::accounts::factors::totp::algorithm::TotpSecret;
use crate::accounts::factors::totp::error::TotpError;
use crate::accounts::sessions::current::CurrentSession;
use crate::accounts::sessions::step_up::StepUp;
use crate::accounts::sessions::trusted_browsers::TrustToken;
use crate::accounts::viewer::Person;
use crate::accounts::{audit, limits};
use crate::platform::clock::Seconds;
use crate::platform::config::Config;
use crate::platform::crypto::Keys;
use crate::platform::db::{Db, execute, statement};
use crate::web::context::Ctx;

/// How long a secret that was shown waits for its first code: ten minutes.
const PENDING_LIFE: Seconds = 600;

/// What apps need.
#[derive(Clone, Debug)]
pub struct TotpStore {
    db: Db,
    keys: Keys,
    config: Arc<Config>,
    now: Seconds,
    visit: ClientInfo,
}

/// How an account stands to apps.
#[derive(Clone, Debug, Default)]
pub struct TotpState {
    /// Since when an app makes codes for it, if one does.
    pub since: Option<Seconds>,
    /// A secret that was shown and waits for its first code: for people, and for apps.
    pub pending: Option<(String, String)>,
}

#[derive(FromQueryResult)]
struct Row {
    secret: Option<Vec<u8>>,
    since: Seconds,
    pending: Option<Vec<u8>>,
    pending_at: Seconds,
}

impl TotpStore {
    /// From the context of a server function.
    #[must_use]
    pub fn from_context() -> Self {
        let ctx = Ctx::from_context();
        let now = ctx.now();
        Self {
            db: ctx.db,
            keys: ctx.keys,
            config: ctx.config,
            now,
            visit: ClientInfo::from_context(),
        }
    }

    /// How the person's account stands to apps.
    pub async fn state(&self, person: &Person) -> Result<TotpState, DbErr> {
        let Some(row) = find(self.db.read(), person.id).await? else {
            return Ok(TotpState::default());
        };
        let since = row.secret.as_ref().map(|_| row.since);
        let pending = self.pending(person, &row).map(|secret| {
            (
                secret.grouped(),
                secret.address(&self.config.brand, &person.username),
            )
        });
        Ok(TotpState { since, pending })
    }

    fn pending(&self, person: &Person, row: &Row) -> Option<TotpSecret> {
        let pending = row
            .pending
            .as_ref()
            .filter(|_| row.pending_at > self.now - PENDING_LIFE)?;
        self.keys
            .open_secret(person.id, pending)
            .map(TotpSecret::from_bytes)
    }

    /// Makes a secret, which counts once a code has shown that an app has it. Until then, an app that there was goes on.
    pub async fn begin(&self, person: &Person) -> Result<(), DbErr> {
        let pending = self
            .keys
            .seal_secret(person.id, TotpSecret::new().as_bytes());
        let sql = "INSERT INTO authenticator (account_id, pending, pending_at) VALUES ($1, $2, $3)
                   ON CONFLICT (account_id) DO UPDATE SET pending = $2, pending_at = $3";
        execute(
            self.db.write(),
            sql,
            [person.id.into(), pending.into(), self.now.into()],
        )
        .await
        .map(drop)
    }

    /// Takes the first code of an app. From now on it is the account's, and the session is verified by it.
    ///
    /// # Errors
    /// Why it is not taken.
    pub async fn confirm(
        &self,
        person: &Person,
        session: &CurrentSession,
        code: &str,
    ) -> Result<(), TotpError> {
        let code = Code::parse(code)?;
        let row = find(self.db.write(), person.id)
            .await?
            .ok_or(TotpError::NoApp)?;
        let secret = self.pending(person, &row).ok_or(TotpError::NoApp)?;
        let step = secret.step_of(code.as_str(), self.now);
        let step = step.ok_or_else(|| {
            secret
                .step_astray(code.as_str(), self.now)
                .map_or(TotpError::Wrong, |_| TotpError::Astray)
        })?;
        let change = "UPDATE authenticator SET secret = pending, pending = NULL, since = $5, last_step = $3, early_step = 0
                      WHERE account_id = $1 AND pending = $2 AND pending_at = $4";
        let values = [
            person.id.into(),
            row.pending.into(),
            step.into(),
            row.pending_at.into(),
            self.now.into(),
        ];
        self.proof(person, session, AuditKind::AppSet, false)
            .take(&self.db, change, values)
            .await
            .map(drop)
            .map_err(TotpError::from)
    }

    /// Takes a code of the account's app, once; the session is verified by it. Tells what the browser is to keep, if it should be
    /// remembered.
    ///
    /// # Errors
    /// Why it is not taken.
    pub async fn check(
        &self,
        person: &Person,
        session: &CurrentSession,
        code: &str,
        remember: bool,
    ) -> Result<Option<TrustToken>, TotpError> {
        let code = Code::parse(code)?;
        let row = find(self.db.write(), person.id)
            .await?
            .ok_or(TotpError::NoApp)?;
        let sealed = row
            .secret
            .filter(|_| person.has_number)
            .ok_or(TotpError::NoApp)?;
        let secret = self
            .keys
            .open_secret(person.id, &sealed)
            .map(TotpSecret::from_bytes)
            .ok_or(TotpError::NoApp)?;
        let counted = limits::app_code_try(&self.db, person.id, self.now).await??;
        let Some(step) = secret.step_of(code.as_str(), self.now) else {
            audit::record(
                self.db.write(),
                AuditEvent::of(person.id, AuditKind::CodeWrong),
                &self.visit,
                self.now,
            )
            .await?;
            let Some(astray) = secret.step_astray(code.as_str(), self.now) else {
                return Err(TotpError::Wrong);
            };
            // What is told of a code that is early must not make it good when its time has come.
            let sql = "UPDATE authenticator SET early_step = $2 WHERE account_id = $1 AND last_step < $2 AND early_step < $2";
            execute(self.db.write(), sql, [person.id.into(), astray.into()]).await?;
            return Err(TotpError::Astray);
        };
        // Used or not, it was no guess.
        counted.give_back(&self.db).await?;
        // A step that no clock can have reached was taken by one that was ahead and has been set right.
        let change = "UPDATE authenticator SET last_step = $3
                      WHERE account_id = $1 AND secret = $2 AND (last_step < $3 OR last_step > $4) AND early_step <> $3";
        let values = [
            person.id.into(),
            sealed.into(),
            step.into(),
            algorithm::latest(self.now).into(),
        ];
        self.proof(person, session, AuditKind::AppCodeUsed, remember)
            .take(&self.db, change, values)
            .await
            .map_err(TotpError::from)
    }

    fn proof<'a>(
        &'a self,
        person: &'a Person,
        session: &'a CurrentSession,
        what: AuditKind,
        remember: bool,
    ) -> StepUp<'a> {
        StepUp {
            person,
            session,
            what,
            detail: "",
            remember,
            visit: &self.visit,
            now: self.now,
        }
    }

    /// Takes the app off the account. False when there was none.
    pub async fn remove(&self, person: &Person) -> Result<bool, DbErr> {
        let removed = execute(
            self.db.write(),
            "DELETE FROM authenticator WHERE account_id = $1",
            [person.id.into()],
        )
        .await?
            == 1;
        if removed {
            audit::record(
                self.db.write(),
                AuditEvent::of(person.id, AuditKind::AppRemoved),
                &self.visit,
                self.now,
            )
            .await?;
        }
        Ok(removed)
    }
}

/// Since when an app makes codes for an account, if one does.
pub async fn since(db: &impl ConnectionTrait, account: i64) -> Result<Option<Seconds>, DbErr> {
    Ok(find(db, account)
        .await?
        .filter(|row| row.secret.is_some())
        .map(|row| row.since))
}

async fn find(db: &impl ConnectionTrait, account: i64) -> Result<Option<Row>, DbErr> {
    let sql = "SELECT secret, since, pending, pending_at FROM authenticator WHERE account_id = $1";
    Row::find_by_statement(statement(db, sql, [account.into()]))
        .one(db)
        .await
}
