//! Taking connections, and letting them go.
//!
//! axum's own loop waits for ever for a head that was half sent, or for the first byte; this one does not. It has a deadline for each
//! thing that a peer may be slow at, holds only so many connections, of one address fewer still, and ends within seconds whatever is
//! still open.

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
use ipnet::IpNet;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::accounts::sessions::{active_sessions, sent_forms, trusted_browsers};
use crate::accounts::{audit, limits, store};
use crate::platform::config::Config;
use crate::polls::sealing::seal::seal_due;
use crate::polls::store::{purge, release};
use crate::server::startup::AppState;
use crate::server::write_deadline::WriteDeadline;
use crate::web::http::admission::Crowded;
use crate::web::http::body_deadline::BodyDeadline;
use crate::web::http::client_ip::{ClientIp, Peer, visitor};
use crate::web::http::connection_slots::{Placed, Places};

/// How long requests have to finish once no more are taken. With the two seconds of `POLLSTR_DRAIN` before, the process must be gone
/// after ten.
const LAST_ORDERS: Duration = Duration::from_secs(6);
/// How many file handles are kept back from connections, for the database, the log and whoever looks after the machine.
const OTHER_HANDLES: u64 = 200;
/// How often it is told that an address is at its limit.
const TELLING: Duration = Duration::from_mins(1);
/// How often what nobody needs any more is forgotten.
const TIDYING: Duration = Duration::from_hours(1);
/// How often a provider that refuses us is asked again.
const KNOCKING: Duration = Duration::from_mins(1);
/// How often polls are looked for that have closed.
const SEALING: Duration = Duration::from_secs(1);
/// How long after a failure they are left alone.
const SEALING_FAILED: Duration = Duration::from_secs(30);

/// What connections may ask of the process.
#[derive(Clone, Debug)]
pub struct Limits {
    /// How long a head may take to arrive, from the first moment on; and a connection may be silent between two requests.
    pub head: Duration,
    /// How long the body of a request may take to arrive, all of it.
    pub body: Duration,
    /// How long a peer may make us wait to write; what it reads earns it more.
    pub write: Duration,
    /// How many connections there are at most; more wait in the system's queue.
    pub connections: usize,
    /// How many connections one address may have; behind a proxy, how many requests under way.
    pub from_one_address: usize,
    /// The proxies whose visitors are counted in their place.
    pub proxies: Vec<IpNet>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            body: Duration::from_secs(30),
            write: Duration::from_secs(30),
            connections: 10_000,
            from_one_address: 1_000,
            proxies: Vec::new(),
        }
    }
}

impl Limits {
    /// The limits of a site with these settings, in a process that may open so many files.
    #[must_use]
    pub fn of(config: &Config, handles: u64) -> Self {
        let limits = Self {
            proxies: config.trusted_proxies.clone(),
            ..Self::default()
        };
        let room = usize::try_from(handles.saturating_sub(OTHER_HANDLES).max(handles / 2))
            .unwrap_or(usize::MAX);
        Self {
            connections: limits.connections.min(room),
            ..limits
        }
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.proxies.iter().any(|net| net.contains(&address))
    }
}

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

/// Forgets, every hour, what has ended by itself.
pub async fn tidy(ground: AppState, stop: CancellationToken) {
    let mut hours = tokio::time::interval(TIDYING);
    loop {
        tokio::select! {
            _ = hours.tick() => {}
            () = stop.cancelled() => break,
        }
        let now = ground.clock.now();
        let (sessions, limits) = (
            active_sessions::forget(&ground.db, now).await,
            limits::forget(&ground.db, now).await,
        );
        let (browsers, events) = (
            trusted_browsers::forget(&ground.db, now).await,
            audit::forget(&ground.db, now).await,
        );
        let (codes, forms) = (
            store::forget_verifications(&ground.db, now).await,
            sent_forms::forget(&ground.db, now).await,
        );
        let shown = release::forget_closed(&ground.db).await;
        if let Err(error) = sessions
            .and(limits)
            .and(codes)
            .and(forms)
            .and(browsers)
            .and(events)
            .and(shown)
            .and(purge::forget(&ground.db).await)
        {
            tracing::warn!(%error, "old rows were not forgotten");
        }
    }
}

/// Asks the provider every minute whether it takes us again, while it does not: nobody has to be sent away to find out.
pub async fn knock(ground: AppState, stop: CancellationToken) {
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
pub async fn seal(ground: AppState, stop: CancellationToken) {
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
