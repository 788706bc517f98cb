//! The accept loop.
//!
//! axum's own loop waits forever for an incomplete request head or a first byte. This one has a
//! deadline for everything a peer can be slow at, caps connections in total and per IP address, and
//! ends within seconds on shutdown.

pub mod limits;
pub mod socket;
mod write_deadline;

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_util::either::Either;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::server::listener::limits::Limits;
use crate::server::listener::socket::{Socket, Stream};
use crate::server::listener::write_deadline::WriteDeadline;
use crate::web::http::admission::TooManyRequests;
use crate::web::http::body_deadline::BodyDeadline;
use crate::web::http::client_ip::{ClientIp, Peer, visitor};
use crate::web::http::connection_slots::{BodyWithSlot, Slots};

/// How long running requests may take on shutdown. With the two seconds of `POLLSTR_DRAIN`, the
/// process ends within ten.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(6);
/// Interval of the log line about an IP address at its limit.
const WARN_INTERVAL: Duration = Duration::from_mins(1);

/// Serves the site until `stop` is cancelled, then finishes running requests.
///
/// HTTP/1.1 only, as proxies speak to their upstreams: detecting HTTP/2 would mean waiting for the
/// first bytes.
pub async fn serve(
    limits: Limits,
    socket: impl Into<Socket>,
    router: Router,
    stop: CancellationToken,
) {
    let socket = socket.into();
    let connections = Arc::new(Semaphore::new(limits.connections));
    let graceful = GracefulShutdown::new();
    let mut server = http1::Builder::new();
    server
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head);
    let (limits, peers, mut last_warning) = (Arc::new(limits), Slots::default(), None);
    let answering = Answering {
        router,
        stop: stop.clone(),
        limits: Arc::clone(&limits),
        visitors: Slots::default(),
    };
    loop {
        let next = async {
            (
                Arc::clone(&connections).acquire_owned().await,
                socket.accept().await,
            )
        };
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
        let address = peer.ip().to_canonical();
        let slot = if limits.trusts(address) {
            None
        } else {
            Some(peers.take(ClientIp::of(address), limits.from_one_address))
        };
        if matches!(slot, Some(None)) {
            warn_of(address, &mut last_warning);
            continue;
        }
        let stream = TokioIo::new(WriteDeadline::new(quick(stream), limits.write));
        let connection = graceful.watch(server.serve_connection(stream, answering.to(Peer(peer))));
        tokio::spawn(async move {
            // A broken connection is not a server error.
            let _ = connection.await;
            drop((place, slot));
        });
    }
    drop(socket);
    if tokio::time::timeout(SHUTDOWN_GRACE, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("some connections were still open and were cut");
    }
}

/// Logs an IP address whose connections are refused; it may be a proxy missing from the settings.
fn warn_of(address: IpAddr, last_warning: &mut Option<Instant>) {
    if last_warning.is_none_or(|at| at.elapsed() >= WARN_INTERVAL) {
        *last_warning = Some(Instant::now());
        let place = ClientIp::of(address).place();
        tracing::warn!(
            place,
            "an address has as many connections as it may; if it is your proxy, name it in POLLSTR_TRUSTED_PROXIES"
        );
    }
}

/// What the connections share.
struct Answering {
    router: Router,
    stop: CancellationToken,
    limits: Arc<Limits>,
    visitors: Slots,
}

impl Answering {
    /// Returns the service of one connection.
    fn to(
        &self,
        peer: Peer,
    ) -> impl hyper::service::Service<
        Request<Incoming>,
        Response = axum::response::Response,
        Error = std::convert::Infallible,
        Future: Send + 'static,
    > + Clone
    + use<> {
        let (router, stop, limits, visitors) = (
            self.router.clone(),
            self.stop.clone(),
            Arc::clone(&self.limits),
            self.visitors.clone(),
        );
        service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(peer);
            // Event streams end on shutdown.
            request.extensions_mut().insert(stop.clone());
            let through_a_proxy = limits.trusts(peer.0.ip().to_canonical());
            let place = through_a_proxy.then(|| {
                let address = visitor(peer, request.headers(), |address| limits.trusts(address));
                visitors.take(ClientIp::of(address), limits.from_one_address)
            });
            if matches!(place, Some(None)) {
                request.extensions_mut().insert(TooManyRequests);
            }
            let patience = limits.body;
            let request =
                request.map(|body| Body::new(BodyDeadline::new(Body::new(body), patience)));
            let answer = router.clone().oneshot(request);
            async move {
                let response = answer.await?;
                Ok(match place.flatten() {
                    place @ Some(_) => response.map(|body| Body::new(BodyWithSlot { body, place })),
                    None => response,
                })
            }
        })
    }
}

/// Disables Nagle's algorithm, since responses are small and latency matters.
fn quick(stream: Stream) -> Stream {
    if let Either::Left(tcp) = &stream
        && let Err(error) = tcp.set_nodelay(true)
    {
        tracing::debug!(%error, "a connection keeps its delay");
    }
    stream
}

/// Pauses after an accept error, such as running out of file descriptors; retrying immediately
/// would spin.
async fn pause_after(error: &io::Error) {
    if !matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
    ) {
        tracing::error!(%error, "no connection could be taken");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
