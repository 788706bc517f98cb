//! The visit of a browser: from its first pick until log-out, whether or not it logs in meanwhile.
//!
//! What a stranger picked is kept through sign-up, number and code, but must not be shown to the
//! next person at a shared computer. So it is encrypted for the visit, which belongs to the first
//! account that logs in during it. A log-out, or a log-in to another account, ends it.

use axum::http::header::SET_COOKIE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use data_encoding::BASE64URL_NOPAD;
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

use crate::platform::crypto::{Keys, random};
use crate::web::context::Ctx;
use crate::web::http::cookie;

const COOKIE: &str = "visit";
/// The account of a visit without a log-in.
const STRANGER: i64 = 0;

/// A visit, as its cookie holds it, encrypted.
#[derive(Clone, PartialEq, Eq)]
pub struct Visit {
    id: [u8; 16],
    account: i64,
}

impl std::fmt::Debug for Visit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Visit")
    }
}

impl Visit {
    /// Returns the visit of a request, if it is a stranger's or this viewer's.
    #[must_use]
    pub fn carried(
        headers: &HeaderMap,
        keys: &Keys,
        https: bool,
        viewer: Option<i64>,
    ) -> Option<Self> {
        Self::read(headers, keys, https)
            .filter(|visit| visit.account == STRANGER || Some(visit.account) == viewer)
    }

    fn read(headers: &HeaderMap, keys: &Keys, https: bool) -> Option<Self> {
        let sealed = cookie::get(headers, &cookie::name(COOKIE, https))?;
        let sealed = BASE64URL_NOPAD.decode(sealed.as_bytes()).ok()?;
        let state = keys.open_visit(&sealed)?;
        let (id, account) = state.split_first_chunk()?;
        Some(Self {
            id: *id,
            account: i64::from_be_bytes(account.try_into().ok()?),
        })
    }

    /// Starts a visit of an account, or of a stranger.
    #[must_use]
    pub fn start(account: Option<i64>) -> Self {
        Self {
            id: random(),
            account: account.unwrap_or(STRANGER),
        }
    }

    /// Returns the key to which the picks of the visit are bound.
    #[must_use]
    pub fn id(&self) -> &[u8; 16] {
        &self.id
    }

    /// Returns the `Set-Cookie` value of the visit.
    #[must_use]
    pub fn cookie(&self, keys: &Keys, https: bool) -> String {
        let state = [self.id.as_slice(), &self.account.to_be_bytes()].concat();
        let sealed = BASE64URL_NOPAD.encode(&keys.seal_visit(&state));
        cookie::set(&cookie::name(COOKIE, https), &sealed, "/", None, https)
    }
}

/// Gives the visit to the account that logs in, or ends it if it is another account's.
pub fn log_in(account: i64) {
    answer(|headers, keys, https| {
        let visit = Visit::read(headers, keys, https)?;
        match visit.account {
            STRANGER => Some(Visit { account, ..visit }.cookie(keys, https)),
            own if own == account => None,
            _ => Some(ended(https)),
        }
    });
}

/// Ends the visit, so that nothing picked in it can be read again.
pub fn log_out() {
    answer(|headers, _, https| {
        cookie::get(headers, &cookie::name(COOKIE, https)).map(|_| ended(https))
    });
}

fn ended(https: bool) -> String {
    cookie::set(&cookie::name(COOKIE, https), "", "/", Some(0), https)
}

/// Adds a cookie to the response of the current request.
fn answer(cookie: impl FnOnce(&HeaderMap, &Keys, bool) -> Option<String>) {
    let (Some(parts), Some(ctx)) = (use_context::<Parts>(), use_context::<Ctx>()) else {
        return;
    };
    let cookie = cookie(&parts.headers, &ctx.keys, ctx.is_https());
    if let (Some(response), Some(Ok(cookie))) = (
        use_context::<ResponseOptions>(),
        cookie.map(|cookie| HeaderValue::from_str(&cookie)),
    ) {
        response.append_header(SET_COOKIE, cookie);
    }
}
