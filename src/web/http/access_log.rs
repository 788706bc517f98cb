//! One line for each request. Bodies, queries and cookies are never in it, and neither ballots nor the pages of a poll leave a line:
//! they come before and after a vote, beside lines that name accounts, so their times would say who voted when.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;
use data_encoding::HEXLOWER;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;

use crate::platform::crypto::random;

/// These speak of what is nobody's business: ids of sessions, each request's session, numbers, every file.
const SILENCED: &str =
    "tower_sessions=off,tower_sessions_core=off,rlibphonenumber=off,memory_serve=warn";

/// What is written to the log at these levels, as in `info` or `pollstr=debug,info`.
///
/// # Errors
/// When they are none.
pub fn filter(levels: &str) -> Result<EnvFilter, ParseError> {
    // What is silenced stands last, so that no setting makes it speak.
    EnvFilter::try_new(format!("{levels},{SILENCED}"))
}

/// The one page below `/polls/` that belongs to no poll.
const NEW_POLL: &str = "/polls/new";
/// Where ballots are cast.
const BALLOT_PAGE: &str = "/polls/{id}/vote";
const BALLOT_CALL: &str = "/api/cast_vote";

/// How many requests were answered, by the first digit of their status; posts of ballots are not among them, as above.
#[derive(Clone, Debug, Default)]
pub struct Requests(Arc<[AtomicU64; 5]>);

impl Requests {
    fn count(&self, status: u16) {
        if let Some(class) = self.0.get(usize::from(status / 100).wrapping_sub(1)) {
            class.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Those of 1xx first.
    #[must_use]
    pub fn counts(&self) -> [u64; 5] {
        self.0.each_ref().map(|class| class.load(Ordering::Relaxed))
    }
}

/// Gives the request a number, and writes its line when it is answered.
pub async fn line(State(requests): State<Requests>, request: Request, next: Next) -> Response {
    let id = HEXLOWER.encode(&random::<8>());
    let (method, ballot, about_a_poll) = (
        request.method().clone(),
        is_ballot(&request),
        is_about_a_poll(&request),
    );
    // The pattern of the path, not the path: which poll somebody reads is nobody's business.
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map(|path| Arc::<str>::from(path.as_str()));
    let route = route.as_deref().unwrap_or("none").to_owned();
    let mut response = next.run(request).await;
    let status = response.status().as_u16();
    if !ballot {
        requests.count(status);
    }
    if !ballot && !about_a_poll {
        tracing::info!(%id, %method, route, status, "answered");
    }
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert("x-request-id", id);
    }
    response
}

/// Whether a ballot is posted.
fn is_ballot(request: &Request) -> bool {
    let page = || {
        request
            .extensions()
            .get::<MatchedPath>()
            .is_some_and(|path| path.as_str() == BALLOT_PAGE)
    };
    request.method() == Method::POST && (request.uri().path() == BALLOT_CALL || page())
}

/// Whether this belongs to a poll, or reads as a program that votes would: also where there is no page of that name.
fn is_about_a_poll(request: &Request) -> bool {
    let path = request.uri().path();
    let below = path.starts_with("/polls/") && path != NEW_POLL;
    below || (request.method() != Method::POST && path.starts_with("/api/"))
}
