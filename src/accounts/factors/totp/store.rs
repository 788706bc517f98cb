//! Database access for authenticator apps.
//!
//! Each code is accepted once: the account's row holds the step of the last code, and a single
//! statement moves it forward.

use std::sync::Arc;

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use crate::accounts::audit::{AuditEvent, AuditKind, ClientInfo};
use crate::accounts::code::Code;
use crate::accounts::factors::totp::algorithm;
use crate::accounts::factors::totp::algorithm::TotpSecret;
use crate::accounts::factors::totp::error::TotpError;
use crate::accounts::limits::Limit;
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

/// How long a new secret waits for its first code: ten minutes.
const PENDING_TTL: Seconds = 600;

/// Authenticator app operations, with their dependencies.
#[derive(Clone, Debug)]
pub struct TotpStore {
    db: Db,
    keys: Keys,
    config: Arc<Config>,
    now: Seconds,
    client_info: ClientInfo,
}

/// State of an account's authenticator app.
#[derive(Clone, Debug, Default)]
pub struct TotpState {
    /// When the app was set up, if there is one.
    pub since: Option<Seconds>,
    /// New secret that awaits its first code: for typing, and as an `otpauth` URI.
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

    /// Returns the state of the account's app.
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
            .filter(|_| row.pending_at > self.now - PENDING_TTL)?;
        self.keys
            .open_secret(person.id, pending)
            .map(TotpSecret::from_bytes)
    }

    /// Generates a secret, which takes effect once a code has shown that an app has it. Until then,
    /// an existing app keeps working.
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

    /// Verifies the first code of a new app, which replaces any existing one, and marks the session
    /// as verified.
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
                .drifted_step(code.as_str(), self.now)
                .map_or(TotpError::Wrong, |_| TotpError::ClockDrift)
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

    /// Verifies a code from the account's app, at most once per code, and marks the session as
    /// verified. Returns the trust token for the browser if it should be remembered.
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
        let counted = limits::count_try(&self.db, Limit::AppCode, person.id, self.now).await?;
        let Some(step) = secret.step_of(code.as_str(), self.now) else {
            audit::record(
                self.db.write(),
                AuditEvent::of(person.id, AuditKind::CodeWrong),
                &self.client_info,
                self.now,
            )
            .await?;
            let Some(astray) = secret.drifted_step(code.as_str(), self.now) else {
                return Err(TotpError::Wrong);
            };
            // An early code is reported as matching another time, so it must not be accepted once
            // its step begins.
            let sql = "UPDATE authenticator SET early_step = $2 WHERE account_id = $1 AND last_step < $2 AND early_step < $2";
            execute(self.db.write(), sql, [person.id.into(), astray.into()]).await?;
            return Err(TotpError::ClockDrift);
        };
        // The code was not a guess, even if it was already used.
        counted.give_back(&self.db).await?;
        // A step in the future was recorded by a server clock that ran ahead and has since been
        // corrected.
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
            client_info: &self.client_info,
            now: self.now,
        }
    }

    /// Removes the account's app. Returns whether there was one.
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
                &self.client_info,
                self.now,
            )
            .await?;
        }
        Ok(removed)
    }
}

/// Returns when the account's app was set up, if there is one.
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
