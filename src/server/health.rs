//! For whoever watches the process: does it live, can it serve, and can it do all of it?

use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::routing::get;
use serde::Deserialize;

use crate::platform::db::NotWritable;
use crate::server::state::AppState;

/// `/healthz` and `/readyz`.
pub fn router(state: &AppState) -> Router {
    Router::new()
        .route("/healthz", get(alive))
        .route("/readyz", get(ready))
        .with_state(state.clone())
}

/// The process lives.
async fn alive() -> &'static str {
    "ok"
}

/// What `/readyz` is asked about.
#[derive(Deserialize)]
struct Asked {
    /// `?read`: whether pages can be read, for a balancer that sends votes elsewhere.
    read: Option<String>,
}

/// Whether votes can be taken and stored. Nothing is written to find out. A provider that refuses codes is told but is no reason to
/// be taken out of service: reading and voting go on.
async fn ready(State(state): State<AppState>, Query(asked): Query<Asked>) -> (StatusCode, String) {
    if state.leaving.is_cancelled() {
        // What is sent here meanwhile is still answered, so a proxy has time to send the next elsewhere.
        return (
            StatusCode::SERVICE_UNAVAILABLE,
            "this process is stopping".to_owned(),
        );
    }
    let told = if asked.read.is_some() {
        reads(&state).await
    } else {
        stores(&state).await
    };
    match told {
        Ok(()) if state.standing.is_refused() => (
            StatusCode::OK,
            "degraded: no codes can be sent, see `pollstr check`".to_owned(),
        ),
        Ok(()) => (StatusCode::OK, "ready".to_owned()),
        Err(why) => (StatusCode::SERVICE_UNAVAILABLE, why),
    }
}

async fn stores(state: &AppState) -> Result<(), String> {
    if !state.ballots.is_open() {
        return Err("no votes are taken; this process must be started again".to_owned());
    }
    state.db.can_write().await.map_err(|error| {
        tracing::error!(%error, "not ready");
        match error {
            // What a database says of itself is for the log.
            NotWritable::Database(_) => "the database does not answer".to_owned(),
            told => told.to_string(),
        }
    })
}

async fn reads(state: &AppState) -> Result<(), String> {
    state.db.can_read().await.map_err(|error| {
        tracing::error!(%error, "not ready to read");
        "the database does not answer".to_owned()
    })
}
