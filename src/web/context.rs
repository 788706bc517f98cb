//! The context of a request: database, clock, keys, settings and client IP.

use std::sync::Arc;

use leptos::prelude::expect_context;

use crate::platform::clock::{Clock, Seconds};
use crate::platform::config::Config;
use crate::platform::crypto::Keys;
use crate::platform::db::Db;
use crate::web::http::client_ip::ClientIp;

/// The context of one request, built once by the router and read by pages and server functions.
#[derive(Clone, Debug)]
pub struct Ctx {
    pub db: Db,
    pub clock: Clock,
    pub keys: Keys,
    pub config: Arc<Config>,
    pub address: ClientIp,
}

impl Ctx {
    /// Returns the context of the current request.
    ///
    /// # Panics
    /// Outside of a request.
    #[must_use]
    pub fn from_context() -> Self {
        expect_context()
    }

    /// Returns the current time.
    #[must_use]
    pub fn now(&self) -> Seconds {
        self.clock.now()
    }

    /// Returns whether browsers reach the site over HTTPS, so that its cookies are `Secure`.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.config.origin.is_https()
    }
}
