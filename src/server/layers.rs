//! The layers around requests. Each function lists its steps from the inside out; the last one runs
//! first.
//!
//! Steps are plain functions that call the next one. As axum layers of their own, each would clone
//! and box all layers inside it, for every request.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use tokio_util::sync::CancellationToken;

use crate::accounts::sessions::session;
use crate::accounts::sessions::session::Sessions;
use crate::platform::config::Config;
use crate::platform::crypto::Keys;
use crate::platform::db::with_query_permit;
use crate::server::state::AppState;
use crate::web::http::access_log::Requests;
use crate::web::http::{access_log, admission, client_ip, csrf, headers};
use crate::web::hypermedia::dispatch::Site;
use crate::web::hypermedia::middleware;

/// What the steps need.
pub(super) struct Layers {
    config: Arc<Config>,
    keys: Keys,
    leaving: CancellationToken,
    requests: Requests,
    sessions: Arc<Sessions>,
    site: Site,
}

impl Layers {
    pub(super) fn new(state: &AppState, site: &Site, sessions: Arc<Sessions>) -> Self {
        Self {
            config: Arc::clone(&state.config),
            keys: state.keys.clone(),
            leaving: state.leaving.clone(),
            requests: state.requests.clone(),
            sessions,
            site: site.clone(),
        }
    }
}

/// The steps around pages and server functions whose session is loaded.
pub(super) async fn inside_session(
    State(layers): State<Arc<Layers>>,
    request: Request,
    next: Next,
) -> Response {
    let answer = async |request| next.run(request).await;
    let answer = async |request| csrf::guard(&layers.config, request, answer).await;
    let answer = async |request| middleware::catch_panics(request, answer).await;
    let answer = async |request| middleware::error_pages(&layers.site, request, answer).await;
    session::recognise(&layers.sessions, request, answer).await
}

/// The steps around pages and server functions before their session is loaded.
pub(super) async fn around_session(
    State(layers): State<Arc<Layers>>,
    request: Request,
    next: Next,
) -> Response {
    let answer = async |request| with_query_permit(next.run(request)).await;
    let answer = async |request| middleware::in_time(request, answer).await;
    // Repeated here for requests that the session layer rejected.
    let answer = async |request| middleware::error_pages(&layers.site, request, answer).await;
    let answer = async |request| csrf::carry(&layers.config, &layers.keys, request, answer).await;
    client_ip::note(&layers.config, request, answer).await
}

/// The steps around what other sites fetch, without a session.
pub(super) async fn around_public(request: Request, next: Next) -> Response {
    let answer = async |request| next.run(request).await;
    let answer = async |request| middleware::catch_panics(request, answer).await;
    middleware::in_time(request, answer).await
}

/// The steps around every response.
pub(super) async fn around_all(
    State(layers): State<Arc<Layers>>,
    request: Request,
    next: Next,
) -> Response {
    let answer = async |request| next.run(request).await;
    let answer = async |request| admission::admit(&layers.leaving, request, answer).await;
    let answer = async |request| access_log::line(&layers.requests, request, answer).await;
    headers::set(layers.config.origin.is_https(), request, answer).await
}
