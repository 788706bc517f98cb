//! Health checks: `/healthz` and `/readyz`.

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

async fn alive() -> &'static str {
    "ok"
}

/// Query of `/readyz`.
#[derive(Deserialize)]
struct Asked {
    /// `?read`: only check reading, for a balancer that sends votes elsewhere.
    read: Option<String>,
}

/// Answers whether votes can be stored, without writing anything. A provider that refuses codes is
/// reported but doesn't take the instance out of service: reading and voting still work.
async fn ready(State(state): State<AppState>, Query(asked): Query<Asked>) -> (StatusCode, String) {
    if state.leaving.is_cancelled() {
        // Requests are still answered, so a proxy has time to switch over.
        return (
            StatusCode::SERVICE_UNAVAILABLE,
            "this process is stopping".to_owned(),
        );
    }
    let readiness = if asked.read.is_some() {
        reads(&state).await
    } else {
        stores(&state).await
    };
    match readiness {
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
        return Err("not accepting votes; restart this process".to_owned());
    }
    state.db.can_write().await.map_err(|error| {
        tracing::error!(%error, "not ready");
        match error {
            // Database errors go to the log only.
            NotWritable::Database(_) => "the database does not answer".to_owned(),
            other => other.to_string(),
        }
    })
}

async fn reads(state: &AppState) -> Result<(), String> {
    state.db.can_read().await.map_err(|error| {
        tracing::error!(%error, "not ready to read");
        "the database does not answer".to_owned()
    })
}
