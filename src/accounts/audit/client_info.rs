//! Where a request came from, as the audit log stores it.

use axum::http::header::USER_AGENT;
use axum::http::request::Parts;
use leptos::prelude::use_context;

use crate::accounts::audit::user_agent;
use crate::web::http::client_ip::ClientIp;

/// Where something was done from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientInfo {
    /// The part of the address that says where, and not who.
    pub place: String,
    /// The browser's short name.
    pub browser: String,
}

impl ClientInfo {
    /// The request that is being answered.
    #[must_use]
    pub fn from_context() -> Self {
        use_context::<Parts>()
            .map(|parts| Self::of(&parts))
            .unwrap_or_default()
    }

    /// This request.
    #[must_use]
    pub fn of(parts: &Parts) -> Self {
        let user_agent = parts
            .headers
            .get(USER_AGENT)
            .and_then(|name| name.to_str().ok())
            .unwrap_or_default();
        let place = parts
            .extensions
            .get::<ClientIp>()
            .map(ClientIp::place)
            .unwrap_or_default();
        Self {
            place,
            browser: user_agent::short_name(user_agent),
        }
    }

    /// The operator, at the command line.
    #[must_use]
    pub fn operator() -> Self {
        Self {
            place: String::new(),
            browser: "the command line".to_owned(),
        }
    }
}
