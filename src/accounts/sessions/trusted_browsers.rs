//! What a browser keeps so that it need not be asked for a code for thirty days, and the rows that know it again.
//!
//! The browser keeps random bytes, the row their hash, the account and the number. It opens nothing without the password, nothing for
//! another account, and nothing once the number or the password is another.

use axum::http::header::SET_COOKIE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use data_encoding::HEXLOWER;
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use crate::accounts::audit;
use crate::accounts::audit::{AuditEvent, AuditKind, ClientInfo};
use crate::accounts::sessions::sent_form::SentForm;
use crate::platform::clock::Seconds;
use crate::platform::crypto::{digest, random};
use crate::platform::db::{Db, Transaction, execute, places, statement};
use crate::web::http::cookie;

/// How long a browser is remembered, counted from the code that was typed: thirty days.
pub const LIFE: Seconds = 30 * 24 * 3_600;
const COOKIE: &str = "remembered";

/// For how many accounts one browser can be remembered; the one that was remembered first makes room.
const ACCOUNTS: usize = 5;

/// What a browser keeps for one account.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TrustToken([u8; 32]);

impl std::fmt::Debug for TrustToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token")
    }
}

impl TrustToken {
    /// A new one; both answers to a form that is sent twice hand out the same.
    #[must_use]
    pub fn new(form: Option<&SentForm>) -> Self {
        Self(form.map_or_else(random, |form| form.derive("browser", &[])))
    }

    /// The one that the first answer to a form handed out, if it did.
    pub async fn of(
        form: Option<&SentForm>,
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

    /// Has the browser of this request keep it, beside those of other accounts.
    pub fn hand_out(self, https: bool) {
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

/// All that a browser keeps, the newest first: a family at one table shares it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustCookie(Vec<TrustToken>);

impl TrustCookie {
    /// What the browser of this request keeps.
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

    /// Whether the account remembers this browser.
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

    /// The number that a session of this account begins with in this browser, and notes that it was used. `None` when none of it is this
    /// account's, or it is too old, or of a number that is not the account's any more.
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

/// Remembers the browser of this request, within the transaction in which a code was right.
pub async fn insert(
    transaction: &Transaction,
    token: TrustToken,
    account: i64,
    number_mac: &[u8],
    visit: &ClientInfo,
    now: Seconds,
) -> Result<TrustToken, DbErr> {
    let sql = "INSERT INTO trusted_browser (token, account_id, number_mac, browser, created_at, used_at) VALUES ($1, $2, $3, $4, $5, $5)";
    let values = [
        token.hash().into(),
        account.into(),
        number_mac.to_vec().into(),
        visit.browser.as_str().into(),
        now.into(),
    ];
    execute(transaction, sql, values).await?;
    audit::record(
        transaction,
        AuditEvent::of(account, AuditKind::BrowserRemembered),
        visit,
        now,
    )
    .await?;
    Ok(token)
}

/// A browser that is remembered, as its account's owner sees it.
#[derive(Clone, Debug, FromQueryResult)]
pub struct TrustedBrowser {
    token: Vec<u8>,
    /// Which browser it is.
    pub browser: String,
    /// Since when.
    pub created_at: Seconds,
    /// When it was last of use.
    pub used_at: Seconds,
}

impl TrustedBrowser {
    /// A name for it in a page: a part of a hash, with which nobody gets in.
    #[must_use]
    pub fn handle(&self) -> String {
        HEXLOWER.encode(self.token.get(..8).unwrap_or_default())
    }
}

/// The browsers that an account has remembered, the one used last first.
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

/// Forgets one browser of an account.
pub async fn forget_one(
    db: &impl ConnectionTrait,
    account: i64,
    browser: &TrustedBrowser,
) -> Result<u64, DbErr> {
    let sql = "DELETE FROM trusted_browser WHERE account_id = $1 AND token = $2";
    execute(db, sql, [account.into(), browser.token.clone().into()]).await
}

/// Forgets every browser of an account. For its owner, and whenever its password or number is changed or it is suspended, in the same
/// transaction.
pub async fn forget_all(db: &impl ConnectionTrait, account: i64) -> Result<u64, DbErr> {
    execute(
        db,
        "DELETE FROM trusted_browser WHERE account_id = $1",
        [account.into()],
    )
    .await
}

/// Forgets what is of no use any more.
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
