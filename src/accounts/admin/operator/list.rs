//! Lists accounts.

use sea_orm::DbErr;

use crate::accounts::admin::commands::AccountAdmin;
use crate::accounts::admin::pages::ManagedAccount;
use crate::accounts::store;
use crate::accounts::store::AccountSearch;

/// Accounts read at once.
const BATCH: u64 = 500;

impl AccountAdmin {
    /// Returns all accounts whose names begin like this, newest first; only suspended ones if so
    /// wanted.
    pub async fn list(
        &self,
        beginning: &str,
        suspended: bool,
    ) -> Result<Vec<ManagedAccount>, DbErr> {
        let (mut accounts, mut before) = (Vec::new(), None);
        loop {
            let wanted = AccountSearch {
                beginning: beginning.trim(),
                suspended,
                before,
                limit: BATCH,
            };
            let found = store::search(self.db.read(), wanted).await?;
            let Some(last) = found.last() else {
                return Ok(accounts);
            };
            before = Some(last.id);
            accounts.extend(found.into_iter().map(ManagedAccount::from));
        }
    }
}
