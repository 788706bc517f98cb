//! Suspends and restores accounts, on the command line and for admins.

use crate::accounts::admin::commands::Operator;
use crate::accounts::admin::error::OperatorError;
use crate::accounts::audit::AuditKind;
use crate::accounts::sessions::current::end_others;
use crate::accounts::sessions::trusted_browsers;
use crate::accounts::store;
use crate::accounts::store::ADMIN;
use crate::accounts::viewer::Person;
use crate::web::hypermedia::outcome::Refusal;

impl Operator {
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
        let ended = end_others(&transaction, account.id, None).await?;
        trusted_browsers::forget_all(&transaction, account.id).await?;
        self.record(&transaction, account.id, AuditKind::Suspended, reason)
            .await?;
        transaction.commit().await?;
        Ok(format!(
            "{} is suspended; log-ins ended: {ended}.",
            account.username
        ))
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
        end_others(&transaction, account.id, None).await?;
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
}
