//! How every provider is spoken to: one question, one answer or none, in six seconds at most.
//!
//! Promises that no question is asked twice on its own, that no answer is followed elsewhere, that at most [`MOST_BODY`] of it is
//! read, and that what went wrong is logged without an address, a credential, a code or a number. Must not know any provider: what
//! an answer means is theirs to say.

use std::fmt;
use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder, header, redirect, retry};
use serde::de::DeserializeOwned;
use thiserror::Error;
use url::{Host, Url};

use crate::verification::provider::Fault;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// From the first byte sent to the last byte read, the connection included.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// Answers are some hundred bytes; what is longer than this is no answer.
const MOST_BODY: usize = 64 * 1024;

/// Why no client can be made of the settings, in words for the operator.
#[derive(Debug, Error)]
pub enum BuildError {
    /// Not a URL that paths can be added to.
    #[error(
        "it must be an https address without a user name, query or fragment, such as https://api.nexmo.com"
    )]
    BaseUrl,
    /// The secret would travel in the clear.
    #[error("it must begin with https; http is for a provider on this machine only")]
    Insecure,
    /// The system's certificates or its resolver cannot be used.
    #[error("the https client cannot be set up: {0}")]
    Client(#[from] reqwest::Error),
}

/// The way to one provider.
#[derive(Clone)]
pub(super) struct Http {
    client: Client,
    base: String,
    /// Name and secret, where they are not part of the question.
    login: Option<(String, String)>,
}

/// Leaves the login out.
impl fmt::Debug for Http {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Http")
            .field("base", &self.base)
            .finish_non_exhaustive()
    }
}

impl Http {
    /// Makes ready to speak to what is at `base_url`; nothing is sent yet. A path in it is kept.
    pub(super) fn new(base_url: &str) -> Result<Self, BuildError> {
        Ok(Self {
            base: base(base_url)?,
            client: client()?,
            login: None,
        })
    }

    /// Says with each question who asks.
    pub(super) fn with_login(self, name: &str, secret: &str) -> Self {
        Self {
            login: Some((name.to_owned(), secret.to_owned())),
            ..self
        }
    }

    /// A question to be filled in; what stands in `path` must be fit for an address.
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

/// What came back, all of it.
#[derive(Debug)]
pub(super) struct Answer {
    /// The status of HTTP.
    pub(super) status: u16,
    /// What the body says it is, without parameters.
    media_type: Option<String>,
    body: Vec<u8>,
}

/// Asks once.
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
        if body.len() + chunk.len() > MOST_BODY {
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
    /// The body as the JSON object that it must be. One that does not say what it is may pass for JSON if it can be read as such;
    /// one that says it is something else may not. Only errors come as `application/problem+json`.
    pub(super) fn object<T: DeserializeOwned>(&self) -> Result<T, Fault> {
        let is_json = match self.media_type.as_deref() {
            None | Some("application/json") => true,
            Some("application/problem+json") => self.status >= 400,
            Some(_) => false,
        };
        // Deserializing would take a list for an object as well.
        if is_json && self.body.trim_ascii_start().starts_with(b"{") {
            serde_json::from_slice(&self.body).map_err(|_| nonsense())
        } else {
            Err(nonsense())
        }
    }

    /// What is left when an answer says nothing about a number or a code.
    pub(super) fn fault(&self) -> Fault {
        match self.status {
            401..=403 => operator("refused by HTTP"),
            429 | 500..=599 => Fault::Busy,
            _ => nonsense(),
        }
    }
}

/// An answer, but none of the documented ones.
pub(super) fn nonsense() -> Fault {
    tracing::warn!("the verification provider gave an answer that is not documented");
    Fault::Nonsense
}

/// Only the operator can mend it.
pub(super) fn operator(status: &str) -> Fault {
    tracing::error!(
        status,
        "the verification provider refuses this account: look at its credentials, credit and settings"
    );
    Fault::Operator
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
    let here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => return Err(BuildError::BaseUrl),
    };
    match url.scheme() {
        "https" | "http" if !plain => Err(BuildError::BaseUrl),
        "http" if !here => Err(BuildError::Insecure),
        "https" | "http" => Ok(url.as_str().trim_end_matches('/').to_owned()),
        _ => Err(BuildError::BaseUrl),
    }
}

fn client() -> Result<Client, reqwest::Error> {
    // An error means that a provider of cryptography is installed already, and then that one serves.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(ANSWER_TIMEOUT)
        .redirect(redirect::Policy::none())
        // A second try may be a second text, and would be one the limits know nothing of.
        .retry(retry::never())
        // A connection kept for later may die just as a question is written to it, and nobody could say whether a text went out.
        .pool_max_idle_per_host(0)
        // The environment is read in one place, and not here.
        .no_proxy()
        .user_agent("Pollstr")
        .build()
}

/// Providers that are not there, for the tests of the clients.
#[cfg(test)]
pub(super) mod pretended {
    use std::sync::{Arc, Mutex};

    use axum::body::{Body, Bytes};
    use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
    use axum::response::IntoResponse;
    use axum::{Router, routing::any};
    use tokio::net::TcpListener;

    async fn serve(router: Router) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        format!("http://{address}/pretended/")
    }

    /// The address of one that says the same to everything.
    pub(crate) async fn saying(
        status: u16,
        content_type: Option<&'static str>,
        body: impl Into<Bytes>,
    ) -> String {
        let body = body.into();
        let answer = move || async move {
            let mut response =
                (StatusCode::from_u16(status).unwrap(), Body::from(body)).into_response();
            response.headers_mut().remove(header::CONTENT_TYPE);
            response
                .headers_mut()
                .extend(content_type.map(|value| (header::CONTENT_TYPE, value.parse().unwrap())));
            response
        };
        serve(Router::new().fallback(any(answer))).await
    }

    /// The address of one that writes down what it is asked: method, address, `Authorization`, type and body.
    pub(crate) async fn listening() -> (String, Arc<Mutex<Vec<String>>>) {
        let heard: Arc<Mutex<Vec<String>>> = Arc::default();
        let record = Arc::clone(&heard);
        let keep = move |method: Method, uri: Uri, headers: HeaderMap, body: String| async move {
            let header = |name| {
                headers
                    .get(name)
                    .map_or("-", |value| value.to_str().unwrap())
            };
            let line = format!(
                "{method} {uri} {} {} {body}",
                header(header::AUTHORIZATION),
                header(header::CONTENT_TYPE)
            );
            record.lock().unwrap().push(line);
        };
        (serve(Router::new().fallback(any(keep))).await, heard)
    }
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;
