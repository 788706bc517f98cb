//! Cookies: how they are read, and how ours are written.

use axum::http::HeaderMap;
use axum::http::header::COOKIE;

/// The value of a cookie.
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

/// The name of a cookie of ours for the whole site: browsers hold a `__Host-` cookie to this host and to https.
#[must_use]
pub fn name(name: &str, https: bool) -> String {
    if https {
        format!("__Host-{name}")
    } else {
        name.to_owned()
    }
}

/// A `Set-Cookie` for this site alone, out of reach of scripts. Without `max_age` (in seconds) it ends with the browser's session.
#[must_use]
pub fn set(name: &str, value: &str, path: &str, max_age: Option<i64>, https: bool) -> String {
    let age = max_age
        .map(|seconds| format!("; Max-Age={seconds}"))
        .unwrap_or_default();
    let secure = if https { "; Secure" } else { "" };
    format!("{name}={value}; Path={path}; HttpOnly; SameSite=Lax{age}{secure}")
}
