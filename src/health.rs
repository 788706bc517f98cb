//! For whoever watches the process: does it live, can it serve, and can it do all of it?

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;

use crate::start::Ground;

/// `/healthz` and `/readyz`.
pub fn router(ground: &Ground) -> Router {
    Router::new().route("/healthz", get(alive)).route("/readyz", get(ready)).with_state(ground.clone())
}

/// The process lives.
async fn alive() -> &'static str {
    "ok"
}

/// The database answers, and the ballot box is open. Where the provider refuses us, reading and voting go on, so that is said and no reason to be taken out of
/// service.
async fn ready(State(ground): State<Ground>) -> (StatusCode, &'static str) {
    match ground.db.ping().await {
        Ok(()) if !ground.ballots.is_open() => (StatusCode::SERVICE_UNAVAILABLE, "no votes are taken; this process must be started again"),
        Ok(()) if ground.standing.is_refused() => (StatusCode::OK, "degraded: no codes can be sent, see `pollstr check`"),
        Ok(()) => (StatusCode::OK, "ready"),
        Err(error) => {
            tracing::error!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer")
        }
    }
}
