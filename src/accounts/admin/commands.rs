//! Operator commands on accounts, from the command line and the admin pages. The audit log of each
//! account records them.

use sea_orm::DbErr;

use crate::accounts::admin::error::OperatorError;
use crate::accounts::audit::{AuditEvent, AuditKind, ClientInfo};
use crate::accounts::names::username::Username;
use crate::accounts::passwords::password::{Hasher, Password};
use crate::accounts::sessions::current::end_others;
use crate::accounts::sessions::trusted_browsers;
use crate::accounts::store::{ADMIN, Creator, MEMBER, account};
use crate::accounts::viewer::Person;
use crate::accounts::{audit, limits, store};
use crate::platform::clock::Seconds;
use crate::platform::db::{Db, Lock};
use crate::web::context::Ctx;
use crate::web::hypermedia::outcome::Refusal;

/// Account commands, with their dependencies. Those of the command line return a message for the
/// operator.
#[derive(Clone, Debug)]
pub struct AccountAdmin {
    /// Database.
    pub db: Db,
    /// Current time.
    pub now: Seconds,
}

impl AccountAdmin {
    /// Creates an account with a generated password, which is shown only once.
    ///
    /// # Errors
    /// If the name is invalid or taken.
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
        let id = store::insert_account(&transaction, &name, hash, Creator::AccountAdmin, self.now)
            .await?;
        let id = id.ok_or_else(|| OperatorError::Taken(name.as_str().to_owned()))?;
        if admin {
            store::set_role(&transaction, id, ADMIN).await?;
        }
        self.record(&transaction, id, AuditKind::CreatedByOperator, "")
            .await?;
        transaction.commit().await?;
        let role = if admin { "is an admin" } else { "is a member" };
        let name = name.as_str();
        Ok(format!(
            "{name} {role}. Password (shown once): {text}\nThey must choose their own when they first log in."
        ))
    }

    /// Makes an account an admin or a member.
    ///
    /// # Errors
    /// If the account doesn't exist.
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
            if admin { "is an admin" } else { "is a member" }
        ))
    }

    /// Replaces the password of an account whose owner forgot it with a generated one, which is
    /// shown only once. All its sessions end. Logging in still takes a code.
    ///
    /// # Errors
    /// If the account doesn't exist.
    pub async fn reset_password(
        &self,
        hasher: &Hasher,
        name: &str,
    ) -> Result<String, OperatorError> {
        let account = self.find(name).await?;
        let (password, text) = Password::made();
        let hash = hasher.hash(password).await?;
        let transaction = self.db.begin().await?;
        Lock::Account(account.id).wait(&transaction).await?;
        store::set_temporary_password(&transaction, account.id, hash, self.now).await?;
        end_others(&transaction, account.id, None).await?;
        trusted_browsers::forget_all(&transaction, account.id).await?;
        self.record(&transaction, account.id, AuditKind::PasswordReset, "")
            .await?;
        transaction.commit().await?;
        let name = account.username;
        Ok(format!(
            "New password for {name} (shown once): {text}\nThey must choose their own at their next login."
        ))
    }

    /// Removes the number of an account whose owner can no longer receive codes there, and ends all
    /// its sessions. If the account has no number yet, clears the pending code and the wrong
    /// attempts instead.
    ///
    /// # Errors
    /// If the account doesn't exist.
    pub async fn reset_phone(&self, name: &str) -> Result<String, OperatorError> {
        let account = self.find(name).await?;
        let transaction = self.db.begin().await?;
        Lock::Numbers.wait(&transaction).await?;
        Lock::Account(account.id).wait(&transaction).await?;
        let had_one = store::remove_number(&transaction, account.id).await?;
        limits::forget_wrong_codes(&transaction, account.id).await?;
        let what = if had_one {
            AuditKind::NumberReset
        } else {
            AuditKind::CodesForgotten
        };
        self.record(&transaction, account.id, what, "").await?;
        if !had_one {
            // Sessions are kept, so that the owner can go on verifying the first number.
            transaction.commit().await?;
            return Ok(format!(
                "{} has no number; cleared any pending code and failed attempts.",
                account.username
            ));
        }
        end_others(&transaction, account.id, None).await?;
        trusted_browsers::forget_all(&transaction, account.id).await?;
        transaction.commit().await?;
        Ok(format!(
            "{} has no number now and must verify one at the next login.",
            account.username
        ))
    }

    /// Reads the dependencies from the context of a server function. The caller must require an
    /// admin.
    #[must_use]
    pub fn from_context() -> Self {
        let ctx = Ctx::from_context();
        Self {
            now: ctx.now(),
            db: ctx.db,
        }
    }

    pub(super) async fn find_or_not_found(&self, name: &str) -> Result<account::Model, Refusal> {
        store::find_by_name(self.db.write(), name)
            .await?
            .ok_or(Refusal::NotFound)
    }

    /// Records an event that the account's owner sees, without the admin's client info.
    pub(super) async fn record_for_owner(
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

    pub(super) async fn record_for_admin(
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
            .ok_or_else(|| OperatorError::NotFound(name.to_owned()))
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
