//! Reading and writing cookies.

use axum::http::HeaderMap;
use axum::http::header::COOKIE;

/// Returns the value of a cookie.
#[must_use]
pub fn get<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let pairs = headers
        .get_all(COOKIE)
        .into_iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'));
    pairs
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

/// Returns the name of a site-wide cookie, prefixed over HTTPS: browsers bind a `__Host-` cookie to
/// this host and to HTTPS.
#[must_use]
pub fn name(name: &str, https: bool) -> String {
    if https {
        format!("__Host-{name}")
    } else {
        name.to_owned()
    }
}

/// Formats an `HttpOnly`, `SameSite=Lax` cookie. `max_age` is in seconds; without it, it is a
/// session cookie.
#[must_use]
pub fn set(name: &str, value: &str, path: &str, max_age: Option<i64>, https: bool) -> String {
    let age = max_age
        .map(|seconds| format!("; Max-Age={seconds}"))
        .unwrap_or_default();
    let secure = if https { "; Secure" } else { "" };
    format!("{name}={value}; Path={path}; HttpOnly; SameSite=Lax{age}{secure}")
}
