//! Lists and ends the sessions of an account.

use crate::accounts::admin::commands::AccountAdmin;
use crate::accounts::admin::error::OperatorError;
use crate::accounts::audit::AuditKind;
use crate::accounts::sessions::active_sessions;
use crate::accounts::sessions::active_sessions::Open;
use crate::accounts::sessions::current::end_others;
use crate::platform::db::Lock;

impl AccountAdmin {
    /// Returns the open sessions of an account, last seen first.
    ///
    /// # Errors
    /// If the account doesn't exist.
    pub async fn sessions(&self, name: &str) -> Result<Vec<Open>, OperatorError> {
        let account = self.find(name).await?;
        let mut sessions = active_sessions::open(self.db.read(), account.id, self.now).await?;
        sessions.sort_by_key(|session| (-session.seen_at, -session.created_at));
        Ok(sessions)
    }

    /// Ends all sessions of an account and returns how many were open. Browsers that it trusts stay
    /// trusted: they need the password.
    ///
    /// # Errors
    /// If the account doesn't exist.
    pub async fn end_sessions(&self, name: &str) -> Result<usize, OperatorError> {
        let account = self.find(name).await?;
        let transaction = self.db.begin().await?;
        Lock::Account(account.id).wait(&transaction).await?;
        let open = active_sessions::open(&transaction, account.id, self.now).await?;
        end_others(&transaction, account.id, None).await?;
        if !open.is_empty() {
            let what = AuditKind::LoggedOutByOperator;
            self.record(&transaction, account.id, what, "").await?;
        }
        transaction.commit().await?;
        Ok(open.len())
    }
}
