//! The password, typed again inside a session: compared under the limits of a login, wherever a form asks for it.

use leptos::prelude::expect_context;
use sea_orm::DbErr;
use thiserror::Error;

use crate::accounts::audit::{AuditEvent, AuditKind, ClientInfo};
use crate::accounts::limits::passwords::Guess;
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

/// What comparing needs.
#[derive(Clone, Debug)]
pub struct Reauthenticator {
    /// Where the rows are.
    pub db: Db,
    /// For passwords.
    pub hasher: Hasher,
    /// When the request came.
    pub now: Seconds,
    /// What limits count by.
    pub address: ClientIp,
    /// Where the request comes from.
    pub visit: ClientInfo,
}

/// Why a password was not taken for the account's own.
#[derive(Debug, Error)]
pub enum ReauthenticationError {
    /// Nothing was typed.
    #[error("Enter your password.")]
    Empty,
    /// Another one.
    #[error("That is not your password. Please try again.")]
    Wrong,
    /// A limit.
    #[error(transparent)]
    LimitError(#[from] LimitError),
    /// Too many at once.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The session or the account has ended meanwhile.
    #[error("You were logged out meanwhile.")]
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
            ReauthenticationError::LimitError(too_often) => {
                too_often.refusal("Too many passwords were wrong.")
            }
            ReauthenticationError::Busy(busy) => busy.into(),
            ReauthenticationError::LoggedOut => Self::LogIn,
            ReauthenticationError::Database(error) => error.into(),
        }
    }
}

impl Reauthenticator {
    /// From the context of a server function.
    #[must_use]
    pub fn from_context() -> Self {
        let ctx = Ctx::from_context();
        Self {
            now: ctx.now(),
            db: ctx.db,
            hasher: expect_context(),
            address: ctx.address,
            visit: ClientInfo::from_context(),
        }
    }

    /// Compares what was typed with the person's password; right, it tells the hash that it was compared with.
    ///
    /// # Errors
    /// Why it is not taken for theirs.
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
        // This device has a session, so the account has logged in on it.
        let guess = Guess {
            name: &name,
            address: &self.address,
            known: true,
        };
        let counted = passwords::password_try(&self.db, guess, self.now).await??;
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
            &self.visit,
            self.now,
        )
        .await?;
        Err(ReauthenticationError::Wrong)
    }

    /// Notes in the session that the password was typed just now; the session goes on under a new id.
    ///
    /// # Errors
    /// When it has ended meanwhile, or the database fails.
    pub async fn note(
        &self,
        person: &Person,
        session: &CurrentSession,
    ) -> Result<(), ReauthenticationError> {
        let transaction = self.db.begin().await?;
        let new = session
            .password_typed(&transaction, person.id, self.now)
            .await?
            .ok_or(ReauthenticationError::LoggedOut)?;
        transaction.commit().await?;
        Ok(session.move_to(&new).await?)
    }
}
