//! Deletes accounts.

use crate::accounts::admin::commands::AccountAdmin;
use crate::accounts::admin::error::OperatorError;
use crate::accounts::audit::ClientInfo;
use crate::accounts::store::deletion;

impl AccountAdmin {
    /// Deletes an account, as its owner can on the account page.
    ///
    /// # Errors
    /// If the account doesn't exist, or its password is changed at the same time.
    pub async fn delete(&self, name: &str) -> Result<String, OperatorError> {
        let account = self.find(name).await?;
        let (id, hash, operator) = (account.id, account.password_hash, ClientInfo::operator());
        let transaction = self.db.begin().await?;
        if !deletion::delete(&transaction, id, &hash, &operator, self.now).await? {
            return Err(OperatorError::Changed(account.username));
        }
        transaction.commit().await?;
        Ok(format!("{} is deleted.", account.username))
    }
}
