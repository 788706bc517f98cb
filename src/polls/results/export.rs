//! Downloads of the results as CSV, JSON and BLT, and the recount bundle. They follow the same
//! access rule as the results page. Also the calendar file with the closing time, for everyone who
//! sees the poll.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures::stream;
use sea_orm::DbErr;
use serde::Serialize;

use crate::platform::clock::Clock;
use crate::platform::db::Db;
use crate::polls::current_poll::read_poll;
use crate::polls::model::poll::{Correction, Poll, State as Stage};
use crate::polls::results::access::{ResultsView, being_sealed, read_results};
use crate::polls::results::blt::ballot_lines;
use crate::polls::results::csv::to_csv;
use crate::polls::results::icalendar::Event;
use crate::polls::sealing::bundle::{Bundle, cached_ballot_counts};
use crate::polls::sealing::bundle_format::{Counted, FrozenPoll};
use crate::polls::store::polls;
use crate::polls::store::polls::StoredPoll;
use crate::web::hypermedia::dispatch::Site;
use crate::web::hypermedia::outcome::Refusal;
use crate::web::location::Origin;

/// The state of the download routes.
#[derive(Clone, Debug)]
pub struct Source {
    /// The site, whose server functions check access.
    pub site: Site,
    /// The database.
    pub db: Db,
    /// The clock.
    pub clock: Clock,
}

/// The download routes.
pub fn router(source: Source) -> Router {
    Router::new()
        .route("/polls/{id}/results.csv", get(csv))
        .route("/polls/{id}/results.json", get(json))
        .route("/polls/{id}/results.blt", get(blt))
        .route("/polls/{id}/bundle.json", get(bundle))
        .route("/polls/{id}/closes.ics", get(calendar))
        .with_state(source)
}

async fn csv(State(source): State<Source>, Path(id): Path<String>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    match source.results(&parts, &id).await {
        Ok(ResultsView { poll, count, .. }) => match to_csv(&count, &poll.corrections) {
            Ok(sheet) => file(&poll.id, "csv", "text/csv; charset=utf-8", sheet),
            Err(error) => source.site.refuse(parts, &failed(&error)).await,
        },
        Err(refusal) => source.site.refuse(parts, &refusal).await,
    }
}

async fn json(State(source): State<Source>, Path(id): Path<String>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    match source.results(&parts, &id).await {
        Ok(ResultsView { poll, count, .. }) => {
            let results = Results {
                format: "pollstr results 1",
                poll: FrozenPoll::of(&poll),
                corrections: &poll.corrections,
                state: poll.state,
                count: Counted::from(&*count),
            };
            match serde_json::to_string_pretty(&results) {
                Ok(text) => file(&poll.id, "json", "application/json", text + "\n"),
                Err(error) => source.site.refuse(parts, &failed(&error)).await,
            }
        }
        Err(refusal) => source.site.refuse(parts, &refusal).await,
    }
}

async fn blt(State(source): State<Source>, Path(id): Path<String>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    match source.rankings(&parts, &id).await {
        Ok((poll, counts)) => file(
            &poll.id,
            "blt",
            "text/plain; charset=utf-8",
            ballot_lines(Arc::clone(&poll), counts),
        ),
        Err(refusal) => source.site.refuse(parts, &refusal).await,
    }
}

async fn bundle(
    State(source): State<Source>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let (parts, _) = request.into_parts();
    let made = match source.sealed(&parts, &id).await {
        Ok(stored) => Bundle::of(&source.db, &stored)
            .await
            .map(|bundle| (bundle, stored.poll.id.clone()))
            .map_err(|error| failed(&error)),
        Err(refusal) => Err(refusal),
    };
    match made {
        Ok((bundle, id)) => {
            let pieces = stream::try_unfold(bundle, async |mut bundle| {
                Ok::<_, DbErr>(bundle.piece().await?.map(|piece| (piece, bundle)))
            });
            file(
                &format!("{id}-bundle"),
                "json",
                "application/json",
                Body::from_stream(pieces),
            )
        }
        Err(refusal) => source.site.refuse(parts, &refusal).await,
    }
}

async fn calendar(
    State(source): State<Source>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let (parts, _) = request.into_parts();
    match source.closing(&parts, id).await {
        Ok((id, event)) => file(&id, "ics", "text/calendar; charset=utf-8", event.to_file()),
        Err(refusal) => source.site.refuse(parts, &refusal).await,
    }
}

impl Source {
    /// The publication of a poll's results as an event, if this request may see the poll.
    async fn closing(&self, parts: &Parts, id: String) -> Result<(String, Event), Refusal> {
        let reading = async { (Origin::from_context(), read_poll(id).await) };
        let (origin, seen) = self.site.within(parts, reading).await;
        let poll = seen?.poll;
        let host = url::Url::parse(&origin.0)
            .ok()
            .and_then(|origin| origin.host_str().map(str::to_owned));
        let event = Event {
            uid: format!("{}@{}", poll.id, host.unwrap_or_default()),
            at: poll.closes_at.ok_or(Refusal::NotFound)?,
            made_at: self.clock.now(),
            summary: format!("Results: {}", poll.question),
            url: origin.of(&format!("{}/results", poll.path())),
        };
        Ok((poll.id.clone(), event))
    }

    /// The results, if this request may see them.
    async fn results(&self, parts: &Parts, id: &str) -> Result<ResultsView, Refusal> {
        self.site.within(parts, read_results(id.to_owned())).await
    }

    /// A sealed poll, if this request may see it. After the close, its results are public.
    async fn sealed(&self, parts: &Parts, id: &str) -> Result<StoredPoll, Refusal> {
        let seen = self.site.within(parts, read_poll(id.to_owned())).await?;
        if seen.poll.state != Stage::Closed {
            return Err(Refusal::Forbidden {
                message: "This file is available after the poll closes.".to_owned(),
            });
        }
        let stored = self.find(&seen.poll.id).await?;
        // Sealing takes a moment after the close.
        if stored.sealed {
            Ok(stored)
        } else {
            Err(being_sealed())
        }
    }

    async fn find(&self, id: &str) -> Result<StoredPoll, Refusal> {
        let found = polls::find(self.db.read(), id, self.clock.now())
            .await
            .map_err(|error| failed(&error))?;
        found.ok_or(Refusal::NotFound)
    }

    /// The complete rankings of a poll whose organiser chose to publish them.
    async fn rankings(
        &self,
        parts: &Parts,
        id: &str,
    ) -> Result<(Arc<Poll>, Arc<BTreeMap<String, i64>>), Refusal> {
        let seen = self.site.within(parts, read_poll(id.to_owned())).await?;
        if !seen.poll.kind.is_ranking() || !seen.poll.rankings {
            return Err(Refusal::NotFound);
        }
        let stored = self.sealed(parts, id).await?;
        let counts = cached_ballot_counts(&self.db, &stored)
            .await
            .map_err(|error| failed(&error))?;
        if FrozenPoll::of(&stored.poll)
            .omit_reason(counts.values().sum())
            .is_some()
        {
            let message = "Fewer than five people voted, so their rankings aren't published: they could be identified.";
            return Err(Refusal::Forbidden {
                message: message.to_owned(),
            });
        }
        Ok((stored.poll, counts))
    }
}

fn failed(error: &dyn std::fmt::Display) -> Refusal {
    tracing::error!(%error, "a file could not be made");
    Refusal::unavailable()
}

/// A response that browsers save as a file. Poll ids are alphanumeric, so the name needs no
/// escaping.
fn file(name: &str, ending: &str, kind: &'static str, body: impl Into<Body>) -> Response {
    let disposition = format!("attachment; filename=\"poll-{name}.{ending}\"");
    let headers = [
        (CONTENT_TYPE, kind.to_owned()),
        (CONTENT_DISPOSITION, disposition),
        (CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, body.into()).into_response()
}

/// The JSON download.
#[derive(Serialize)]
struct Results<'a> {
    format: &'static str,
    poll: FrozenPoll,
    corrections: &'a [Correction],
    state: Stage,
    count: Counted,
}

#[cfg(test)]
#[path = "export_tests.rs"]
mod tests;
