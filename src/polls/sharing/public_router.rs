//! What other sites can fetch of a poll: the embed, its oEmbed description, its preview image and,
//! after the close, its result card.
//! Requests are anonymous: no cookie is read or set.

use std::sync::Arc;

use axum::extract::{Path, Query, Request, State};
use axum::http::header::{CACHE_CONTROL, RETRY_AFTER};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use leptos::prelude::*;
use sea_orm::DbErr;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use crate::platform::clock::Clock;
use crate::platform::db::Db;
use crate::polls::components::introduction::picture_path;
use crate::polls::model::poll::{Poll, State as Stage};
use crate::polls::sharing::embed::{Embed, document};
use crate::polls::sharing::og_image::OgImages;
use crate::polls::sharing::picture_response::{CACHE_FIVE_MINUTES, picture_response};
use crate::polls::sharing::result_card::{card_of, final_results};
use crate::polls::sharing::share::{embed_code, embed_height};
use crate::polls::store::polls;
use crate::web::http::headers::Open;
use crate::web::hypermedia::dispatch::Site;
use crate::web::hypermedia::outcome::Refusal;
use crate::web::location::Origin;

/// Default width of an embed, in pixels.
const WIDTH: u32 = 600;

/// Shared state of the handlers.
#[derive(Clone, Debug)]
pub struct Outside {
    frame: Site,
    origin: Origin,
    db: Db,
    clock: Clock,
    pictures: OgImages,
}

impl Outside {
    /// Creates the state for this site.
    #[must_use]
    pub fn new(site: &Site, origin: &str, db: &Db, clock: &Clock) -> Self {
        let frame = Site {
            document,
            ..site.clone()
        };
        Self {
            frame,
            origin: Origin(origin.into()),
            db: db.clone(),
            clock: clock.clone(),
            pictures: OgImages::default(),
        }
    }

    /// Returns a poll that anyone with its link may see.
    async fn poll(&self, id: &str) -> Result<Option<Arc<Poll>>, DbErr> {
        let stored = polls::find(self.db.read(), id, self.clock.now()).await?;
        let seen = stored
            .filter(|stored| stored.hidden_reason.is_none() && stored.poll.state != Stage::Draft);
        Ok(seen.map(|stored| stored.poll))
    }
}

/// Returns the routes.
pub fn router(outside: Outside) -> Router {
    Router::new()
        .route("/polls/{id}/embed", get(embed))
        .route("/polls/{id}/picture.png", get(picture))
        .route("/polls/{id}/result.png", get(result_card))
        .route("/oembed", get(oembed))
        .with_state(Arc::new(outside))
}

/// `GET /polls/{id}/embed`
async fn embed(
    State(outside): State<Arc<Outside>>,
    Path(id): Path<String>,
    mut request: Request,
) -> Response {
    // Drops cookies, so that the page is anonymous, and htmx headers, so that it is always whole.
    request.headers_mut().clear();
    let mut response = outside
        .frame
        .show(request, move || view! { <Embed id/> }.into_any())
        .await;
    response.extensions_mut().insert(Open::Framed);
    response
}

/// `GET /polls/{id}/picture.png`
async fn picture(
    State(outside): State<Arc<Outside>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let poll = match outside.poll(&id).await {
        Ok(Some(poll)) => poll,
        Ok(None) => return none(StatusCode::NOT_FOUND),
        Err(error) => return failed(&error),
    };
    match outside.pictures.of(&poll.id, &poll.question).await {
        Ok(picture) => picture_response(&picture, &headers, poll.listed),
        Err(error) => failed(&error),
    }
}

/// `GET /polls/{id}/result.png`
async fn result_card(
    State(outside): State<Arc<Outside>>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let (mut parts, _) = request.into_parts();
    // Without cookies, the viewer is a stranger.
    let headers = std::mem::take(&mut parts.headers);
    let (poll, count) = match outside.frame.within(&parts, final_results(id)).await {
        Ok(results) => results,
        Err(refusal) => return refused(&refusal),
    };
    match card_of(&outside.pictures, &poll, &count).await {
        Ok(picture) => picture_response(&picture, &headers, poll.listed),
        Err(error) => failed(&error),
    }
}

/// The query of an oEmbed request.
#[derive(Debug, Deserialize)]
struct Asked {
    url: Option<String>,
    format: Option<String>,
    maxwidth: Option<u32>,
    maxheight: Option<u32>,
}

/// `GET /oembed` (<https://oembed.com>)
async fn oembed(State(outside): State<Arc<Outside>>, Query(asked): Query<Asked>) -> Response {
    if asked
        .format
        .as_deref()
        .is_some_and(|format| format != "json")
    {
        return none(StatusCode::NOT_IMPLEMENTED);
    }
    let Some(url) = &asked.url else {
        return none(StatusCode::BAD_REQUEST);
    };
    let Some(id) = poll_id(&outside.origin, url) else {
        return none(StatusCode::NOT_FOUND);
    };
    match outside.poll(&id).await {
        Ok(Some(poll)) => (
            [(CACHE_CONTROL, CACHE_FIVE_MINUTES)],
            Json(described(&outside.origin, &poll, &asked)),
        )
            .into_response(),
        Ok(None) => none(StatusCode::NOT_FOUND),
        Err(error) => failed(&error),
    }
}

/// Returns the poll id from an absolute URL of this site.
fn poll_id(origin: &Origin, url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    if url.origin().ascii_serialization() != *origin.0 {
        return None;
    }
    let parts: Vec<&str> = url.path().trim_matches('/').split('/').collect();
    match parts[..] {
        ["polls", id] | ["polls", id, "vote" | "results" | "screen" | "embed"] => {
            Some(id.to_owned())
        }
        _ => None,
    }
}

fn described(origin: &Origin, poll: &Poll, asked: &Asked) -> Value {
    let width = asked.maxwidth.map_or(WIDTH, |most| most.min(WIDTH));
    let height = asked
        .maxheight
        .map_or(embed_height(poll), |most| most.min(embed_height(poll)));
    let mut described = json!({
        "version": "1.0",
        "type": "rich",
        "title": poll.question,
        "provider_name": "Pollstr",
        "provider_url": &*origin.0,
        "cache_age": 300,
        "html": embed_code(origin, poll, &width.to_string(), height),
        "width": width,
        "height": height,
    });
    // The thumbnail must not be larger than the requested maximum.
    if asked.maxwidth.is_none_or(|most| most >= 1200)
        && asked.maxheight.is_none_or(|most| most >= 630)
    {
        described["thumbnail_url"] = origin.of(&picture_path(&poll.id)).into();
        described["thumbnail_width"] = 1200.into();
        described["thumbnail_height"] = 630.into();
    }
    described
}

/// Responds with a status, without a poll.
fn none(status: StatusCode) -> Response {
    (
        status,
        [(CACHE_CONTROL, "no-store")],
        status.canonical_reason().unwrap_or_default(),
    )
        .into_response()
}

/// Responds with the reason for a refusal.
fn refused(refusal: &Refusal) -> Response {
    let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::FORBIDDEN);
    let mut response = (status, [(CACHE_CONTROL, "no-store")], refusal.to_string()).into_response();
    if let Some(wait) = refusal.wait() {
        response.headers_mut().insert(RETRY_AFTER, wait.into());
    }
    response
}

fn failed(error: &dyn std::error::Error) -> Response {
    tracing::error!(%error, "a poll could not be told to another site");
    none(StatusCode::SERVICE_UNAVAILABLE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_polls_of_this_site_lead_to_one() {
        let origin = Origin("https://polls.example.org".into());
        let id = |url: &str| poll_id(&origin, url);
        for url in [
            "/polls/abc",
            "/polls/abc/",
            "/polls/abc/vote",
            "/polls/abc/results?x=y#z",
            "/polls/abc/screen",
            "/polls/abc/embed",
        ] {
            assert_eq!(id(&origin.of(url)).as_deref(), Some("abc"), "{url}");
        }
        for url in [
            "/polls/abc/edit",
            "/polls",
            "/",
            "/polls/abc/results/x",
            "/account",
        ] {
            assert_eq!(id(&origin.of(url)), None, "{url}");
        }
        for url in [
            "https://polls.example.org.evil.example/polls/abc",
            "http://polls.example.org/polls/abc",
            "https://polls.example.org:444/polls/abc",
            "https://polls.example.org@evil.example/polls/abc",
            "/polls/abc",
            "",
        ] {
            assert_eq!(id(url), None, "{url}");
        }
    }
}
