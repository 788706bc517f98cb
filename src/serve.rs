//! Taking connections, and letting them go.
//!
//! axum's own loop waits for ever for a head that was half sent, or for the first byte; this one does not, holds only so many
//! connections, and ends within ten seconds whatever is still open.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::{Request, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::accounts::{audit, limits, remember, sent_form, sessions, store};
use crate::polls::orphans;
use crate::polls::seal::seal_due;
use crate::start::Ground;
use crate::web::address::Peer;

/// How long requests have to finish once the process is told to stop; it must be gone after ten seconds.
const LAST_ORDERS: Duration = Duration::from_secs(8);
/// How often what nobody needs any more is forgotten.
const TIDYING: Duration = Duration::from_hours(1);
/// How often a provider that refuses us is asked again.
const KNOCKING: Duration = Duration::from_mins(1);
/// How often polls are looked for that have closed.
const SEALING: Duration = Duration::from_secs(1);
/// How long after a failure they are left alone.
const SEALING_FAILED: Duration = Duration::from_secs(30);

/// What connections may ask of the process.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How long a head may take to arrive, from the first moment on; and a connection may be silent between two requests.
    pub head: Duration,
    /// How many connections there are at most; more wait in the system's queue.
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { head: Duration::from_secs(10), connections: 10_000 }
    }
}

/// Serves the site until `stop` is cancelled, then finishes what was begun.
///
/// It speaks HTTP/1.1 alone, as proxies do to what is behind them: whoever guesses the version from the first bytes waits for them.
pub async fn serve(limits: Limits, listener: TcpListener, router: Router, stop: CancellationToken) {
    let connections = Arc::new(Semaphore::new(limits.connections));
    let graceful = GracefulShutdown::new();
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(limits.head);
    loop {
        let next = async { (Arc::clone(&connections).acquire_owned().await, listener.accept().await) };
        let (place, stream) = tokio::select! {
            next = next => next,
            () = stop.cancelled() => break,
        };
        let (stream, peer) = match stream {
            Ok(accepted) => accepted,
            Err(error) => {
                pause_after(&error).await;
                continue;
            }
        };
        let connection = graceful.watch(server.serve_connection(quick(stream), answering(&router, Peer(peer), &stop)));
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
        let (sessions, limits) = (sessions::forget(&ground.db, now).await, limits::forget(&ground.db, now).await);
        let (browsers, events) = (remember::forget(&ground.db, now).await, audit::forget(&ground.db, now).await);
        let (codes, forms) = (store::forget_verifications(&ground.db, now).await, sent_form::forget(&ground.db, now).await);
        if let Err(error) = sessions.and(limits).and(codes).and(forms).and(browsers).and(events).and(orphans::forget(&ground.db).await) {
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
