//! `pollstr serve`: runs the site until the process is stopped.

use std::error::Error;
use std::io::IsTerminal;
use std::time::Duration;

use pollstr::accounts::seed;
use pollstr::platform::clock::Clock;
use pollstr::platform::config::Config;
use pollstr::platform::config::address::SiteAddress;
use pollstr::platform::log_writer;
use pollstr::platform::log_writer::LogWriter;
use pollstr::server::listener::limits::Limits;
use pollstr::server::listener::socket::Socket;
use pollstr::server::notify::Notifier;
use pollstr::server::signals::Signals;
use pollstr::server::startup::start;
use pollstr::server::state::AppState;
use pollstr::server::{jobs, listener, metrics, probe, router};
use pollstr::web::http::access_log;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::cli::output::{Outcome, print_line};

/// How long a stop may take after `POLLSTR_DRAIN`.
const STOP_TIME: Duration = Duration::from_secs(20);

pub(crate) async fn serve(config: Config) -> Outcome {
    let _log = start_log(&config)?;
    let signals = Signals::listen()?;
    let handles = open_files();
    let notifier = Notifier::new(config.notify_socket.as_deref())
        .map_err(|error| format!("NOTIFY_SOCKET: {error}"))?;
    let state = start(config, Clock::system()).await?;
    let socket = Socket::open(&state.config.address).await?;
    let stop = CancellationToken::new();
    if let Some(address) = state.config.metrics_address {
        let listener = TcpListener::bind(address)
            .await
            .map_err(|error| format!("POLLSTR_METRICS_ADDR: {address}: {error}"))?;
        tokio::spawn(metrics::serve(listener, state.clone(), stop.clone()));
    }
    let limits = Limits::of(&state.config, handles);
    log_start(&state, &limits, handles)?;
    tokio::spawn(signals.handle(state.config.drain, state.leaving.clone(), stop.clone()));
    let tidying = tokio::spawn(jobs::delete_expired(state.clone(), stop.clone()));
    let sealing = tokio::spawn(jobs::seal(state.clone(), stop.clone()));
    tokio::spawn(jobs::probe_provider(state.clone(), stop.clone()));
    if let Some(notifier) = notifier {
        tokio::spawn(report(notifier, state.clone(), socket.address()?));
    }
    listener::serve(limits, socket, router::router(&state), stop).await;
    tidying.await?;
    sealing.await?;
    state.db.close().await;
    tracing::info!("stopped");
    Ok(String::new())
}

/// Tells systemd that the site is ready, once it answers, and that it stops.
async fn report(notifier: Notifier, state: AppState, address: Option<SiteAddress>) {
    let address = address.unwrap_or_else(|| state.config.address.clone());
    match probe::ask(&address, "/healthz").await {
        Ok(_) => notifier.ready(),
        Err(error) => tracing::error!(%error, "the site doesn't answer itself"),
    }
    state.leaving.cancelled().await;
    notifier.stopping(state.config.drain + STOP_TIME);
}

/// Starts the log: compact lines on a terminal, JSON elsewhere.
fn start_log(config: &Config) -> Result<LogWriter, String> {
    let filter =
        access_log::filter(&config.log).map_err(|error| format!("POLLSTR_LOG: {error}"))?;
    let (queue, writer) =
        log_writer::to_stdout().map_err(|error| format!("couldn't start the log: {error}"))?;
    // Lines that cannot be written are counted; reporting them on the same output could fail too.
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(queue)
        .log_internal_errors(false);
    if std::io::stdout().is_terminal() {
        lines.compact().init();
    } else {
        lines.json().init();
    }
    Ok(writer)
}

/// Raises the soft limit of open files to the hard limit and returns it.
fn open_files() -> u64 {
    let limit = getrlimit(Resource::Nofile);
    let raised = limit.maximum.filter(|_| {
        setrlimit(
            Resource::Nofile,
            Rlimit {
                current: limit.maximum,
                ..limit
            },
        )
        .is_ok()
    });
    raised.or(limit.current).unwrap_or(u64::MAX)
}

/// Logs the start line and, on a terminal, prints the site's URL.
fn log_start(state: &AppState, limits: &Limits, handles: u64) -> Result<(), Box<dyn Error>> {
    let AppState { config, db, .. } = state;
    let (version, address, origin) = (
        env!("CARGO_PKG_VERSION"),
        &config.address,
        config.origin.as_str(),
    );
    let (provider, database) = (config.verify.name(), db.kind());
    tracing::info!(version, %address, origin, provider, database, files = handles, connections = limits.connections, "serving");
    if limits.connections < Limits::default().connections {
        tracing::warn!(
            files = handles,
            connections = limits.connections,
            "few files may be open at once, so few connections: raise LimitNOFILE"
        );
    }
    if !std::io::stdout().is_terminal() {
        return Ok(());
    }
    let mut words = vec![format!("\n  Pollstr {version} is running at {origin}")];
    if config.demo() && config.seed {
        words.push(format!(
            "  Log in as {} with the password {}",
            seed::NAME,
            seed::PASSWORD
        ));
    }
    if state.simulator.is_some() {
        words.push(format!(
            "  Codes go to the simulated phone at {origin}/simulator"
        ));
    }
    print_line(&(words.join("\n") + "\n"))
}
