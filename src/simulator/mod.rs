//! A pretended phone network, so that a demo and the tests need no real one: it speaks the provider's wire protocol over HTTP and
//! shows what a phone would have received.
//!
//! Promises that the real client cannot tell it from the provider, and that it can be told to go wrong as providers and networks
//! do. Must not know the client, the users or the database; it is reached over HTTP alone, and holds its state in memory alone.

mod network;
pub mod page;
mod wire;

use std::fmt;
use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

pub use network::{Channel, Message};

use crate::clock::Clock;
use network::Network;
use wire::{Endpoint, Form};

/// Questions are a few hundred bytes.
const MOST_BODY: usize = 64 * 1024;

/// How long an answer gets that is far too long.
const HUGE: usize = 10 * 1024 * 1024;

/// Where [`WireFault::RedirectElsewhere`] leads: the same path with this query, where everything is answered as if all were well.
const ELSEWHERE: &str = "elsewhere";

/// The pretended network. Clones are the same network.
#[derive(Clone)]
pub struct Simulator {
    inner: Arc<Inner>,
}

/// Numbers and codes are not printed, though they are pretended.
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

/// How answers can go wrong. Unless it says otherwise, what was asked for is not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WireFault {
    /// No answer ever comes.
    Hang,
    /// HTTP 500.
    Status500,
    /// HTTP 429.
    Status429,
    /// A page instead of an answer, under HTTP 200.
    Html,
    /// The question is acted upon; half of the answer arrives.
    Truncated,
    /// The question is acted upon; the answer is right, and 10 MB long.
    Huge,
    /// HTTP 307 to where anything is answered with success. The question is acted upon there, if the client follows.
    RedirectElsewhere,
    /// Success to anything, but for a status that is the number 0.
    NumericStatus,
    /// Success to anything, about a request that is not the one asked about.
    OtherRequestId,
    /// Status 1.
    Throttled,
    /// Status 4.
    BadCredentials,
    /// The question is acted upon, and the answer never comes.
    LostAnswer,
}

impl WireFault {
    const fn acts(self) -> bool {
        matches!(self, Self::Truncated | Self::Huge | Self::LostAnswer)
    }
}

impl Simulator {
    /// A network in which nothing has happened, and in which it is what time `clock` says.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self { inner: Arc::new(Inner { clock, state: Mutex::default() }) }
    }

    /// The provider's endpoints. What stands in front of `/verify` is the caller's choice.
    pub fn router(&self) -> Router {
        let asked = |endpoint: Endpoint| {
            move |State(simulator): State<Self>, RawQuery(query): RawQuery, body: Bytes| async move {
                simulator.answer(endpoint, query.as_deref(), &body).await
            }
        };
        let searched = |State(simulator): State<Self>, RawQuery(query): RawQuery| async move {
            let query = query.unwrap_or_default();
            simulator.answer(Endpoint::Search, Some(&query), query.as_bytes()).await
        };
        Router::new()
            .route("/verify/json", post(asked(Endpoint::Start)))
            .route("/verify/check/json", post(asked(Endpoint::Check)))
            .route("/verify/control/json", post(asked(Endpoint::Control)))
            .route("/verify/search/json", get(searched).post(asked(Endpoint::Search)))
            .layer(DefaultBodyLimit::max(MOST_BODY))
            .with_state(self.clone())
    }

    /// What phones received, newest first; at most 500.
    #[must_use]
    pub fn messages(&self) -> Vec<Message> {
        let now = self.inner.clock.now();
        self.shared().network.messages(now)
    }

    /// Makes every answer from now on go wrong in one way, or all go right again.
    pub fn set_fault(&self, fault: Option<WireFault>) {
        self.shared().fault = fault;
    }

    /// How many starts were asked for, whatever came of them.
    #[must_use]
    pub fn starts(&self) -> usize {
        self.shared().starts
    }

    /// How many checks were asked for, whatever came of them.
    #[must_use]
    pub fn checks(&self) -> usize {
        self.shared().checks
    }

    async fn answer(&self, endpoint: Endpoint, query: Option<&str>, body: &[u8]) -> Response {
        let form = Form::read(body);
        let led_astray = query == Some(ELSEWHERE);
        let (fault, answer) = self.act(endpoint, &form, led_astray);
        match fault {
            None => Json(answer).into_response(),
            Some(WireFault::Hang | WireFault::LostAnswer) => pending().await,
            Some(fault) => spoilt(fault, endpoint, &form, answer),
        }
    }

    /// Counts the question, acts upon it unless a fault forbids, and says which fault there is.
    fn act(&self, endpoint: Endpoint, form: &Form, led_astray: bool) -> (Option<WireFault>, Value) {
        let now = self.inner.clock.now();
        let mut shared = self.shared();
        match endpoint {
            Endpoint::Start => shared.starts += 1,
            Endpoint::Check => shared.checks += 1,
            Endpoint::Control | Endpoint::Search => {}
        }
        let fault = shared.fault.filter(|_| !led_astray);
        let mut answer = Value::Null;
        if fault.is_none_or(WireFault::acts) {
            answer = wire::answer(&mut shared.network, endpoint, form, now);
        }
        if led_astray {
            answer = wire::pretence(endpoint, form, &wire::asked_id(form));
        }
        (fault, answer)
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        // A panic elsewhere leaves at worst one request half changed, which a pretended network can live with.
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An answer that went wrong. `answer` is the right one where the question was acted upon.
fn spoilt(fault: WireFault, endpoint: Endpoint, form: &Form, mut answer: Value) -> Response {
    match fault {
        WireFault::Status500 => (StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error").into_response(),
        WireFault::Status429 => (StatusCode::TOO_MANY_REQUESTS, "Too Many Requests").into_response(),
        WireFault::Html => Html("<!doctype html><title>Sign in to the network</title>").into_response(),
        WireFault::Truncated => {
            let whole = answer.to_string();
            let half: String = whole.chars().take(whole.len() / 2).collect();
            ([(header::CONTENT_TYPE, "application/json")], half).into_response()
        }
        WireFault::Huge => {
            answer["padding"] = "x".repeat(HUGE).into();
            Json(answer).into_response()
        }
        WireFault::RedirectElsewhere => (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, format!("?{ELSEWHERE}"))]).into_response(),
        WireFault::NumericStatus => {
            let mut pretence = wire::pretence(endpoint, form, &wire::asked_id(form));
            pretence["status"] = json!(0);
            Json(pretence).into_response()
        }
        WireFault::OtherRequestId => Json(wire::pretence(endpoint, form, &wire::any_id())).into_response(),
        WireFault::Throttled => Json(wire::error("1", "Throttled")).into_response(),
        WireFault::BadCredentials => Json(wire::error("4", "Bad credentials")).into_response(),
        // These give no answer, and the caller sees to it.
        WireFault::Hang | WireFault::LostAnswer => StatusCode::NO_CONTENT.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::net::TcpListener;
    use tokio::task::JoinSet;

    use super::*;
    use crate::verification::{Cancel, Channel as By, Check, Fault, MIN_CANCEL_AGE, Next, Phone, Provider, RequestId, Settings, Start};

    /// The real client and the pretended network, with real HTTP between them and a clock to turn.
    struct World {
        clock: Clock,
        simulator: Simulator,
        provider: Provider,
    }

    impl World {
        async fn new() -> Self {
            let clock = Clock::by_hand(1_700_000_000);
            let simulator = Simulator::new(clock.clone());
            let router = Router::new().nest("/pretended", simulator.router());
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let settings = Settings {
                base_url: format!("http://{}/pretended", listener.local_addr().unwrap()),
                api_key: "key".to_owned(),
                api_secret: "secret".to_owned(),
                brand: "Pollstr".to_owned(),
                sender_id: Some("Pollstr".to_owned()),
            };
            tokio::spawn(async move { axum::serve(listener, router).await });
            Self { clock, simulator, provider: Provider::new(settings).unwrap() }
        }

        async fn sent(&self) -> RequestId {
            match self.provider.start(&phone("+447700900123"), By::Sms).await {
                Start::Sent(id) => id,
                other => panic!("{other:?}"),
            }
        }

        fn code(&self) -> String {
            self.simulator.messages()[0].code.clone()
        }

        fn wrong_code(&self) -> String {
            if self.code() == "000000" { "000001".to_owned() } else { "000000".to_owned() }
        }

        /// Asks all four questions and insists on answers in time.
        async fn ask_all(&self, id: &RequestId) -> (Start, Check, Cancel, Next) {
            let (provider, phone, code) = (&self.provider, phone("+447700900999"), self.code());
            let asked =
                async { tokio::join!(provider.start(&phone, By::Sms), provider.check(id, &code), provider.cancel(id), provider.next(id)) };
            tokio::time::timeout(Duration::from_secs(6), asked).await.unwrap()
        }
    }

    fn phone(e164: &str) -> Phone {
        Phone::from_stored(e164.to_owned()).unwrap()
    }

    fn all(fault: Fault) -> (Start, Check, Cancel, Next) {
        (Start::Fault(fault), Check::Fault(fault), Cancel::Fault(fault), Next::Fault(fault))
    }

    #[tokio::test]
    async fn the_code_that_arrives_is_the_code_that_is_right_once() {
        let world = World::new().await;
        let id = world.sent().await;
        let messages = world.simulator.messages();
        let code = world.code();
        assert_eq!((messages.len(), messages[0].channel, messages[0].to.as_str()), (1, Channel::Sms, "+447700900123"));
        assert_eq!(messages[0].text, format!("Pollstr code: {code}. Valid for 5 minutes."));
        assert_eq!(code.len(), 6);
        assert_eq!(world.provider.check(&id, &world.wrong_code()).await, Check::Wrong);
        assert_eq!(world.provider.check(&id, &code).await, Check::Approved);
        assert_eq!(world.provider.check(&id, &code).await, Check::Gone);
        assert_eq!((world.simulator.starts(), world.simulator.checks()), (1, 3));
    }

    #[tokio::test]
    async fn a_wrong_code_is_told_apart_from_a_dead_one() {
        let world = World::new().await;
        let id = world.sent().await;
        let (right, wrong) = (world.code(), world.wrong_code());
        for _ in 0..3 {
            assert_eq!(world.provider.check(&id, &wrong).await, Check::Wrong);
        }
        assert_eq!(world.provider.check(&id, &right).await, Check::TooManyWrong);
        assert_eq!(world.provider.check(&RequestId::new("0".repeat(32)), &right).await, Check::Gone);
    }

    #[tokio::test]
    async fn one_start_is_one_message_and_expires_to_the_second() {
        let world = World::new().await;
        let (early, code) = (world.sent().await, world.code());
        world.clock.advance(299);
        assert_eq!(world.provider.check(&early, &code).await, Check::Approved);
        let (late, code) = (world.sent().await, world.code());
        world.clock.advance(300);
        assert_eq!(world.provider.check(&late, &code).await, Check::Gone);
        world.clock.advance(3_600);
        assert_eq!(world.simulator.messages().len(), 2, "nothing was sent that nobody asked for");
    }

    #[tokio::test]
    async fn a_call_instead_of_a_text_is_cancel_then_start() {
        let world = World::new().await;
        let id = world.sent().await;
        assert_eq!(world.provider.next(&id).await, Next::NotNow);
        world.clock.advance(MIN_CANCEL_AGE - 1);
        assert_eq!(world.provider.cancel(&id).await, Cancel::NotNow);
        assert_eq!(world.provider.start(&phone("+447700900123"), By::Voice).await, Start::Running(id.clone()));
        world.clock.advance(1);
        assert_eq!(world.provider.cancel(&id).await, Cancel::Done);
        assert_eq!(world.provider.cancel(&id).await, Cancel::Gone);
        assert_eq!(world.provider.next(&id).await, Next::Gone);
        assert!(matches!(world.provider.start(&phone("+447700900123"), By::Voice).await, Start::Sent(new) if new != id));
        assert_eq!(world.simulator.messages()[0].channel, Channel::Voice);
    }

    #[tokio::test]
    async fn fifty_starts_at_once_on_one_number_make_one_message() {
        let world = World::new().await;
        let mut asked = JoinSet::new();
        for _ in 0..50 {
            let provider = world.provider.clone();
            asked.spawn(async move { provider.start(&phone("+447700900123"), By::Sms).await });
        }
        let answers = asked.join_all().await;
        let sent: Vec<_> = answers.iter().filter_map(|answer| if let Start::Sent(id) = answer { Some(id) } else { None }).collect();
        assert_eq!(sent.len(), 1);
        assert_eq!(answers.iter().filter(|answer| **answer == Start::Running(sent[0].clone())).count(), 49);
        assert_eq!((world.simulator.messages().len(), world.simulator.starts()), (1, 50));
    }

    #[tokio::test]
    async fn no_fault_is_taken_for_success_and_none_is_tried_again() {
        let faults = [
            (WireFault::Hang, Fault::Unreachable),
            (WireFault::Status500, Fault::Busy),
            (WireFault::Status429, Fault::Busy),
            (WireFault::Html, Fault::Nonsense),
            (WireFault::Truncated, Fault::Nonsense),
            (WireFault::Huge, Fault::Nonsense),
            (WireFault::RedirectElsewhere, Fault::Nonsense),
            (WireFault::NumericStatus, Fault::Nonsense),
            (WireFault::Throttled, Fault::Busy),
            (WireFault::BadCredentials, Fault::Operator),
            (WireFault::LostAnswer, Fault::Unreachable),
        ];
        let mut worlds = JoinSet::new();
        for (fault, seen_as) in faults {
            worlds.spawn(async move {
                let world = World::new().await;
                let id = world.sent().await;
                world.simulator.set_fault(Some(fault));
                assert_eq!(world.ask_all(&id).await, all(seen_as), "{fault:?}");
                assert_eq!((world.simulator.starts(), world.simulator.checks()), (2, 1), "{fault:?} was tried again");
                assert_eq!(world.simulator.messages().len(), if fault.acts() { 2 } else { 1 }, "{fault:?}");
            });
        }
        worlds.join_all().await;
    }

    #[tokio::test]
    async fn an_answer_about_another_request_is_none() {
        let world = World::new().await;
        let id = world.sent().await;
        world.simulator.set_fault(Some(WireFault::OtherRequestId));
        let (_, check, cancel, next) = world.ask_all(&id).await;
        let fault = Fault::Nonsense;
        assert_eq!((check, cancel, next), (Check::Fault(fault), Cancel::Fault(fault), Next::Fault(fault)));
    }

    #[tokio::test]
    async fn a_fault_that_did_nothing_leaves_the_code_as_good_as_it_was() {
        let world = World::new().await;
        let (id, code) = (world.sent().await, world.code());
        for fault in [WireFault::Status500, WireFault::Throttled, WireFault::NumericStatus, WireFault::Html] {
            world.simulator.set_fault(Some(fault));
            assert!(matches!(world.provider.check(&id, &code).await, Check::Fault(_)));
        }
        world.simulator.set_fault(None);
        assert_eq!(world.provider.check(&id, &code).await, Check::Approved);
    }

    #[tokio::test]
    async fn a_lost_answer_to_a_check_leaves_nothing_to_check() {
        let world = World::new().await;
        let (id, code) = (world.sent().await, world.code());
        world.simulator.set_fault(Some(WireFault::Truncated));
        assert_eq!(world.provider.check(&id, &code).await, Check::Fault(Fault::Nonsense));
        world.simulator.set_fault(None);
        assert_eq!(world.provider.check(&id, &code).await, Check::Gone);
    }
}
