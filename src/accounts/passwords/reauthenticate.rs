//! Checks the current password again within a session, under the rate limits of a login.

use leptos::prelude::expect_context;
use sea_orm::DbErr;
use thiserror::Error;

use crate::accounts::audit::{AuditEvent, AuditKind, ClientInfo};
use crate::accounts::limits::passwords::PasswordAttempt;
use crate::accounts::limits::{LimitError, passwords};
use crate::accounts::names::confusables;
use crate::accounts::passwords::password::{Busy, Hasher, PasswordCheck};
use crate::accounts::sessions::current::CurrentSession;
use crate::accounts::viewer::Person;
use crate::accounts::{audit, store};
use crate::platform::clock::Seconds;
use crate::platform::db::Db;
use crate::web::context::Ctx;
use crate::web::http::client_ip::ClientIp;
use crate::web::hypermedia::outcome::Refusal;

/// Password check, with its dependencies.
#[derive(Clone, Debug)]
pub struct Reauthenticator {
    /// Database.
    pub db: Db,
    /// Password hasher.
    pub hasher: Hasher,
    /// Time of the request.
    pub now: Seconds,
    /// Client IP, for rate limits.
    pub address: ClientIp,
    /// Client info, for the audit log.
    pub client_info: ClientInfo,
}

/// Reason a retyped password was refused.
#[derive(Debug, Error)]
pub enum ReauthenticationError {
    /// Nothing was typed.
    #[error("Enter your password.")]
    Empty,
    /// The password is wrong.
    #[error("That is not your password. Please try again.")]
    Wrong,
    /// A rate limit was reached.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// Too many passwords are being hashed at the moment.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The session or the account ended in the meantime.
    #[error("You've been logged out.")]
    LoggedOut,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

impl From<ReauthenticationError> for Refusal {
    fn from(error: ReauthenticationError) -> Self {
        match error {
            ReauthenticationError::Empty | ReauthenticationError::Wrong => {
                Self::field("password", error)
            }
            ReauthenticationError::Limit(error) => error.into(),
            ReauthenticationError::Busy(busy) => busy.into(),
            ReauthenticationError::LoggedOut => Self::LogIn,
            ReauthenticationError::Database(error) => error.into(),
        }
    }
}

impl Reauthenticator {
    /// Reads the dependencies from the context of a server function.
    #[must_use]
    pub fn from_context() -> Self {
        let ctx = Ctx::from_context();
        Self {
            now: ctx.now(),
            db: ctx.db,
            hasher: expect_context(),
            address: ctx.address,
            client_info: ClientInfo::from_context(),
        }
    }

    /// Compares what was typed with the person's password. Returns the hash that it matched.
    pub async fn check(
        &self,
        person: &Person,
        typed: &str,
    ) -> Result<String, ReauthenticationError> {
        if typed.is_empty() {
            return Err(ReauthenticationError::Empty);
        }
        let account = store::find_account(self.db.read(), person.id)
            .await?
            .ok_or(ReauthenticationError::LoggedOut)?;
        let name = confusables::folded(&person.username);
        // This browser has a session, so the account has logged in from it.
        let guess = PasswordAttempt {
            name: &name,
            address: &self.address,
            known: true,
        };
        let counted = passwords::count_password(&self.db, guess, self.now).await?;
        let right = self
            .hasher
            .verify(Some(account.password_hash.clone()), typed)
            .await;
        match right {
            Ok(PasswordCheck::Wrong) => {}
            Ok(_) => {
                counted.was_right(&self.db, &name).await?;
                return Ok(account.password_hash);
            }
            Err(busy) => {
                counted.give_back(&self.db).await?;
                return Err(busy.into());
            }
        }
        audit::record(
            self.db.write(),
            AuditEvent::of(person.id, AuditKind::PasswordWrong),
            &self.client_info,
            self.now,
        )
        .await?;
        Err(ReauthenticationError::Wrong)
    }

    /// Records in the session that the password was just typed. The session continues under a new
    /// id.
    ///
    /// # Errors
    /// [`ReauthenticationError::LoggedOut`] if the session ended in the meantime.
    pub async fn note(
        &self,
        person: &Person,
        session: &CurrentSession,
    ) -> Result<(), ReauthenticationError> {
        let transaction = self.db.begin().await?;
        let new = session
            .record_password(&transaction, person.id, self.now)
            .await?
            .ok_or(ReauthenticationError::LoggedOut)?;
        transaction.commit().await?;
        Ok(session.move_to(&new).await?)
    }
}
