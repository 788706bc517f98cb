//! Server functions that suspend and restore accounts.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use serde::{Deserialize, Serialize};

use crate::web::hypermedia::outcome::{Next, Refusal};

#[cfg(feature = "ssr")]
use {
    crate::accounts::admin::commands::AccountAdmin, crate::accounts::admin::pages::account_path,
    crate::accounts::admin::suspend_commands::reason, crate::accounts::guard::require,
    crate::accounts::viewer::Level,
};

/// Form for suspending an account, and for restoring it without a reason.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SuspendForm {
    username: String,
    reason: String,
}

/// Suspends an account and ends its sessions. Its owner sees the reason after entering the right
/// password. Admins only.
///
/// # Errors
/// If there is no reason, or the account doesn't exist or is an admin's.
#[server(endpoint = "suspend_account", input = Json, output = Json)]
pub async fn suspend_account(form: SuspendForm) -> Result<Next, Refusal> {
    let admin = require(Level::Admin)?;
    let reason = reason(&form.reason)?;
    AccountAdmin::from_context()
        .suspend_as_admin(&admin, &form.username, &reason)
        .await?;
    Ok(Next::to(account_path(&form.username)))
}

/// Restores a suspended account. Admins only.
///
/// # Errors
/// If the account doesn't exist or isn't suspended.
#[server(endpoint = "restore_account", input = Json, output = Json)]
pub async fn restore_account(form: SuspendForm) -> Result<Next, Refusal> {
    let admin = require(Level::Admin)?;
    AccountAdmin::from_context()
        .restore_as_admin(&admin, &form.username)
        .await?;
    Ok(Next::to(account_path(&form.username)))
}
