//! Setting up an app that makes codes, and taking them.
//!
//! Each code is taken once: the half minute of the last one stands in the account's row, and one statement moves it forward.

use std::sync::Arc;

use leptos::prelude::expect_context;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use thiserror::Error;

use crate::accounts::audit::{Event, Visit, What};
use crate::accounts::code::Code;
use crate::accounts::factors::totp::algorithm;
use crate::accounts::factors::totp::algorithm::Secret;
use crate::accounts::limits::TooOften;
use crate::accounts::sessions::session::Current;
use crate::accounts::sessions::step_up::{Proof, Unproved};
use crate::accounts::sessions::trusted_browsers::Token;
use crate::accounts::viewer::Person;
use crate::accounts::{audit, limits};
use crate::platform::clock::{Clock, Seconds};
use crate::platform::config::Config;
use crate::platform::crypto::Keys;
use crate::platform::db::{Db, execute, statement};
use crate::platform::pasted::CodeError;
use crate::web::hypermedia::outcome::Refusal;

/// How long a secret that was shown waits for its first code: ten minutes.
const PENDING_LIFE: Seconds = 600;

/// What apps need.
#[derive(Clone, Debug)]
pub struct AppCodes {
    db: Db,
    keys: Keys,
    config: Arc<Config>,
    now: Seconds,
    visit: Visit,
}

/// Why a code was not taken.
#[derive(Debug, Error)]
pub enum AppError {
    /// Not six digits.
    #[error("Enter the 6 digits that your app shows.")]
    NotACode,
    /// Several of them.
    #[error("There is more than one code in that. Enter only the one that your app shows now.")]
    SeveralCodes,
    /// Of another time, or another secret.
    #[error(
        "That code is not right. Your app shows a new one every 30 seconds: type the one you see now."
    )]
    Wrong,
    /// Of a few minutes earlier or later.
    #[error(
        "That code is of another time: the clock of your phone seems to be wrong. Set it to automatic, then type the code you see."
    )]
    Astray,
    /// The same again.
    #[error("That code was used already. Please wait for the next one.")]
    Used,
    /// No app is set up, or none waits for its first code.
    #[error("No app is set up.")]
    NoApp,
    /// A limit.
    #[error(transparent)]
    TooOften(#[from] TooOften),
    /// The session has ended meanwhile.
    #[error("You were logged out meanwhile.")]
    LoggedOut,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

impl From<CodeError> for AppError {
    fn from(error: CodeError) -> Self {
        match error {
            CodeError::None => Self::NotACode,
            CodeError::Several => Self::SeveralCodes,
        }
    }
}

impl From<Unproved> for AppError {
    fn from(unproved: Unproved) -> Self {
        match unproved {
            Unproved::Unchanged => Self::Used,
            Unproved::NoNumber => Self::NoApp,
            Unproved::LoggedOut => Self::LoggedOut,
            Unproved::Database(error) => error.into(),
        }
    }
}

impl AppError {
    /// The refusal; without an app, the way to this page.
    #[must_use]
    pub fn refusal(self, without_app: &str) -> Refusal {
        let message = self.to_string();
        match self {
            Self::NotACode | Self::SeveralCodes | Self::Wrong | Self::Astray | Self::Used => {
                Refusal::field("code", message)
            }
            Self::NoApp => Refusal::Elsewhere {
                message,
                path: without_app.to_owned(),
            },
            Self::TooOften(too_often) => too_often.refusal("Too many codes were wrong."),
            Self::LoggedOut => Refusal::LogIn,
            Self::Database(error) => error.into(),
        }
    }
}

/// How an account stands to apps.
#[derive(Clone, Debug, Default)]
pub struct AppState {
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

impl AppCodes {
    /// From the context of a server function.
    #[must_use]
    pub fn now() -> Self {
        let now = expect_context::<Clock>().now();
        Self {
            db: expect_context(),
            keys: expect_context(),
            config: expect_context(),
            now,
            visit: Visit::now(),
        }
    }

    /// How the person's account stands to apps.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn state(&self, person: &Person) -> Result<AppState, DbErr> {
        let Some(row) = find(self.db.read(), person.id).await? else {
            return Ok(AppState::default());
        };
        let since = row.secret.as_ref().map(|_| row.since);
        let pending = self.pending(person, &row).map(|secret| {
            (
                secret.grouped(),
                secret.address(&self.config.brand, &person.username),
            )
        });
        Ok(AppState { since, pending })
    }

    fn pending(&self, person: &Person, row: &Row) -> Option<Secret> {
        let pending = row
            .pending
            .as_ref()
            .filter(|_| row.pending_at > self.now - PENDING_LIFE)?;
        self.keys
            .open_secret(person.id, pending)
            .map(Secret::from_bytes)
    }

    /// Makes a secret, which counts once a code has shown that an app has it. Until then, an app that there was goes on.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn begin(&self, person: &Person) -> Result<(), DbErr> {
        let pending = self.keys.seal_secret(person.id, Secret::new().as_bytes());
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
        session: &Current,
        code: &str,
    ) -> Result<(), AppError> {
        let code = Code::parse(code)?;
        let row = find(self.db.write(), person.id)
            .await?
            .ok_or(AppError::NoApp)?;
        let secret = self.pending(person, &row).ok_or(AppError::NoApp)?;
        let step = secret.step_of(code.as_str(), self.now);
        let step = step.ok_or_else(|| {
            secret
                .step_astray(code.as_str(), self.now)
                .map_or(AppError::Wrong, |_| AppError::Astray)
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
        self.proof(person, session, What::AppSet, false)
            .take(&self.db, change, values)
            .await
            .map(drop)
            .map_err(AppError::from)
    }

    /// Takes a code of the account's app, once; the session is verified by it. Tells what the browser is to keep, if it should be
    /// remembered.
    ///
    /// # Errors
    /// Why it is not taken.
    pub async fn check(
        &self,
        person: &Person,
        session: &Current,
        code: &str,
        remember: bool,
    ) -> Result<Option<Token>, AppError> {
        let code = Code::parse(code)?;
        let row = find(self.db.write(), person.id)
            .await?
            .ok_or(AppError::NoApp)?;
        let sealed = row
            .secret
            .filter(|_| person.has_number)
            .ok_or(AppError::NoApp)?;
        let secret = self
            .keys
            .open_secret(person.id, &sealed)
            .map(Secret::from_bytes)
            .ok_or(AppError::NoApp)?;
        let counted = limits::app_code_try(&self.db, person.id, self.now).await??;
        let Some(step) = secret.step_of(code.as_str(), self.now) else {
            audit::record(
                self.db.write(),
                Event::of(person.id, What::CodeWrong),
                &self.visit,
                self.now,
            )
            .await?;
            let Some(astray) = secret.step_astray(code.as_str(), self.now) else {
                return Err(AppError::Wrong);
            };
            // What is told of a code that is early must not make it good when its time has come.
            let sql = "UPDATE authenticator SET early_step = $2 WHERE account_id = $1 AND last_step < $2 AND early_step < $2";
            execute(self.db.write(), sql, [person.id.into(), astray.into()]).await?;
            return Err(AppError::Astray);
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
        self.proof(person, session, What::AppCodeUsed, remember)
            .take(&self.db, change, values)
            .await
            .map_err(AppError::from)
    }

    fn proof<'a>(
        &'a self,
        person: &'a Person,
        session: &'a Current,
        what: What,
        remember: bool,
    ) -> Proof<'a> {
        Proof {
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
    ///
    /// # Errors
    /// When the database fails.
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
                Event::of(person.id, What::AppRemoved),
                &self.visit,
                self.now,
            )
            .await?;
        }
        Ok(removed)
    }
}

/// Since when an app makes codes for an account, if one does.
///
/// # Errors
/// When the database fails.
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
