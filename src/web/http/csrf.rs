//! CSRF protection: an origin check, and a token that only this site's own pages hold.
//!
//! There are two checks. [`guard`] runs first: a request that changes something must not declare
//! another origin. The second is a token derived from a cookie that only this site can set;
//! `submission` requires it of every post. Each form has a new token, so that compressed pages
//! don't leak it (BREACH).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Json;
use axum::extract::{Extension, Request};
use axum::http::header::{CACHE_CONTROL, ORIGIN, REFERER, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64URL_NOPAD;
use serde_json::json;
use url::Url;

use crate::platform::config::{Config, Origin};
use crate::platform::crypto::{Keys, digest, random};
use crate::web::http::cookie;

/// Length of the cookie and of each token's nonce, in bytes.
const LENGTH: usize = 16;

/// The random part of a form's token, which identifies duplicate submissions.
#[derive(Clone, Copy)]
pub struct FormNonce(pub [u8; LENGTH]);

impl std::fmt::Debug for FormNonce {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FormNonce")
    }
}

/// Creates and checks the CSRF tokens of one browser.
#[derive(Clone, Debug)]
pub struct Csrf {
    keys: Keys,
    cookie: [u8; LENGTH],
    /// Whether the browser sent the cookie.
    sent: bool,
    /// Set when a token was created, so that the cookie is set too.
    used: Arc<AtomicBool>,
}

impl Csrf {
    /// Creates a token for one form.
    #[must_use]
    pub fn token(&self) -> String {
        self.used.store(true, Ordering::Relaxed);
        let nonce = random::<LENGTH>();
        let mac = self.keys.csrf(&self.cookie, &nonce);
        BASE64URL_NOPAD.encode(&[nonce.as_slice(), &mac].concat())
    }

    /// Returns whether the browser sent the cookie.
    #[must_use]
    pub fn has_cookie(&self) -> bool {
        self.sent
    }

    /// Returns a text that differs from browser to browser, and stays the same for each.
    #[must_use]
    pub fn browser(&self) -> String {
        BASE64URL_NOPAD.encode(&digest(&self.cookie))
    }

    /// Returns the nonce of a token if this server issued it for this cookie.
    #[must_use]
    pub fn accepts(&self, token: &str) -> Option<FormNonce> {
        let token = BASE64URL_NOPAD.decode(token.as_bytes()).ok()?;
        let (nonce, mac) = token.split_first_chunk::<LENGTH>()?;
        self.keys
            .csrf_matches(&self.cookie, nonce, mac)
            .then_some(FormNonce(*nonce))
    }
}

/// Middleware that refuses unsafe requests from other origins.
pub async fn guard(
    config: &Config,
    request: Request,
    next: impl AsyncFnOnce(Request) -> Response,
) -> Response {
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD);
    if changes && !from_here(request.headers(), &config.origin) {
        return StatusCode::FORBIDDEN.into_response();
    }
    next(request).await
}

/// Middleware that provides [`Csrf`] to the request, and sets the cookie if a token was created.
pub async fn carry(
    config: &Config,
    keys: &Keys,
    mut request: Request,
    next: impl AsyncFnOnce(Request) -> Response,
) -> Response {
    let https = config.origin.is_https();
    let name = cookie::name("csrf", https);
    let known = cookie::get(request.headers(), &name).and_then(decode);
    let csrf = Csrf {
        keys: keys.clone(),
        cookie: known.unwrap_or_else(random),
        sent: known.is_some(),
        used: Arc::default(),
    };
    request.extensions_mut().insert(csrf.clone());
    let mut response = next(request).await;
    if known.is_none() && csrf.used.load(Ordering::Relaxed) {
        let set = cookie::set(
            &name,
            &BASE64URL_NOPAD.encode(&csrf.cookie),
            "/",
            None,
            https,
        );
        if let Ok(set) = HeaderValue::from_str(&set) {
            response.headers_mut().append(SET_COOKIE, set);
        }
    }
    response
}

/// `GET /api/csrf`: returns a token for API clients.
pub async fn api_token(Extension(csrf): Extension<Csrf>) -> impl IntoResponse {
    (
        [(CACHE_CONTROL, "no-store")],
        Json(json!({ "token": csrf.token() })),
    )
}

fn decode(value: &str) -> Option<[u8; LENGTH]> {
    BASE64URL_NOPAD
        .decode(value.as_bytes())
        .ok()?
        .try_into()
        .ok()
}

/// Returns whether a request comes from this site, by the headers that browsers set. A request
/// without any of them doesn't come from a browser that could be tricked, and still needs the
/// token.
fn from_here(headers: &HeaderMap, origin: &Origin) -> bool {
    let text = |name: &str| {
        headers
            .get(name)
            .map(|value| value.to_str().unwrap_or_default())
    };
    if let Some(site) = text("sec-fetch-site") {
        // Browsers send it only to trustworthy origins, and pages cannot forge it.
        return site == "same-origin"
            || (site == "none"
                && text(ORIGIN.as_str()).is_none_or(|from| from == origin.as_str()));
    }
    if let Some(from) = text(ORIGIN.as_str()) {
        return from == origin.as_str();
    }
    if let Some(page) = text(REFERER.as_str()) {
        return Url::parse(page)
            .is_ok_and(|page| page.origin().ascii_serialization() == origin.as_str());
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn csrf(cookie: u8) -> Csrf {
        Csrf {
            keys: Keys::derive([7; 32]),
            cookie: [cookie; LENGTH],
            sent: true,
            used: Arc::default(),
        }
    }

    #[test]
    fn a_token_is_good_for_its_own_cookie_alone() {
        let token = csrf(1).token();
        assert!(
            csrf(1)
                .accepts(&token)
                .is_some_and(|nonce| nonce.0.len() == LENGTH)
        );
        assert!(csrf(2).accepts(&token).is_none());
        assert_ne!(csrf(1).token(), token);
        for wrong in ["", "!", "AAAA", &token[1..]] {
            assert!(csrf(1).accepts(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn a_post_from_elsewhere_is_known_by_any_of_its_marks() {
        let origin = Config::from_sources("", |name| {
            (name == "POLLSTR_ORIGIN").then(|| "http://localhost:3000".to_owned())
        })
        .unwrap()
        .origin;
        let allowed = |pairs: &[(&'static str, &'static str)]| {
            let headers = pairs
                .iter()
                .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
                .collect();
            from_here(&headers, &origin)
        };
        assert!(allowed(&[]));
        assert!(allowed(&[
            ("sec-fetch-site", "same-origin"),
            ("origin", "http://localhost:3000")
        ]));
        assert!(allowed(&[("origin", "http://localhost:3000")]));
        assert!(allowed(&[(
            "referer",
            "http://localhost:3000/login?next=/"
        )]));
        for from in [
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("origin", "null"),
            ("origin", "http://localhost:3001"),
            ("origin", "https://localhost:3000"),
            ("referer", "http://localhost:3000.evil.example/"),
            ("referer", "nonsense"),
        ] {
            assert!(!allowed(&[from]), "{from:?}");
        }
    }
}
