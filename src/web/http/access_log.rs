//! The access log: one line per request. It never contains bodies, queries or cookies. Ballots and
//! poll pages are not logged: requests before and after a vote, next to lines that name accounts,
//! would reveal by their times who voted when.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::{MatchedPath, Request};
use axum::http::{Extensions, HeaderValue, Method, Uri};
use axum::response::Response;
use data_encoding::HEXLOWER;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;

use crate::platform::crypto::random;

/// Log targets that would reveal session ids, phone numbers or every file served.
const SILENCED_TARGETS: &str =
    "tower_sessions=off,tower_sessions_core=off,rlibphonenumber=off,memory_serve=warn";

/// Builds the log filter from levels such as `info` or `pollstr=debug,info`.
///
/// # Errors
/// When the levels cannot be parsed.
pub fn filter(levels: &str) -> Result<EnvFilter, ParseError> {
    // The last directive wins, so no setting can override the silenced targets.
    EnvFilter::try_new(format!("{levels},{SILENCED_TARGETS}"))
}

/// The only page below `/polls/` that belongs to no poll.
const NEW_POLL: &str = "/polls/new";
/// The route patterns of the pages with a ballot.
const BALLOT_PAGES: [&str; 2] = ["/polls/{id}", "/polls/{id}/vote"];
/// The path of the server function that casts a ballot.
pub(crate) const BALLOT_CALL: &str = "/api/cast_vote";
/// The path of the server function that keeps what was picked.
const PICK_CALL: &str = "/api/pick";

/// Counts responses by the first digit of their status, except posts of ballots.
#[derive(Clone, Debug, Default)]
pub struct Requests(Arc<[AtomicU64; 5]>);

impl Requests {
    fn count(&self, status: u16) {
        if let Some(class) = self.0.get(usize::from(status / 100).wrapping_sub(1)) {
            class.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Returns the counts, starting with 1xx.
    #[must_use]
    pub fn counts(&self) -> [u64; 5] {
        self.0.each_ref().map(|class| class.load(Ordering::Relaxed))
    }
}

/// Middleware that gives the request an id, and logs it when the response is ready.
pub async fn line(
    requests: &Requests,
    request: Request,
    next: impl AsyncFnOnce(Request) -> Response,
) -> Response {
    let id = HEXLOWER.encode(&random::<8>());
    let (method, ballot, about_a_poll) = (
        request.method().clone(),
        is_ballot(request.method(), request.uri(), request.extensions()),
        concerns_poll(&request),
    );
    // The route pattern, not the path, which would reveal the poll.
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map(|path| Arc::<str>::from(path.as_str()));
    let route = route.as_deref().unwrap_or("none").to_owned();
    let mut response = next(request).await;
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

/// Returns whether a request casts a ballot, or may do so: other forms on a page with a ballot count
/// as one.
pub(crate) fn is_ballot(method: &Method, uri: &Uri, extensions: &Extensions) -> bool {
    let page = || {
        extensions
            .get::<MatchedPath>()
            .is_some_and(|path| BALLOT_PAGES.contains(&path.as_str()))
    };
    method == Method::POST && ([BALLOT_CALL, PICK_CALL].contains(&uri.path()) || page())
}

/// Returns whether the request concerns a poll, or is a read of an API client that may vote;
/// matches by path, so it includes unknown routes.
fn concerns_poll(request: &Request) -> bool {
    let path = request.uri().path();
    is_of_poll(path) || (request.method() != Method::POST && path.starts_with("/api/"))
}

/// Returns whether a path is that of a poll's page or below it.
fn is_of_poll(path: &str) -> bool {
    path.starts_with("/polls/") && path != NEW_POLL
}
