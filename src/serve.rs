//! Taking connections, and letting them go.
//!
//! axum's own loop waits for ever for a head that was half sent; this one does not, holds only so many connections, and ends within
//! ten seconds whatever is still open.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::{Request, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::accounts::{audit, limits, remember, session, store};
use crate::polls::orphans;
use crate::polls::seal::seal_due;
use crate::start::Ground;
use crate::web::address::Peer;

/// How long a head may take to arrive.
const HEAD_PATIENCE: Duration = Duration::from_secs(10);
/// How long requests have to finish once the process is told to stop; it must be gone after ten seconds.
const LAST_ORDERS: Duration = Duration::from_secs(8);
/// How many connections there are at most; more wait in the system's queue.
const CONNECTIONS: usize = 10_000;
/// How often what nobody needs any more is forgotten.
const TIDYING: Duration = Duration::from_hours(1);
/// How often a provider that refuses us is asked again.
const KNOCKING: Duration = Duration::from_mins(1);
/// How often polls are looked for that have closed.
const SEALING: Duration = Duration::from_secs(1);
/// How long after a failure they are left alone.
const SEALING_FAILED: Duration = Duration::from_secs(30);

/// Serves the site until `stop` is cancelled, then finishes what was begun.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) {
    let connections = Arc::new(Semaphore::new(CONNECTIONS));
    let graceful = GracefulShutdown::new();
    let mut server = auto::Builder::new(TokioExecutor::new());
    server.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_PATIENCE);
    server.http2().timer(TokioTimer::new()).keep_alive_interval(HEAD_PATIENCE).max_concurrent_streams(100);
    loop {
        let Ok(place) = Arc::clone(&connections).acquire_owned().await else { break };
        let stream = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => break,
        };
        let (stream, peer) = match stream {
            Ok(accepted) => accepted,
            Err(error) => {
                pause_after(&error).await;
                continue;
            }
        };
        let connection =
            graceful.watch(server.serve_connection_with_upgrades(quick(stream), answering(&router, Peer(peer), &stop)).into_owned());
        tokio::spawn(async move {
            // A connection that breaks is the other side's to know.
            let _ = connection.await;
            drop(place);
        });
    }
    drop(listener);
    if tokio::time::timeout(LAST_ORDERS, graceful.shutdown()).await.is_err() {
        tracing::warn!("some connections were still open and were cut");
    }
}

fn answering(
    router: &Router,
    peer: Peer,
    stop: &CancellationToken,
) -> impl hyper::service::Service<
    Request<Incoming>,
    Response = axum::response::Response,
    Error = std::convert::Infallible,
    Future: Send + 'static,
> + Clone
+ use<> {
    let (router, stop) = (router.clone(), stop.clone());
    service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer);
        // What goes on and on ends with the process.
        request.extensions_mut().insert(stop.clone());
        router.clone().oneshot(request.map(Body::new))
    })
}

/// Answers are small and wanted at once.
fn quick(stream: TcpStream) -> TokioIo<TcpStream> {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection keeps its delay");
    }
    TokioIo::new(stream)
}

/// Out of file handles, say: trying again at once would only burn the processor.
async fn pause_after(error: &io::Error) {
    if !matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionRefused) {
        tracing::error!(%error, "no connection could be taken");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// Forgets, every hour, what has ended by itself.
pub async fn tidy(ground: Ground, stop: CancellationToken) {
    let mut hours = tokio::time::interval(TIDYING);
    loop {
        tokio::select! {
            _ = hours.tick() => {}
            () = stop.cancelled() => break,
        }
        let now = ground.clock.now();
        let (sessions, limits) = (session::forget(&ground.db, now).await, limits::forget(&ground.db, now).await);
        let (browsers, events) = (remember::forget(&ground.db, now).await, audit::forget(&ground.db, now).await);
        let codes = store::forget_verifications(&ground.db, now).await;
        if let Err(error) = sessions.and(limits).and(codes).and(browsers).and(events).and(orphans::forget(&ground.db).await) {
            tracing::warn!(%error, "old rows were not forgotten");
        }
    }
}

/// Asks the provider every minute whether it takes us again, while it does not: nobody has to be sent away to find out.
pub async fn knock(ground: Ground, stop: CancellationToken) {
    let knocking = async {
        loop {
            tokio::time::sleep(KNOCKING).await;
            if ground.standing.is_refused() {
                // How it went is heard by the provider's own listener.
                let _ = ground.provider.probe().await;
            }
        }
    };
    tokio::select! {
        () = knocking => {}
        () = stop.cancelled() => {}
    }
}

/// Seals polls soon after they have closed. What is half done when the process ends is done by the next one.
pub async fn seal(ground: Ground, stop: CancellationToken) {
    let sealing = async {
        loop {
            let pause = match seal_due(&ground.db, &ground.clock).await {
                Ok(_) => SEALING,
                Err(error) => {
                    tracing::warn!(%error, "polls that have closed were not sealed");
                    SEALING_FAILED
                }
            };
            tokio::time::sleep(pause).await;
        }
    };
    tokio::select! {
        () = sealing => {}
        () = stop.cancelled() => {}
    }
}
