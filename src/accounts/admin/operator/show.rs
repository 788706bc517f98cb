//! Shows one account: everything about it that helps its owner, and no number.

use sea_orm::{DbErr, FromQueryResult};

use crate::accounts::admin::commands::AccountAdmin;
use crate::accounts::admin::error::OperatorError;
use crate::accounts::admin::pages::ManagedAccount;
use crate::accounts::sessions::{active_sessions, trusted_browsers};
use crate::platform::clock::Seconds;
use crate::platform::db::statement;

/// An account as shown to the operator.
#[derive(Clone, Debug)]
pub struct AccountDetails {
    /// The account's ID, which is never shown.
    pub id: i64,
    /// What admins see of it.
    pub account: ManagedAccount,
    /// When the password was chosen.
    pub password_at: Seconds,
    /// Whether the password was set by the operator and must still be changed.
    pub must_change_password: bool,
    /// Its second factors.
    pub factors: FactorCounts,
    /// How many sessions are open.
    pub sessions: usize,
    /// How many browsers it trusts.
    pub trusted_browsers: usize,
}

/// How many second factors an account has, besides codes to its number.
#[derive(Clone, Debug, Default, FromQueryResult)]
pub struct FactorCounts {
    /// Authenticator apps: one at most.
    pub apps: i64,
    /// Passkeys.
    pub passkeys: i64,
    /// Unused recovery codes.
    pub recovery_codes: i64,
}

impl AccountAdmin {
    /// Returns an account with what belongs to it.
    ///
    /// # Errors
    /// If the account doesn't exist.
    pub async fn show(&self, name: &str) -> Result<AccountDetails, OperatorError> {
        let account = self.find(name).await?;
        let (db, id) = (self.db.read(), account.id);
        Ok(AccountDetails {
            id,
            password_at: account.password_at,
            must_change_password: account.must_change_password,
            factors: self.factors(id).await?,
            sessions: active_sessions::open(db, id, self.now).await?.len(),
            trusted_browsers: trusted_browsers::list(db, id, self.now).await?.len(),
            account: account.into(),
        })
    }

    async fn factors(&self, id: i64) -> Result<FactorCounts, DbErr> {
        let sql = "SELECT (SELECT COUNT(*) FROM authenticator WHERE account_id = $1 AND secret IS NOT NULL) AS apps,
                          (SELECT COUNT(*) FROM passkey WHERE account_id = $1) AS passkeys,
                          (SELECT COUNT(*) FROM recovery_code WHERE account_id = $1) AS recovery_codes";
        let counts = FactorCounts::find_by_statement(statement(self.db.read(), sql, [id.into()]));
        Ok(counts.one(self.db.read()).await?.unwrap_or_default())
    }
}
