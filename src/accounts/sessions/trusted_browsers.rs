//! Trusted browsers: a cookie that lets a browser skip the code for thirty days, and the rows that
//! recognise it.
//!
//! The cookie holds random bytes; the row holds their hash, the account and the number. It is
//! useless without the password, for another account, or once the number or password has changed.

use axum::http::header::SET_COOKIE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use data_encoding::HEXLOWER;
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use crate::accounts::audit;
use crate::accounts::audit::{AuditEvent, AuditKind, ClientInfo};
use crate::accounts::sessions::sent_form::FormSubmission;
use crate::platform::clock::Seconds;
use crate::platform::crypto::{digest, random};
use crate::platform::db::{Db, Transaction, execute, places, statement};
use crate::web::http::cookie;

/// How long a browser is trusted after its code was typed: thirty days.
pub const LIFE: Seconds = 30 * 24 * 3_600;
const COOKIE: &str = "remembered";

/// Maximum number of accounts that can trust one browser; the oldest is dropped first.
const ACCOUNTS: usize = 5;

/// A browser's token for one account.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TrustToken([u8; 32]);

impl std::fmt::Debug for TrustToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token")
    }
}

impl TrustToken {
    /// Creates a token; both responses to a form that is submitted twice hand out the same one.
    #[must_use]
    pub fn new(form: Option<&FormSubmission>) -> Self {
        Self(form.map_or_else(random, |form| form.derive("browser", &[])))
    }

    /// Returns the token that the first response to a form handed out, if it did.
    pub async fn of(
        form: Option<&FormSubmission>,
        db: &impl ConnectionTrait,
    ) -> Result<Option<Self>, DbErr> {
        let token = Self::new(form);
        let find = statement(
            db,
            "SELECT 1 AS known FROM trusted_browser WHERE token = $1",
            [token.hash().into()],
        );
        Ok(db.query_one_raw(find).await?.map(|_| token))
    }

    fn hash(&self) -> Vec<u8> {
        digest(&self.0).to_vec()
    }

    /// Sets the cookie, keeping the tokens of other accounts.
    pub fn set_cookie(self, https: bool) {
        let mut kept = TrustCookie::carried(https);
        kept.0.insert(0, self);
        kept.0.truncate(ACCOUNTS);
        if let (Some(response), Ok(cookie)) = (
            use_context::<ResponseOptions>(),
            HeaderValue::from_str(&kept.cookie(https)),
        ) {
            response.append_header(SET_COOKIE, cookie);
        }
    }
}

/// All tokens of a browser, newest first: family members may share it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustCookie(Vec<TrustToken>);

impl TrustCookie {
    /// Returns the tokens sent with this request.
    #[must_use]
    pub fn carried(https: bool) -> Self {
        use_context::<Parts>()
            .map(|parts| Self::of(&parts.headers, https))
            .unwrap_or_default()
    }

    fn of(headers: &HeaderMap, https: bool) -> Self {
        let text = cookie::get(headers, &cookie::name(COOKIE, https)).unwrap_or_default();
        let token = |text: &str| {
            HEXLOWER
                .decode(text.as_bytes())
                .ok()?
                .try_into()
                .ok()
                .map(TrustToken)
        };
        Self(text.split('.').filter_map(token).take(ACCOUNTS).collect())
    }

    fn cookie(&self, https: bool) -> String {
        let tokens: Vec<String> = self
            .0
            .iter()
            .map(|token| HEXLOWER.encode(&token.0))
            .collect();
        cookie::set(
            &cookie::name(COOKIE, https),
            &tokens.join("."),
            "/",
            Some(LIFE),
            https,
        )
    }

    /// Whether the account trusts this browser.
    pub async fn is_known(
        &self,
        db: &impl ConnectionTrait,
        account: i64,
        now: Seconds,
    ) -> Result<bool, DbErr> {
        if self.0.is_empty() {
            return Ok(false);
        }
        let sql =
            "SELECT 1 FROM trusted_browser WHERE account_id = $1 AND created_at > $2 AND token IN";
        let sql = format!("{sql} ({}) LIMIT 1", places(3, self.0.len()));
        let values = [account.into(), (now - LIFE).into()]
            .into_iter()
            .chain(self.0.iter().map(|token| token.hash().into()));
        Ok(db
            .query_one_raw(statement(db, &sql, values))
            .await?
            .is_some())
    }

    /// Returns the HMAC of the number that a session of this account starts with in this browser,
    /// and records that the token was used. `None` if no token is this account's, or it has
    /// expired, or belongs to a number that the account no longer has.
    pub async fn number(
        &self,
        transaction: &Transaction,
        account: i64,
        now: Seconds,
    ) -> Result<Option<Vec<u8>>, DbErr> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let sql = format!(
            "UPDATE trusted_browser SET used_at = $1, created_at = CASE WHEN created_at > $1 THEN $1 ELSE created_at END WHERE account_id = $2 AND created_at > $3
             AND number_mac = (SELECT account.number_mac FROM account WHERE account.id = $2) AND token IN ({}) RETURNING number_mac",
            places(4, self.0.len())
        );
        let values = [now.into(), account.into(), (now - LIFE).into()]
            .into_iter()
            .chain(self.0.iter().map(|token| token.hash().into()));
        let row = transaction
            .query_one_raw(statement(transaction, &sql, values))
            .await?;
        row.map(|row| row.try_get("", "number_mac")).transpose()
    }
}

/// Trusts the browser of this request, within the transaction that accepted the code.
pub async fn insert(
    transaction: &Transaction,
    token: TrustToken,
    account: i64,
    number_mac: &[u8],
    client_info: &ClientInfo,
    now: Seconds,
) -> Result<TrustToken, DbErr> {
    let sql = "INSERT INTO trusted_browser (token, account_id, number_mac, browser, created_at, used_at) VALUES ($1, $2, $3, $4, $5, $5)";
    let values = [
        token.hash().into(),
        account.into(),
        number_mac.to_vec().into(),
        client_info.browser.as_str().into(),
        now.into(),
    ];
    execute(transaction, sql, values).await?;
    audit::record(
        transaction,
        AuditEvent::of(account, AuditKind::BrowserRemembered),
        client_info,
        now,
    )
    .await?;
    Ok(token)
}

/// A trusted browser, as shown to the account's owner.
#[derive(Clone, Debug, FromQueryResult)]
pub struct TrustedBrowser {
    token: Vec<u8>,
    /// The browser's name.
    pub browser: String,
    /// When it was first trusted.
    pub created_at: Seconds,
    /// When it was last used to log in.
    pub used_at: Seconds,
}

impl TrustedBrowser {
    /// Returns an identifier for use in pages: part of a hash, useless for logging in.
    #[must_use]
    pub fn handle(&self) -> String {
        HEXLOWER.encode(self.token.get(..8).unwrap_or_default())
    }
}

/// Returns the browsers that an account trusts, most recently used first.
pub async fn list(
    db: &impl ConnectionTrait,
    account: i64,
    now: Seconds,
) -> Result<Vec<TrustedBrowser>, DbErr> {
    let sql = "SELECT token, browser, trusted_browser.created_at, used_at
               FROM trusted_browser JOIN account ON account.id = account_id AND account.number_mac = trusted_browser.number_mac
               WHERE account_id = $1 AND trusted_browser.created_at > $2 ORDER BY used_at DESC, token";
    TrustedBrowser::find_by_statement(statement(db, sql, [account.into(), (now - LIFE).into()]))
        .all(db)
        .await
}

/// Forgets one trusted browser of an account.
pub async fn forget_one(
    db: &impl ConnectionTrait,
    account: i64,
    browser: &TrustedBrowser,
) -> Result<u64, DbErr> {
    let sql = "DELETE FROM trusted_browser WHERE account_id = $1 AND token = $2";
    execute(db, sql, [account.into(), browser.token.clone().into()]).await
}

/// Forgets every trusted browser of an account: at its owner's request, and in the same transaction
/// whenever its password or number changes or it is suspended.
pub async fn forget_all(db: &impl ConnectionTrait, account: i64) -> Result<u64, DbErr> {
    execute(
        db,
        "DELETE FROM trusted_browser WHERE account_id = $1",
        [account.into()],
    )
    .await
}

/// Deletes expired rows.
pub async fn forget(db: &Db, now: Seconds) -> Result<(), DbErr> {
    execute(
        db.write(),
        "DELETE FROM trusted_browser WHERE created_at <= $1",
        [(now - LIFE).into()],
    )
    .await
    .map(drop)
}

#[cfg(test)]
#[path = "trusted_browsers_tests.rs"]
mod tests;
