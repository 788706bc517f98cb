//! Overview of an account's second factors.

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

/// Second factors of an account besides text messages.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SecondFactors {
    /// When the authenticator app was set up, in seconds since 1970; `None` without an app.
    pub app_since: Option<i64>,
    /// Number of passkeys; `None` if the site's origin doesn't support passkeys.
    pub passkeys: Option<usize>,
    /// Number of unused recovery codes.
    pub codes_left: i64,
}

/// Returns the second factors of the logged-in account. Empty until it has a verified number.
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
