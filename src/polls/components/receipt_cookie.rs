//! The cookie that carries a receipt across the redirect after a vote.
//!
//! Only the pages of that poll receive it, and the page that shows the receipt clears it: a receipt is
//! never in a session, an address or a log.

use axum::http::HeaderMap;

use crate::polls::model::poll::path;
use crate::polls::model::receipt::Receipt;
use crate::web::http::cookie;

/// How long the cookie lives, in seconds.
const LIFE: i64 = 600;
const COOKIE: &str = "receipt";
/// Repeats the receipt when its ballot had been cast before and this request changed nothing.
const STANDS: &str = "stands";

/// The `Set-Cookie` that carries `receipt` to the next page of this poll.
#[must_use]
pub fn set(receipt: &Receipt, poll: &str, https: bool) -> String {
    cookie::set(COOKIE, receipt.as_str(), &path(poll), Some(LIFE), https)
}

/// The `Set-Cookie` that says, beside [`set`], that the ballot had been cast before.
#[must_use]
pub fn set_stands(receipt: &Receipt, poll: &str, https: bool) -> String {
    cookie::set(STANDS, receipt.as_str(), &path(poll), Some(LIFE), https)
}

/// The receipt in the cookies of a request.
#[must_use]
pub fn carried(headers: &HeaderMap) -> Option<Receipt> {
    cookie::get(headers, COOKIE).and_then(Receipt::parse)
}

/// Whether the ballot of the carried receipt had been cast before.
#[must_use]
pub fn stands(headers: &HeaderMap) -> bool {
    cookie::get(headers, STANDS).is_some_and(|stands| cookie::get(headers, COOKIE) == Some(stands))
}

/// The `Set-Cookie` lines that clear what a request carries, once it is shown.
#[must_use]
pub fn clear(headers: &HeaderMap, poll: &str, https: bool) -> Vec<String> {
    let carried = [COOKIE, STANDS]
        .into_iter()
        .filter(|name| cookie::get(headers, name).is_some_and(|value| !value.is_empty()));
    carried
        .map(|name| cookie::set(name, "", &path(poll), Some(0), https))
        .collect()
}
