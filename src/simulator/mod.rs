//! A simulated phone network for demos and tests: it speaks the providers' wire protocols over HTTP
//! and shows what a phone would have received.
//!
//! The real clients can't tell it from their providers, and it can be told to fail as providers and
//! networks do. It doesn't know the clients, the users or the database: it is reached over HTTP
//! only, and keeps its state in memory only.

mod faults;
mod network;
pub mod page;
mod protocol;
mod routes;
mod twilio;
mod verification;
mod vonage;
mod vonage_v2;

use std::future::pending;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{fmt, io};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use serde_json::Value;
use tokio::net::TcpListener;

use crate::platform::clock::Clock;
use crate::simulator::network::Network;
use crate::simulator::protocol::{ApiRequest, Endpoint, Form, VendorProtocol};

pub use crate::simulator::faults::WireFault;
pub use crate::simulator::verification::{Channel, Message};

/// Maximum body size. Requests have a few hundred bytes.
const MAX_BODY: usize = 64 * 1024;

/// Delay of a slow response.
const SLOW: Duration = Duration::from_secs(3);

/// The simulated network. Clones share it.
#[derive(Clone)]
pub struct Simulator {
    inner: Arc<Inner>,
    /// The host to bind codes to, for autofill on phones.
    host: Option<Arc<str>>,
}

/// Numbers and codes are not printed, although they are simulated.
impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Simulator")
    }
}

struct Inner {
    clock: Clock,
    state: Mutex<Shared>,
}

#[derive(Default)]
struct Shared {
    network: Network,
    fault: Option<WireFault>,
    starts: usize,
    checks: usize,
}

impl Simulator {
    /// Creates an empty network that uses this clock.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self {
            inner: Arc::new(Inner {
                clock,
                state: Mutex::default(),
            }),
            host: None,
        }
    }

    /// Appends `@host #code` to every text, which lets phones autofill the code on this site only,
    /// as a provider's template would.
    #[must_use]
    pub fn signing(self, host: &str) -> Self {
        Self {
            host: Some(host.into()),
            ..self
        }
    }

    /// Returns the providers' endpoints. The caller chooses the prefix of `/verify` and `/v2`.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/verify/{*rest}", any(answer))
            .route("/v2/{*rest}", any(answer))
            .layer(DefaultBodyLimit::max(MAX_BODY))
            .with_state(self.clone())
    }

    /// Serves the endpoints on a free port and returns their base URL.
    ///
    /// # Errors
    /// When no port can be bound.
    pub async fn listen(&self) -> io::Result<String> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let router = self.router();
        tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "the simulator has stopped");
            }
        });
        Ok(format!("http://{address}"))
    }

    /// Returns the messages received by phones, newest first; at most 500.
    #[must_use]
    pub fn messages(&self) -> Vec<Message> {
        let now = self.inner.clock.now();
        let mut messages = self.shared().network.messages(now);
        if let Some(host) = &self.host {
            for message in messages
                .iter_mut()
                .filter(|message| message.channel == Channel::Sms)
            {
                message.text = format!("{}\n\n@{host} #{}", message.text, message.code);
            }
        }
        messages
    }

    /// Sets the fault of all further responses, or clears it.
    pub fn set_fault(&self, fault: Option<WireFault>) {
        self.shared().fault = fault;
    }

    /// Returns the number of start requests, whatever their outcome.
    #[must_use]
    pub fn starts(&self) -> usize {
        self.shared().starts
    }

    /// Returns the number of check requests, whatever their outcome.
    #[must_use]
    pub fn checks(&self) -> usize {
        self.shared().checks
    }

    /// Counts a request, processes it unless the fault prevents that, and replies.
    fn reply(
        &self,
        wire: &dyn VendorProtocol,
        question: &ApiRequest,
        led_astray: bool,
    ) -> Option<Response> {
        let now = self.inner.clock.now();
        let mut shared = self.shared();
        match question.endpoint {
            Endpoint::Start => shared.starts += 1,
            Endpoint::Check => shared.checks += 1,
            _ => {}
        }
        match shared.fault {
            Some(_) if led_astray => {
                wire.answer(&mut shared.network, question, now);
                Some(wire.fake_success(question, "").into_response())
            }
            Some(fault) => {
                let answer = fault
                    .acts()
                    .then(|| wire.answer(&mut shared.network, question, now));
                drop(shared);
                fault.corrupt(wire, question, answer)
            }
            None => Some(
                wire.answer(&mut shared.network, question, now)
                    .into_response(),
            ),
        }
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        // A panic leaves at most one verification half changed, which is acceptable in a
        // simulation.
        self.inner
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

async fn answer(
    State(simulator): State<Simulator>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some((wire, endpoint, id, service)) = routes::route(&method, uri.path()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let query = uri.query().unwrap_or_default();
    let question = ApiRequest {
        endpoint,
        id,
        service,
        login: protocol::login(&headers),
        form: Form::read(if method == Method::GET {
            query.as_bytes()
        } else {
            &body
        }),
        json: serde_json::from_slice(&body).unwrap_or(Value::Null),
    };
    let slow = simulator.shared().fault == Some(WireFault::Slow);
    let reply = simulator.reply(wire, &question, query == faults::ELSEWHERE);
    if slow {
        tokio::time::sleep(SLOW).await;
    }
    match reply {
        Some(response) => response,
        None => pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_ends_in_a_line_that_binds_its_code_to_the_site() {
        let simulator = Simulator::new(Clock::manual(0)).signing("polls.example.org");
        for (channel, to) in [("sms", "447700900123"), ("voice", "447700900124")] {
            let question = ApiRequest {
                endpoint: Endpoint::Start,
                id: String::new(),
                service: String::new(),
                login: Some(("key".to_owned(), "secret".to_owned())),
                form: Form::default(),
                json: serde_json::json!({"brand": "Pollstr", "workflow": [{"channel": channel, "to": to}]}),
            };
            assert!(
                simulator
                    .reply(&vonage_v2::VonageV2, &question, false)
                    .is_some()
            );
        }
        let messages = simulator.messages();
        let text = |to: &str| messages.iter().find(|message| message.to == to).unwrap();
        let bound = text("+447700900123");
        assert_eq!(
            bound.text.lines().last(),
            Some(format!("@polls.example.org #{}", bound.code).as_str())
        );
        assert!(
            !text("+447700900124").text.contains('@'),
            "a voice does not read it out"
        );
    }
}
