//! Suspends and restores accounts, from the command line and the admin pages.

use crate::accounts::admin::commands::AccountAdmin;
use crate::accounts::admin::error::OperatorError;
use crate::accounts::audit::AuditKind;
use crate::accounts::sessions::current::end_others;
use crate::accounts::sessions::trusted_browsers;
use crate::accounts::store;
use crate::accounts::store::ADMIN;
use crate::accounts::viewer::Person;
use crate::platform::db::Lock;
use crate::platform::text::Line;
use crate::web::hypermedia::outcome::Refusal;

/// Maximum length of a reason, in characters.
const REASON: usize = 200;

/// What an admin reads whose reason can't be used.
pub const NO_REASON: &str = "Enter a reason of up to 200 characters. The person will see it.";

/// Parses the reason in an admin's form. The person it affects reads it.
///
/// # Errors
/// If it is blank, too long or has control characters.
pub fn reason(typed: &str) -> Result<String, Refusal> {
    readable(typed).ok_or_else(|| Refusal::field("reason", NO_REASON))
}

/// Parses a reason; `None` if it is blank, too long or has control characters.
#[must_use]
pub fn readable(reason: &str) -> Option<String> {
    let reason = Line::parse(reason, REASON).ok()?;
    (!reason.is_blank()).then(|| reason.into())
}

impl AccountAdmin {
    /// Suspends an account and ends its sessions. Its owner sees the reason after entering the
    /// right password.
    ///
    /// # Errors
    /// If the account doesn't exist, or the reason is missing, too long or has control characters.
    pub async fn suspend(&self, name: &str, reason: &str) -> Result<String, OperatorError> {
        let reason = &*readable(reason).ok_or(OperatorError::Reason)?;
        let account = self.find(name).await?;
        let transaction = self.db.begin().await?;
        Lock::Account(account.id).wait(&transaction).await?;
        store::set_suspended(&transaction, account.id, Some(reason)).await?;
        let ended = end_others(&transaction, account.id, None).await?;
        trusted_browsers::forget_all(&transaction, account.id).await?;
        self.record(&transaction, account.id, AuditKind::Suspended, reason)
            .await?;
        transaction.commit().await?;
        Ok(format!(
            "{} is suspended; sessions ended: {ended}.",
            account.username
        ))
    }

    /// Suspends an account on behalf of an admin. Admins can't be suspended this way; otherwise
    /// they could lock each other out.
    ///
    /// # Errors
    /// If the account doesn't exist or is an admin's.
    pub async fn suspend_as_admin(
        &self,
        admin: &Person,
        name: &str,
        reason: &str,
    ) -> Result<(), Refusal> {
        let account = self.find_or_not_found(name).await?;
        if account.role == ADMIN {
            return Err(Refusal::form(
                "Admin accounts can only be suspended from the command line.",
            ));
        }
        let transaction = self.db.begin().await?;
        Lock::Account(account.id).wait(&transaction).await?;
        store::set_suspended(&transaction, account.id, Some(reason)).await?;
        end_others(&transaction, account.id, None).await?;
        trusted_browsers::forget_all(&transaction, account.id).await?;
        self.record_for_owner(&transaction, account.id, AuditKind::Suspended, reason)
            .await?;
        self.record_for_admin(
            &transaction,
            admin,
            AuditKind::SuspendedAccount,
            &format!("{}: {reason}", account.username),
        )
        .await?;
        Ok(transaction.commit().await?)
    }

    /// Restores a suspended account on behalf of an admin.
    ///
    /// # Errors
    /// If the account doesn't exist or isn't suspended.
    pub async fn restore_as_admin(&self, admin: &Person, name: &str) -> Result<(), Refusal> {
        let account = self.find_or_not_found(name).await?;
        if account.suspended_reason.is_none() {
            return Err(Refusal::form("This account isn't suspended."));
        }
        let transaction = self.db.begin().await?;
        store::set_suspended(&transaction, account.id, None).await?;
        self.record_for_owner(&transaction, account.id, AuditKind::Restored, "")
            .await?;
        self.record_for_admin(
            &transaction,
            admin,
            AuditKind::RestoredAccount,
            &account.username,
        )
        .await?;
        Ok(transaction.commit().await?)
    }

    /// Restores a suspended account.
    ///
    /// # Errors
    /// If the account doesn't exist.
    pub async fn restore(&self, name: &str) -> Result<String, OperatorError> {
        let account = self.find(name).await?;
        if account.suspended_reason.is_none() {
            return Ok(format!(
                "{} isn't suspended; nothing changed.",
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
}
