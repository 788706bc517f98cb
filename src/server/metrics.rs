//! Prometheus metrics on a separate listener, off by default: requests, codes, the database. Never
//! a phone number, and nothing about polls.

use std::fmt::Write;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::accounts::limits::circuit_breaker::area::Kind;
use crate::accounts::limits::sends::status::Status;
use crate::platform::log_writer;
use crate::server::listener;
use crate::server::listener::limits::Limits;
use crate::server::state::AppState;

/// Most concurrent scrapes.
const CONNECTIONS: usize = 64;

/// Serves metrics until `stop` is cancelled.
pub async fn serve(listener: TcpListener, state: AppState, stop: CancellationToken) {
    let router = Router::new()
        .route("/metrics", get(metrics))
        .with_state(state);
    listener::serve(
        Limits {
            connections: CONNECTIONS,
            ..Limits::default()
        },
        listener,
        router,
        stop,
    )
    .await;
}

async fn metrics(State(state): State<AppState>) -> Response {
    let status = Status::read(&state.db, &state.config.ceilings, state.clock.now()).await;
    if let Err(error) = &status {
        tracing::warn!(%error, "metrics without the database");
    }
    match text(&state, status.ok().as_ref()) {
        Ok(text) => (
            [(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
            text,
        )
            .into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn text(state: &AppState, status: Option<&Status>) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    let head = |text: &mut String, name: &str, kind: &str, help: &str| {
        write!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n")
    };
    head(
        &mut text,
        "pollstr_build_info",
        "gauge",
        "The running version.",
    )?;
    writeln!(
        text,
        "pollstr_build_info{{version=\"{}\"}} 1",
        env!("CARGO_PKG_VERSION")
    )?;
    head(
        &mut text,
        "pollstr_requests_total",
        "counter",
        "Answered requests by status, without ballot posts.",
    )?;
    for (class, count) in (1..).zip(state.requests.counts()) {
        writeln!(
            text,
            "pollstr_requests_total{{status=\"{class}xx\"}} {count}"
        )?;
    }
    head(
        &mut text,
        "pollstr_log_lines_lost_total",
        "counter",
        "Log lines that couldn't be written.",
    )?;
    writeln!(text, "pollstr_log_lines_lost_total {}", log_writer::lost())?;
    head(
        &mut text,
        "pollstr_provider_accepts",
        "gauge",
        "Whether the code provider accepts this account, by its last clear answer.",
    )?;
    writeln!(
        text,
        "pollstr_provider_accepts {}",
        u8::from(!state.standing.is_refused())
    )?;
    head(
        &mut text,
        "pollstr_database_up",
        "gauge",
        "Whether the database answers.",
    )?;
    writeln!(text, "pollstr_database_up {}", u8::from(status.is_some()))?;
    let Some(status) = status else {
        return Ok(text);
    };
    head(
        &mut text,
        "pollstr_sends",
        "gauge",
        "Codes in the last 24 hours by country and outcome.",
    )?;
    for sends in &status.day {
        let outcomes = [
            ("typed", sends.typed),
            ("lost", sends.lost),
            ("replaced", sends.replaced),
            ("waiting", sends.waiting()),
        ];
        for (outcome, count) in outcomes {
            writeln!(
                text,
                "pollstr_sends{{country=\"{}\",outcome=\"{outcome}\"}} {count}",
                sends.country
            )?;
        }
    }
    head(
        &mut text,
        "pollstr_spend",
        "gauge",
        "Cost of codes in the last 24 hours by country, at the configured prices.",
    )?;
    for sends in &status.day {
        let spend = state
            .config
            .ceilings
            .price(&sends.country)
            .times(sends.sent);
        writeln!(
            text,
            "pollstr_spend{{country=\"{}\"}} {spend}",
            sends.country
        )?;
    }
    head(
        &mut text,
        "pollstr_sending_paused",
        "gauge",
        "Countries where codes to new numbers are paused because too few are entered.",
    )?;
    let of = |kind: Kind| {
        status
            .paused
            .iter()
            .filter(move |pause| pause.what().is_some_and(|(paused, _)| paused == kind))
    };
    for pause in of(Kind::Country) {
        writeln!(
            text,
            "pollstr_sending_paused{{country=\"{}\"}} 1",
            pause.country
        )?;
    }
    head(
        &mut text,
        "pollstr_sending_paused_areas",
        "gauge",
        "Networks and number prefixes that are paused for the same reason.",
    )?;
    for (kind, areas) in [
        ("network", of(Kind::Network).count()),
        (
            "prefix",
            of(Kind::Prefix).count() + of(Kind::WidePrefix).count(),
        ),
    ] {
        writeln!(
            text,
            "pollstr_sending_paused_areas{{kind=\"{kind}\"}} {areas}"
        )?;
    }
    Ok(text)
}
