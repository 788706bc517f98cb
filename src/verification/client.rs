//! HTTP client shared by all providers: one request, at most one response, within six seconds.
//!
//! Requests are never retried automatically and redirects are never followed. At most [`MAX_BODY`]
//! of a response is read. Errors are logged without addresses, credentials, codes or numbers. What
//! a response means is up to each provider's own client.

use std::fmt;
use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder, header, redirect, retry};
use serde::de::DeserializeOwned;
use thiserror::Error;
use url::{Host, Url};

use crate::verification::provider::Fault;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// Timeout for the whole exchange, including connecting.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);

/// Maximum size of a response body in bytes; real ones are a few hundred bytes.
const MAX_BODY: usize = 64 * 1024;

/// Why the settings are unusable, in words for the operator.
#[derive(Debug, Error)]
pub enum BuildError {
    /// The base URL is not one that paths can be appended to.
    #[error(
        "it must be an https address without a user name, query or fragment, such as https://api.nexmo.com"
    )]
    BaseUrl,
    /// The secret would be sent unencrypted.
    #[error("it must start with https; http is only for a provider on this machine")]
    Insecure,
    /// The system's certificates or resolver can't be used.
    #[error("can't set up the HTTPS client: {0}")]
    Client(#[from] reqwest::Error),
}

/// HTTP client for one provider.
#[derive(Clone)]
pub(super) struct Http {
    client: Client,
    base: String,
    /// Basic auth user name and password, if the provider uses them.
    login: Option<(String, String)>,
}

/// Omits the credentials.
impl fmt::Debug for Http {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Http")
            .field("base", &self.base)
            .finish_non_exhaustive()
    }
}

impl Http {
    /// Creates a client for the API at `base_url`, keeping any path in it. Nothing is sent yet.
    pub(super) fn new(base_url: &str) -> Result<Self, BuildError> {
        let base = base(base_url)?;
        Ok(Self {
            client: client(base.starts_with("https:"))?,
            base,
            login: None,
        })
    }

    /// Sends these credentials with every request.
    pub(super) fn with_login(self, name: &str, secret: &str) -> Self {
        Self {
            login: Some((name.to_owned(), secret.to_owned())),
            ..self
        }
    }

    /// Starts a POST request. `path` must already be URL-safe.
    pub(super) fn post(&self, path: &str) -> RequestBuilder {
        self.question(Method::POST, path)
    }

    pub(super) fn get(&self, path: &str) -> RequestBuilder {
        self.question(Method::GET, path)
    }

    pub(super) fn delete(&self, path: &str) -> RequestBuilder {
        self.question(Method::DELETE, path)
    }

    fn question(&self, method: Method, path: &str) -> RequestBuilder {
        let question = self.client.request(method, format!("{}/{path}", self.base));
        match &self.login {
            Some((name, secret)) => question.basic_auth(name, Some(secret)),
            None => question,
        }
    }
}

/// A complete response.
#[derive(Debug)]
pub(super) struct Answer {
    /// The HTTP status.
    pub(super) status: u16,
    /// The content type, without parameters.
    media_type: Option<String>,
    body: Vec<u8>,
}

/// Sends a request, once.
pub(super) async fn ask(question: RequestBuilder) -> Result<Answer, Fault> {
    let mut response = question.send().await.map_err(|error| lost(&error))?;
    let media_type = response
        .headers()
        .get(header::CONTENT_TYPE)
        .map(|declared| {
            let declared = declared
                .to_str()
                .unwrap_or_default()
                .split(';')
                .next()
                .unwrap_or_default();
            declared.trim().to_ascii_lowercase()
        });
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| lost(&error))? {
        if body.len() + chunk.len() > MAX_BODY {
            return Err(nonsense());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer {
        status: response.status().as_u16(),
        media_type,
        body,
    })
}

impl Answer {
    /// Parses the body as a JSON object. A missing content type is accepted if the body parses, a
    /// different one is not; `application/problem+json` is accepted for errors only.
    pub(super) fn object<T: DeserializeOwned>(&self) -> Result<T, Fault> {
        let is_json = match self.media_type.as_deref() {
            None | Some("application/json") => true,
            Some("application/problem+json") => self.status >= 400,
            Some(_) => false,
        };
        // Deserialising a struct would accept an array as well.
        if is_json && self.body.trim_ascii_start().starts_with(b"{") {
            serde_json::from_slice(&self.body).map_err(|_| nonsense())
        } else {
            Err(nonsense())
        }
    }

    /// Maps a status that says nothing about the number or code to a fault.
    pub(super) fn fault(&self) -> Fault {
        match self.status {
            401..=403 => operator("refused by HTTP"),
            429 | 500..=599 => Fault::Busy,
            _ => nonsense(),
        }
    }
}

/// Logs a response that isn't documented.
pub(super) fn nonsense() -> Fault {
    tracing::warn!("the verification provider gave an answer that is not documented");
    Fault::UnexpectedResponse
}

/// Logs a problem that only the operator can fix.
pub(super) fn operator(status: &str) -> Fault {
    tracing::error!(
        status,
        "the verification provider refuses this account: look at its credentials, credit and settings"
    );
    Fault::AccountAdmin
}

fn lost(error: &reqwest::Error) -> Fault {
    tracing::warn!(
        connecting = error.is_connect(),
        timeout = error.is_timeout(),
        "the verification provider did not answer"
    );
    Fault::Unreachable
}

fn base(base_url: &str) -> Result<String, BuildError> {
    let url = Url::parse(base_url).map_err(|_| BuildError::BaseUrl)?;
    let plain = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => return Err(BuildError::BaseUrl),
    };
    match url.scheme() {
        "https" | "http" if !plain => Err(BuildError::BaseUrl),
        "http" if !loopback => Err(BuildError::Insecure),
        "https" | "http" => Ok(url.as_str().trim_end_matches('/').to_owned()),
        _ => Err(BuildError::BaseUrl),
    }
}

fn client(encrypted: bool) -> Result<Client, reqwest::Error> {
    // An error means that a crypto provider is already installed, which will do.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(REQUEST_TIMEOUT)
        .redirect(redirect::Policy::none())
        // A retry could send a second text that the limits don't count.
        .retry(retry::never())
        // A pooled connection may drop while a request is being written, leaving it unknown whether
        // a text was sent.
        .pool_max_idle_per_host(0)
        // Environment variables are read in one place only, not here.
        .no_proxy()
        .user_agent("Pollstr");
    if encrypted {
        client.build()
    } else {
        // Reading the system's certificates takes most of the time of a start.
        client.tls_certs_only([]).build()
    }
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;
