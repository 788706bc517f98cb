//! The cookie that carries a receipt across the redirect after a vote.
//!
//! Only this poll's pages receive it, and the page that shows the receipt clears it: a receipt is
//! never in a session, a URL or a log.

use axum::http::HeaderMap;

use crate::polls::model::poll::path;
use crate::polls::model::receipt::Receipt;
use crate::web::http::cookie;

/// Lifetime of the cookie, in seconds.
const LIFE: i64 = 600;
const COOKIE: &str = "receipt";
/// Second cookie with the same receipt, set if the ballot had been cast before and this request
/// changed nothing.
const STANDS: &str = "stands";

/// Returns the `Set-Cookie` value that carries the receipt to the poll's next page.
#[must_use]
pub fn set(receipt: &Receipt, poll: &str, https: bool) -> String {
    cookie::set(COOKIE, receipt.as_str(), &path(poll), Some(LIFE), https)
}

/// Returns the `Set-Cookie` value that marks the receipt's ballot as cast before; sent along with
/// [`set`].
#[must_use]
pub fn set_stands(receipt: &Receipt, poll: &str, https: bool) -> String {
    cookie::set(STANDS, receipt.as_str(), &path(poll), Some(LIFE), https)
}

/// Reads the receipt from the request's cookies.
#[must_use]
pub fn carried(headers: &HeaderMap) -> Option<Receipt> {
    cookie::get(headers, COOKIE).and_then(Receipt::parse)
}

/// Whether the receipt's ballot had been cast before.
#[must_use]
pub fn stands(headers: &HeaderMap) -> bool {
    cookie::get(headers, STANDS).is_some_and(|stands| cookie::get(headers, COOKIE) == Some(stands))
}

/// Returns the `Set-Cookie` values that clear the receipt cookies of this request.
#[must_use]
pub fn clear(headers: &HeaderMap, poll: &str, https: bool) -> Vec<String> {
    let carried = [COOKIE, STANDS]
        .into_iter()
        .filter(|name| cookie::get(headers, name).is_some_and(|value| !value.is_empty()));
    carried
        .map(|name| cookie::set(name, "", &path(poll), Some(0), https))
        .collect()
}
