//! Suspending an account and restoring it.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use serde::{Deserialize, Serialize};

use crate::web::hypermedia::outcome::{Next, Refusal};

#[cfg(feature = "ssr")]
use {
    crate::accounts::admin::commands::Operator, crate::accounts::admin::pages::account_path,
    crate::accounts::guard::require, crate::accounts::viewer::Level,
};

/// How long a reason may be, in characters.
pub(crate) const REASON: usize = 200;

/// A reason that somebody else will read.
///
/// # Errors
/// When there is none, or it is too long.
pub fn reason(typed: &str) -> Result<String, Refusal> {
    let reason = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    if (1..=REASON).contains(&reason.chars().count()) && !reason.contains(char::is_control) {
        Ok(reason)
    } else {
        Err(Refusal::field(
            "reason",
            "Write a reason of 1 to 200 characters. Whoever it concerns reads it.",
        ))
    }
}

/// An account, and why it is suspended.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SuspendForm {
    username: String,
    reason: String,
}

/// Suspends an account: nobody can log in to it, and its sessions end. Its owner reads the reason after typing the right password.
///
/// # Errors
/// When there is no reason or no such account, or it looks after the site; to everybody but those who do.
#[server(endpoint = "suspend_account", input = Json, output = Json)]
pub async fn suspend_account(form: SuspendForm) -> Result<Next, Refusal> {
    let admin = require(Level::Admin)?;
    let reason = reason(&form.reason)?;
    Operator::from_context()
        .suspend_for(&admin, &form.username, &reason)
        .await?;
    Ok(Next::to(account_path(&form.username)))
}

/// Opens a suspended account again.
///
/// # Errors
/// When there is no such account; to everybody but those who look after the site.
#[server(endpoint = "restore_account", input = Json, output = Json)]
pub async fn restore_account(form: SuspendForm) -> Result<Next, Refusal> {
    let admin = require(Level::Admin)?;
    Operator::from_context()
        .restore_for(&admin, &form.username)
        .await?;
    Ok(Next::to(account_path(&form.username)))
}
