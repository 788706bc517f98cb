//! What whoever runs the site does to accounts, from the command line or from the pages for it. All of it is remembered in the account.

use sea_orm::DbErr;
use thiserror::Error;

use crate::accounts::audit::{AuditEvent, AuditKind, ClientInfo};
use crate::accounts::names::username::{Username, UsernameError};
use crate::accounts::passwords::password::{Busy, Hasher, Password};
use crate::accounts::sessions::{session, trusted_browsers};
use crate::accounts::store::{ADMIN, MEMBER, Maker, account};
use crate::accounts::viewer::Person;
use crate::accounts::{audit, limits, store};
use crate::platform::clock::Seconds;
use crate::platform::db::Db;
use crate::web::context::Ctx;
use crate::web::hypermedia::outcome::Refusal;

/// Why nothing was done.
#[derive(Debug, Error)]
pub enum OperatorError {
    /// There is nobody of this name.
    #[error("there is no account \"{0}\"")]
    Nobody(String),
    /// There is somebody of this name already.
    #[error("there is an account \"{0}\" already")]
    Taken(String),
    /// It is none.
    #[error(transparent)]
    Name(#[from] UsernameError),
    /// Nobody would know why.
    #[error("a suspension needs a reason of 1 to 200 characters; its owner reads it")]
    Reason,
    /// The password could not be hashed.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The database failed.
    #[error("DATABASE_URL: {0}")]
    Database(#[from] DbErr),
}

/// The operator, with what the commands need. Each says what it did.
#[derive(Clone, Debug)]
pub struct Operator {
    /// Where the rows are.
    pub db: Db,
    /// The time.
    pub now: Seconds,
}

impl Operator {
    /// Makes an account with a password that is told this once.
    ///
    /// # Errors
    /// When the name is none, or taken.
    pub async fn create(
        &self,
        hasher: &Hasher,
        name: &str,
        admin: bool,
    ) -> Result<String, OperatorError> {
        let name = Username::parse(name)?;
        let (password, text) = Password::made();
        let hash = hasher.hash(password).await?;
        let transaction = self.db.begin().await?;
        let id =
            store::insert_account(&transaction, &name, hash, Maker::Operator, self.now).await?;
        let id = id.ok_or_else(|| OperatorError::Taken(name.as_str().to_owned()))?;
        if admin {
            store::set_role(&transaction, id, ADMIN).await?;
        }
        self.record(&transaction, id, AuditKind::CreatedByOperator, "")
            .await?;
        transaction.commit().await?;
        let role = if admin {
            "looks after the site"
        } else {
            "is a member"
        };
        let name = name.as_str();
        Ok(format!(
            "{name} {role}. The password, told only now, is {text}\nIts owner chooses another after the first log-in."
        ))
    }

    /// Says whether an account looks after the site.
    ///
    /// # Errors
    /// When there is no such account.
    pub async fn set_role(&self, name: &str, admin: bool) -> Result<String, OperatorError> {
        let account = self.find(name).await?;
        let role = if admin { ADMIN } else { MEMBER };
        let transaction = self.db.begin().await?;
        store::set_role(&transaction, account.id, role).await?;
        self.record(&transaction, account.id, AuditKind::RoleChanged, role)
            .await?;
        transaction.commit().await?;
        Ok(format!(
            "{} {} now.",
            account.username,
            if admin {
                "looks after the site"
            } else {
                "is a member"
            }
        ))
    }

    /// Gives an account another password, told this once, for somebody who has forgotten theirs. The number is asked for as ever. All
    /// its sessions end.
    ///
    /// # Errors
    /// When there is no such account.
    pub async fn reset_password(
        &self,
        hasher: &Hasher,
        name: &str,
    ) -> Result<String, OperatorError> {
        let account = self.find(name).await?;
        let (password, text) = Password::made();
        let hash = hasher.hash(password).await?;
        let transaction = self.db.begin().await?;
        store::take_turn_of(&transaction, account.id).await?;
        store::give_password(&transaction, account.id, hash, self.now).await?;
        session::end_others(&transaction, account.id, None).await?;
        trusted_browsers::forget_all(&transaction, account.id).await?;
        self.record(&transaction, account.id, AuditKind::PasswordReset, "")
            .await?;
        transaction.commit().await?;
        let name = account.username;
        Ok(format!(
            "The password of {name}, told only now, is {text}\nIts owner chooses another after the next log-in."
        ))
    }

    /// Takes the number off an account, for somebody who cannot get a code there any more; all its sessions end. Somebody who has none
    /// yet begins again with codes.
    ///
    /// # Errors
    /// When there is no such account.
    pub async fn reset_phone(&self, name: &str) -> Result<String, OperatorError> {
        let account = self.find(name).await?;
        let transaction = self.db.begin().await?;
        store::take_turn_of_numbers(&transaction).await?;
        store::take_turn_of(&transaction, account.id).await?;
        let had_one = store::take_number(&transaction, account.id).await?;
        limits::forget_wrong_codes(&transaction, account.id).await?;
        let what = if had_one {
            AuditKind::NumberReset
        } else {
            AuditKind::CodesForgotten
        };
        self.record(&transaction, account.id, what, "").await?;
        if !had_one {
            // Whoever is stuck before the first number goes on where they are.
            transaction.commit().await?;
            return Ok(format!(
                "{} has no number; the code that was out and the wrong ones are forgotten.",
                account.username
            ));
        }
        session::end_others(&transaction, account.id, None).await?;
        trusted_browsers::forget_all(&transaction, account.id).await?;
        transaction.commit().await?;
        Ok(format!(
            "{} has no number now and proves one after the next log-in.",
            account.username
        ))
    }

    /// Lets nobody into an account, and ends its sessions. Its owner is told the reason after typing the right password.
    ///
    /// # Errors
    /// When there is no such account, or no reason.
    pub async fn suspend(&self, name: &str, reason: &str) -> Result<String, OperatorError> {
        let reason = reason.trim();
        if !(1..=200).contains(&reason.chars().count()) || reason.chars().any(char::is_control) {
            return Err(OperatorError::Reason);
        }
        let account = self.find(name).await?;
        let transaction = self.db.begin().await?;
        store::take_turn_of(&transaction, account.id).await?;
        store::set_suspended(&transaction, account.id, Some(reason)).await?;
        let ended = session::end_others(&transaction, account.id, None).await?;
        trusted_browsers::forget_all(&transaction, account.id).await?;
        self.record(&transaction, account.id, AuditKind::Suspended, reason)
            .await?;
        transaction.commit().await?;
        Ok(format!(
            "{} is suspended; log-ins ended: {ended}.",
            account.username
        ))
    }

    /// The operator in the request that is being answered: an account that looks after the site.
    #[must_use]
    pub fn from_context() -> Self {
        let ctx = Ctx::from_context();
        Self {
            now: ctx.now(),
            db: ctx.db,
        }
    }

    /// Lets nobody into an account, as one who looks after the site asked. Others who do are out of reach: they could shut each
    /// other out.
    ///
    /// # Errors
    /// When there is no such account, or it looks after the site itself.
    pub async fn suspend_for(
        &self,
        admin: &Person,
        name: &str,
        reason: &str,
    ) -> Result<(), Refusal> {
        let account = self.meant(name).await?;
        if account.role == ADMIN {
            return Err(Refusal::form(
                "An account that looks after the site is suspended at the command line.",
            ));
        }
        let transaction = self.db.begin().await?;
        store::take_turn_of(&transaction, account.id).await?;
        store::set_suspended(&transaction, account.id, Some(reason)).await?;
        session::end_others(&transaction, account.id, None).await?;
        trusted_browsers::forget_all(&transaction, account.id).await?;
        self.told(&transaction, account.id, AuditKind::Suspended, reason)
            .await?;
        self.done(
            &transaction,
            admin,
            AuditKind::SuspendedAccount,
            &format!("{}: {reason}", account.username),
        )
        .await?;
        Ok(transaction.commit().await?)
    }

    /// Opens an account again, as one who looks after the site asked.
    ///
    /// # Errors
    /// When there is no such account, or it is open.
    pub async fn restore_for(&self, admin: &Person, name: &str) -> Result<(), Refusal> {
        let account = self.meant(name).await?;
        if account.suspended_reason.is_none() {
            return Err(Refusal::form("This account is not suspended."));
        }
        let transaction = self.db.begin().await?;
        store::set_suspended(&transaction, account.id, None).await?;
        self.told(&transaction, account.id, AuditKind::Restored, "")
            .await?;
        self.done(
            &transaction,
            admin,
            AuditKind::RestoredAccount,
            &account.username,
        )
        .await?;
        Ok(transaction.commit().await?)
    }

    async fn meant(&self, name: &str) -> Result<account::Model, Refusal> {
        store::find_by_name(self.db.write(), name)
            .await?
            .ok_or(Refusal::NotFound)
    }

    /// What its owner reads: that it was done, and not from where.
    async fn told(
        &self,
        db: &impl sea_orm::ConnectionTrait,
        id: i64,
        what: AuditKind,
        detail: &str,
    ) -> Result<(), DbErr> {
        audit::record(
            db,
            AuditEvent {
                detail,
                ..AuditEvent::of(id, what)
            },
            &ClientInfo::default(),
            self.now,
        )
        .await
    }

    async fn done(
        &self,
        db: &impl sea_orm::ConnectionTrait,
        admin: &Person,
        what: AuditKind,
        detail: &str,
    ) -> Result<(), DbErr> {
        audit::record(
            db,
            AuditEvent {
                detail,
                ..AuditEvent::of(admin.id, what)
            },
            &ClientInfo::from_context(),
            self.now,
        )
        .await
    }

    /// Opens a suspended account again.
    ///
    /// # Errors
    /// When there is no such account.
    pub async fn restore(&self, name: &str) -> Result<String, OperatorError> {
        let account = self.find(name).await?;
        if account.suspended_reason.is_none() {
            return Ok(format!(
                "{} is not suspended; nothing was changed.",
                account.username
            ));
        }
        let transaction = self.db.begin().await?;
        store::set_suspended(&transaction, account.id, None).await?;
        self.record(&transaction, account.id, AuditKind::Restored, "")
            .await?;
        transaction.commit().await?;
        Ok(format!("{} can log in again.", account.username))
    }

    async fn find(&self, name: &str) -> Result<account::Model, OperatorError> {
        store::find_by_name(self.db.write(), name)
            .await?
            .ok_or_else(|| OperatorError::Nobody(name.to_owned()))
    }

    async fn record(
        &self,
        db: &impl sea_orm::ConnectionTrait,
        id: i64,
        what: AuditKind,
        detail: &str,
    ) -> Result<(), DbErr> {
        audit::record(
            db,
            AuditEvent {
                detail,
                ..AuditEvent::of(id, what)
            },
            &ClientInfo::operator(),
            self.now,
        )
        .await
    }
}
