//! Client information stored in the audit log.

use axum::http::header::USER_AGENT;
use axum::http::request::Parts;
use leptos::prelude::use_context;

use crate::accounts::audit::user_agent;
use crate::web::http::client_ip::ClientIp;

/// Where a request came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientInfo {
    /// Truncated client IP, which identifies the network but not the person.
    pub ip_prefix: String,
    /// Short name of the browser.
    pub browser: String,
}

impl ClientInfo {
    /// Returns the client info of the current request.
    #[must_use]
    pub fn from_context() -> Self {
        use_context::<Parts>()
            .map(|parts| Self::of(&parts))
            .unwrap_or_default()
    }

    /// Returns the client info of this request.
    #[must_use]
    pub fn of(parts: &Parts) -> Self {
        let user_agent = parts
            .headers
            .get(USER_AGENT)
            .and_then(|name| name.to_str().ok())
            .unwrap_or_default();
        let ip_prefix = parts
            .extensions
            .get::<ClientIp>()
            .map(ClientIp::place)
            .unwrap_or_default();
        Self {
            ip_prefix,
            browser: user_agent::short_name(user_agent),
        }
    }

    /// Returns the client info for operator commands on the command line.
    #[must_use]
    pub fn operator() -> Self {
        Self {
            ip_prefix: String::new(),
            browser: "the command line".to_owned(),
        }
    }
}
