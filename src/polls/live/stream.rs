//! The live stream of results, open as long as its reader may see them.

use std::convert::Infallible;
use std::time::Duration;

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use futures::{Stream, stream};
use serde::Deserialize;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::accounts::sessions::active_sessions::verified_number_macs;
use crate::accounts::sessions::session::key_of;
use crate::accounts::viewer::Viewer;
use crate::platform::clock::Clock;
use crate::platform::crypto::Keys;
use crate::platform::db::Db;
use crate::polls::live::frame::{OVER_EVENT, Place, RETRY_MS};
use crate::polls::live::grants::ViewGrant;
use crate::polls::live::hub::{Full, LiveHub, Watcher};
use crate::polls::model::poll::{ResultsRule, State as Standing};
use crate::polls::store::cache::PollCache;
use crate::polls::store::poll_view::{StoredPollView, load_for_viewer};
use crate::web::http::client_ip::ClientIp;
use crate::web::hypermedia::outcome::Refusal;

/// Interval of heartbeats, so that proxies don't drop an idle connection.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// `Retry-After` when there are too many streams, in seconds.
const WAIT: i64 = 60;

/// The state of the stream route.
#[derive(Clone, Debug)]
pub struct Source {
    /// The database.
    pub db: Db,
    /// The cryptographic keys.
    pub keys: Keys,
    /// The clock.
    pub clock: Clock,
    /// The cache of polls and counts.
    pub cache: PollCache,
    /// The hub.
    pub live: LiveHub,
}

/// Query of the stream route: the version that the page already shows.
#[derive(Debug, Default, Deserialize)]
pub struct Seen {
    after: Option<i64>,
}

/// Handles `GET /polls/{id}/live`: sends an event with the results whenever they change.
pub async fn show(
    State(source): State<Source>,
    Path(id): Path<String>,
    Query(seen): Query<Seen>,
    Extension(stop): Extension<CancellationToken>,
    parts: Parts,
) -> Response {
    match source.watch(&id, &parts).await {
        Ok(watcher) => {
            let last = parts
                .headers
                .get("last-event-id")
                .and_then(|id| id.to_str().ok()?.parse().ok());
            let sent = last.max(seen.after).map(|version| (version, false));
            let headers = [
                (CONTENT_TYPE, "text/event-stream"),
                (CACHE_CONTROL, "no-store"),
                // Turns off response buffering in proxies such as nginx.
                (HeaderName::from_static("x-accel-buffering"), "no"),
            ];
            (headers, Body::from_stream(events(watcher, sent, stop))).into_response()
        }
        Err(refusal) => {
            let mut headers = HeaderMap::new();
            headers.insert(
                CACHE_CONTROL,
                axum::http::HeaderValue::from_static("no-store"),
            );
            if let Some(wait) = refusal.wait() {
                headers.insert(RETRY_AFTER, wait.into());
            }
            // A stream can't redirect, so other refusals become 403.
            let status = match refusal {
                Refusal::NotFound | Refusal::TooSoon { .. } | Refusal::Unavailable { .. } => {
                    refusal.status()
                }
                _ => 403,
            };
            (
                StatusCode::from_u16(status).unwrap_or(StatusCode::FORBIDDEN),
                headers,
            )
                .into_response()
        }
    }
}

impl Source {
    async fn watch(&self, id: &str, parts: &Parts) -> Result<Watcher, Refusal> {
        let viewer = parts.extensions.get().cloned().unwrap_or(Viewer::Anonymous);
        // Read the grant first: if the number changes in the meantime, the grant is the old one and
        // is ended by the next check.
        let right = self.right(parts).await?;
        let StoredPollView { stored, seen } =
            load_for_viewer(&self.db, &self.keys, &self.cache, &viewer, id).await?;
        if !seen.results_open() || !stored.public() {
            return Err(Refusal::Forbidden {
                message: String::new(),
            });
        }
        let is_public =
            seen.poll.results == ResultsRule::Always || seen.poll.state == Standing::Closed;
        let right = match (is_public, right) {
            (true, _) => None,
            (false, Some(right)) => Some(right),
            (false, None) => return Err(Refusal::Verify),
        };
        let address = parts
            .extensions
            .get()
            .cloned()
            .unwrap_or_else(|| ClientIp(String::new()));
        self.live
            .watch(&seen.poll, address, right)
            .map_err(|full| match full {
                Full::ClientIp => Refusal::TooSoon {
                    message: String::new(),
                    wait: WAIT,
                },
                Full::All => Refusal::Unavailable {
                    message: String::new(),
                    wait: WAIT,
                },
            })
    }

    async fn right(&self, parts: &Parts) -> Result<Option<ViewGrant>, Refusal> {
        let Some(session) = key_of(parts) else {
            return Ok(None);
        };
        let mut numbers =
            verified_number_macs(self.db.read(), &[&session], self.clock.now()).await?;
        Ok(numbers
            .remove(&session)
            .map(|number| ViewGrant { session, number }))
    }
}

struct Reader {
    watcher: Watcher,
    sent: Option<Place>,
    stop: CancellationToken,
    greeted: bool,
    over: bool,
}

/// The events for one reader. They share their bytes with all readers, and never go back to an
/// older version.
fn events(
    watcher: Watcher,
    sent: Option<Place>,
    stop: CancellationToken,
) -> impl Stream<Item = Result<Bytes, Infallible>> {
    let reader = Reader {
        watcher,
        sent,
        stop,
        greeted: false,
        over: false,
    };
    stream::unfold(reader, async |mut reader| {
        let event = reader.next().await?;
        Some((Ok(event), reader))
    })
}

impl Reader {
    async fn next(&mut self) -> Option<Bytes> {
        if !self.greeted {
            self.greeted = true;
            return Some(Bytes::from(format!("retry: {RETRY_MS}\n\n")));
        }
        if self.over {
            return None;
        }
        loop {
            if self.watcher.ended.is_cancelled() {
                return Some(self.end());
            }
            let frame = self.watcher.frames.borrow_and_update().clone();
            if let Some(frame) =
                frame.filter(|frame| self.sent.is_none_or(|sent| sent < frame.place))
            {
                self.sent = Some(frame.place);
                self.over = frame.place.1;
                return Some(frame.bytes.clone());
            }
            tokio::select! {
                // On shutdown, readers reconnect to the next process.
                () = self.stop.cancelled() => return None,
                () = self.watcher.ended.cancelled() => return Some(self.end()),
                changed = self.watcher.frames.changed() => if changed.is_err() {
                    return Some(self.end());
                },
                () = sleep(HEARTBEAT) => return Some(Bytes::from_static(b":\n\n")),
            }
        }
    }

    /// Returns the last event of the stream.
    fn end(&mut self) -> Bytes {
        self.over = true;
        Bytes::from_static(OVER_EVENT.as_bytes())
    }
}
