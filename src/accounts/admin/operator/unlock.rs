//! Clears wrong passwords and codes, so that the owner of an account need not wait.

use crate::accounts::admin::commands::AccountAdmin;
use crate::accounts::admin::error::OperatorError;
use crate::accounts::audit::AuditKind;
use crate::accounts::limits;
use crate::accounts::limits::passwords;
use crate::accounts::names::confusables;
use crate::web::number::of;

impl AccountAdmin {
    /// Clears the wrong passwords and codes of an account. Limits of IP addresses stay.
    ///
    /// # Errors
    /// If the account doesn't exist.
    pub async fn unlock(&self, name: &str) -> Result<String, OperatorError> {
        let account = self.find(name).await?;
        let name = account.username;
        let transaction = self.db.begin().await?;
        // Wrong passwords are counted by what was typed as the name.
        let passwords = passwords::clear(&transaction, &confusables::folded(&name)).await?;
        let codes = limits::forget_wrong_codes(&transaction, account.id).await?;
        let codes = i64::try_from(codes).unwrap_or(i64::MAX);
        if passwords == 0 && codes == 0 {
            return Ok(format!(
                "{name} has no wrong passwords or codes; nothing changed."
            ));
        }
        let what = AuditKind::Unlocked;
        self.record(&transaction, account.id, what, "").await?;
        transaction.commit().await?;
        Ok(format!(
            "{name} can try again now: cleared {} and {}.",
            of(passwords, "wrong password"),
            of(codes, "wrong code")
        ))
    }
}
