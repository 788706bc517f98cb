//! Which second factors an account has.

use leptos::prelude::*;
use leptos::server_fn::codec::{GetUrl, Json};
use serde::{Deserialize, Serialize};

use crate::web::hypermedia::outcome::Refusal;

#[cfg(feature = "ssr")]
use {
    crate::accounts::factors::passkeys::store::Passkeys, crate::accounts::factors::recovery::codes,
    crate::accounts::factors::totp::store::TotpStore, crate::accounts::guard::require,
    crate::accounts::viewer::Level, crate::web::context::Ctx,
};

/// The ways of an account besides the text message.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SecondFactors {
    /// Since when an app makes codes for it, in seconds since 1970, if one does.
    pub app_since: Option<i64>,
    /// How many passkeys it has; none where the site's address is one that passkeys do not work at.
    pub passkeys: Option<usize>,
    /// How many recovery codes are left.
    pub codes_left: i64,
}

/// Tells which ways there are.
///
/// # Errors
/// To strangers, or when the database fails.
#[server(endpoint = "second_steps", input = GetUrl, output = Json)]
pub async fn read_second_factors() -> Result<SecondFactors, Refusal> {
    let (person, db) = (require(Level::LoggedIn)?, Ctx::from_context().db);
    if !person.has_number {
        return Ok(SecondFactors::default());
    }
    let app_since = TotpStore::from_context().state(&person).await?.since;
    let passkeys = Passkeys::from_context()
        .of(&person)
        .await?
        .map(|passkeys| passkeys.len());
    Ok(SecondFactors {
        app_since,
        passkeys,
        codes_left: codes::left(db.read(), person.id).await?,
    })
}
