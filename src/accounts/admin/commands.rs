//! What whoever runs the site does to accounts, from the command line or from the pages for it. All of it is remembered in the account.

use sea_orm::DbErr;

use crate::accounts::admin::error::OperatorError;
use crate::accounts::audit::{AuditEvent, AuditKind, ClientInfo};
use crate::accounts::names::username::Username;
use crate::accounts::passwords::password::{Hasher, Password};
use crate::accounts::sessions::current::end_others;
use crate::accounts::sessions::trusted_browsers;
use crate::accounts::store::{ADMIN, MEMBER, Maker, account};
use crate::accounts::viewer::Person;
use crate::accounts::{audit, limits, store};
use crate::platform::clock::Seconds;
use crate::platform::db::Db;
use crate::web::context::Ctx;
use crate::web::hypermedia::outcome::Refusal;

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
        end_others(&transaction, account.id, None).await?;
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
        end_others(&transaction, account.id, None).await?;
        trusted_browsers::forget_all(&transaction, account.id).await?;
        transaction.commit().await?;
        Ok(format!(
            "{} has no number now and proves one after the next log-in.",
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

    pub(super) async fn meant(&self, name: &str) -> Result<account::Model, Refusal> {
        store::find_by_name(self.db.write(), name)
            .await?
            .ok_or(Refusal::NotFound)
    }

    /// What its owner reads: that it was done, and not from where.
    pub(super) async fn told(
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

    pub(super) async fn done(
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

    pub(super) async fn find(&self, name: &str) -> Result<account::Model, OperatorError> {
        store::find_by_name(self.db.write(), name)
            .await?
            .ok_or_else(|| OperatorError::Nobody(name.to_owned()))
    }

    pub(super) async fn record(
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
