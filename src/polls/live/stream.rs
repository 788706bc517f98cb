//! Live results: a stream of them, for as long as its reader may see them.

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

use crate::accounts::sessions::active_sessions::numbers_of_verified;
use crate::accounts::sessions::session::key_of;
use crate::accounts::viewer::Viewer;
use crate::platform::clock::Clock;
use crate::platform::crypto::Keys;
use crate::platform::db::Db;
use crate::polls::live::frame::{COME_BACK, OVER, Place};
use crate::polls::live::grants::ViewGrant;
use crate::polls::live::hub::{Full, LiveHub, Watcher};
use crate::polls::model::poll::{ResultsRule, State as Standing};
use crate::polls::store::cache::PollCache;
use crate::polls::store::poll_view::{StoredPollView, for_this_viewer};
use crate::web::http::client_ip::ClientIp;
use crate::web::hypermedia::outcome::Refusal;

/// How long nothing is sent at most, so that nobody on the way takes the connection for dead.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// When it is worth asking again for a place to watch from, in seconds.
const WAIT: i64 = 60;

/// What streams are made of.
#[derive(Clone, Debug)]
pub struct Source {
    /// The database.
    pub db: Db,
    /// The keys.
    pub keys: Keys,
    /// The time.
    pub clock: Clock,
    /// Polls and counts.
    pub snapshots: PollCache,
    /// Who watches.
    pub live: LiveHub,
}

/// What a reader has already.
#[derive(Debug, Default, Deserialize)]
pub struct Seen {
    after: Option<i64>,
}

/// `GET /polls/{id}/live`: an event with the results each time they change.
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
                // A proxy that gathers what it passes on would keep everything.
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
            // A stream has no page to lead to: whoever may not see it is told so.
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
        // The right is read first: should the number change meanwhile, the right is the old one, and ends.
        let right = self.right(parts).await?;
        let StoredPollView { stored, seen } =
            for_this_viewer(&self.db, &self.keys, &self.snapshots, &viewer, id).await?;
        if !seen.results_open() || !stored.public() {
            return Err(Refusal::Forbidden {
                message: String::new(),
            });
        }
        let everybodys =
            seen.poll.results == ResultsRule::Always || seen.poll.state == Standing::Closed;
        let right = match (everybodys, right) {
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
            numbers_of_verified(self.db.read(), &[&session], self.clock.now()).await?;
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

/// What one reader is sent. Only references to what all share, and never the older after the newer.
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
            return Some(Bytes::from(format!("retry: {COME_BACK}\n\n")));
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
                // The process is going; whoever reads comes back to the next one.
                () = self.stop.cancelled() => return None,
                () = self.watcher.ended.cancelled() => return Some(self.end()),
                changed = self.watcher.frames.changed() => if changed.is_err() {
                    return Some(self.end());
                },
                () = sleep(HEARTBEAT) => return Some(Bytes::from_static(b":\n\n")),
            }
        }
    }

    /// The last event: there is no more to see.
    fn end(&mut self) -> Bytes {
        self.over = true;
        Bytes::from_static(OVER.as_bytes())
    }
}
