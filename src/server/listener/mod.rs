//! Taking connections, and letting them go.
//!
//! axum's own loop waits for ever for a head that was half sent, or for the first byte; this one does not. It has a deadline for each
//! thing that a peer may be slow at, holds only so many connections, of one address fewer still, and ends within seconds whatever is
//! still open.

pub mod limits;
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
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::server::listener::limits::Limits;
use crate::server::listener::write_deadline::WriteDeadline;
use crate::web::http::admission::Crowded;
use crate::web::http::body_deadline::BodyDeadline;
use crate::web::http::client_ip::{ClientIp, Peer, visitor};
use crate::web::http::connection_slots::{Placed, Places};

/// How long requests have to finish once no more are taken. With the two seconds of `POLLSTR_DRAIN` before, the process must be gone
/// after ten.
const LAST_ORDERS: Duration = Duration::from_secs(6);
/// How often it is told that an address is at its limit.
const TELLING: Duration = Duration::from_mins(1);

/// Serves the site until `stop` is cancelled, then finishes what was begun.
///
/// It speaks HTTP/1.1 alone, as proxies do to what is behind them: whoever guesses the version from the first bytes waits for them.
pub async fn serve(limits: Limits, listener: TcpListener, router: Router, stop: CancellationToken) {
    let connections = Arc::new(Semaphore::new(limits.connections));
    let graceful = GracefulShutdown::new();
    let mut server = http1::Builder::new();
    server
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head);
    let (limits, peers, mut told) = (Arc::new(limits), Places::default(), None);
    let answering = Answering {
        router,
        stop: stop.clone(),
        limits: Arc::clone(&limits),
        visitors: Places::default(),
    };
    loop {
        let next = async {
            (
                Arc::clone(&connections).acquire_owned().await,
                listener.accept().await,
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
        let here = if limits.trusts(address) {
            None
        } else {
            Some(peers.take(ClientIp::of(address), limits.from_one_address))
        };
        if matches!(here, Some(None)) {
            tell_of(address, &mut told);
            continue;
        }
        let stream = TokioIo::new(WriteDeadline::new(quick(stream), limits.write));
        let connection = graceful.watch(server.serve_connection(stream, answering.to(Peer(peer))));
        tokio::spawn(async move {
            // A connection that breaks is the other side's to know.
            let _ = connection.await;
            drop((place, here));
        });
    }
    drop(listener);
    if tokio::time::timeout(LAST_ORDERS, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("some connections were still open and were cut");
    }
}

/// Tells of an address whose connections are refused: it may be a proxy that the settings do not name.
fn tell_of(address: IpAddr, told: &mut Option<Instant>) {
    if told.is_none_or(|told| told.elapsed() >= TELLING) {
        *told = Some(Instant::now());
        let place = ClientIp::of(address).place();
        tracing::warn!(
            place,
            "an address has as many connections as it may; if it is your proxy, name it in POLLSTR_TRUSTED_PROXIES"
        );
    }
}

/// What answers the requests of all connections.
struct Answering {
    router: Router,
    stop: CancellationToken,
    limits: Arc<Limits>,
    visitors: Places,
}

impl Answering {
    /// Answers the requests of one connection.
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
            // What goes on and on ends with the process.
            request.extensions_mut().insert(stop.clone());
            let through_a_proxy = limits.trusts(peer.0.ip().to_canonical());
            let place = through_a_proxy.then(|| {
                let address = visitor(peer, request.headers(), |address| limits.trusts(address));
                visitors.take(ClientIp::of(address), limits.from_one_address)
            });
            if matches!(place, Some(None)) {
                request.extensions_mut().insert(Crowded);
            }
            let patience = limits.body;
            let request =
                request.map(|body| Body::new(BodyDeadline::new(Body::new(body), patience)));
            let answer = router.clone().oneshot(request);
            async move {
                let response = answer.await?;
                Ok(match place.flatten() {
                    place @ Some(_) => response.map(|body| Body::new(Placed { body, place })),
                    None => response,
                })
            }
        })
    }
}

/// Answers are small and wanted at once.
fn quick(stream: TcpStream) -> TcpStream {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection keeps its delay");
    }
    stream
}

/// Out of file handles, say: trying again at once would only burn the processor.
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
