//! Reading and setting cookies.

use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use cookie::time::Duration;
use cookie::{Cookie, SameSite};

/// Returns the value of a cookie.
#[must_use]
pub fn get<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let cookies = headers
        .get_all(COOKIE)
        .into_iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(Cookie::split_parse)
        .flatten();
    let mut named = cookies.filter(|cookie| cookie.name() == name);
    named.find_map(|cookie| cookie.value_raw())
}

/// Returns the name of a cookie for the whole site. On HTTPS, the prefix `__Host-` makes browsers
/// keep it to this host.
#[must_use]
pub fn name(name: &str, https: bool) -> String {
    if https {
        format!("__Host-{name}")
    } else {
        name.to_owned()
    }
}

/// Returns the name of a cookie for some pages. On HTTPS, the prefix `__Secure-` makes browsers take
/// it from an encrypted connection only.
#[must_use]
pub fn page_name(name: &str, https: bool) -> String {
    if https {
        format!("__Secure-{name}")
    } else {
        name.to_owned()
    }
}

/// Returns a `Set-Cookie` for this site alone, out of reach of scripts. Without `max_age`, in
/// seconds, the cookie ends with the browser's session.
#[must_use]
pub fn set(name: &str, value: &str, path: &str, max_age: Option<i64>, https: bool) -> String {
    let mut cookie = Cookie::build((name, value))
        .path(path)
        .http_only(true)
        .same_site(SameSite::Lax)
        .build();
    cookie.set_max_age(max_age.map(Duration::seconds));
    if https {
        cookie.set_secure(true);
    }
    cookie.to_string()
}
