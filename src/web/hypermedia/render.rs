//! Renders pages to a single string of HTML.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, PoisonError};

use axum::extract::Request;
use axum::http::header::{ACCEPT, CACHE_CONTROL, REFRESH, VARY};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{Html, IntoResponse, Response};
use futures::future::join_all;
use leptos::prelude::*;
use leptos::tachys::ssr::StreamChunk;
use leptos_axum::ResponseOptions;
use url::form_urlencoded;

use crate::web::components::form::{FormState, FormToken, OwnerTag};
use crate::web::components::page::layout::HtmxHeaders;
use crate::web::components::page::meta_tags::introduced;
use crate::web::components::page::page_meta::{PageMeta, Values};
use crate::web::components::sentence::isolate;
use crate::web::http::csrf::Csrf;
use crate::web::hypermedia::dispatch::Site;
use crate::web::hypermedia::page_owner::PageOwner;
use crate::web::hypermedia::response::{redirect_to, status};
use crate::web::location::Location;

impl Site {
    /// Renders a page outside the application's route table.
    pub async fn show(&self, request: Request, page: impl FnOnce() -> AnyView) -> Response {
        let (parts, _) = request.into_parts();
        self.render(parts, page, None).await
    }

    /// Renders a page into one string. All its data has been loaded by then, so no script is needed
    /// to put it in place.
    pub(super) async fn render(
        &self,
        parts: Parts,
        page: impl FnOnce() -> AnyView,
        state: Option<FormState>,
    ) -> Response {
        let (meta, options, owner) = (
            PageMeta::default(),
            ResponseOptions::default(),
            Owner::new(),
        );
        let (uri, part) = (parts.uri.clone(), is_partial_request(&parts.headers));
        let pieces = owner.with(|| {
            self.provide_context(&parts);
            provide_context(meta.clone());
            provide_context(options.clone());
            if let Some(state) = state {
                provide_context(state);
            }
            provide_context(parts);
            let view = if part {
                page()
            } else {
                (self.document)(page())
            };
            view.to_html_stream_in_order().take_chunks()
        });
        let html = join_pieces(pieces).await;
        let values = meta.read();
        if let Some(instead) = &values.instead {
            return redirect_to(instead, &uri);
        }
        let mut response = Html(with_title(&html.replace("<!>", ""), &values)).into_response();
        if let Some(code) = values.status {
            *response.status_mut() = status(code);
        }
        let headers = response.headers_mut();
        if let Some(seconds) = values.refresh {
            headers.insert(REFRESH, seconds.into());
        }
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(
            VARY,
            HeaderValue::from_static("HX-Request, HX-Request-Type, HX-History-Restore-Request"),
        );
        let mut set = options.0.write().unwrap_or_else(PoisonError::into_inner);
        headers.extend(std::mem::take(&mut set.headers));
        response
    }

    /// Returns a closure that provides the context of a server function.
    pub(super) fn context(&self, parts: &Parts) -> impl Fn() + Clone + Send + 'static + use<> {
        let (site, parts) = (self.clone(), parts.clone());
        move || site.provide_context(&parts)
    }

    /// Provides the context of components and server functions.
    fn provide_context(&self, parts: &Parts) {
        (self.provide)(parts);
        provide_context(Location {
            path_and_query: parts
                .uri
                .path_and_query()
                .map(ToString::to_string)
                .unwrap_or_default(),
            query: form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes())
                .into_owned()
                .collect(),
            part: is_partial_request(&parts.headers),
            program: is_from_program(&parts.headers),
        });
        let owner = PageOwner::of(parts);
        provide_context(HtmxHeaders(owner.headers()));
        provide_context(OwnerTag(owner.as_str().to_owned()));
        if let Some(csrf) = parts.extensions.get::<Csrf>().cloned() {
            provide_context(FormToken(Arc::new(move || csrf.token())));
        }
    }
}

/// Returns whether htmx wants only the main part. It doesn't when it restores a page from its
/// history.
pub(super) fn is_partial_request(headers: &HeaderMap) -> bool {
    headers.contains_key("hx-request")
        && !headers.contains_key("hx-history-restore-request")
        && headers
            .get("hx-request-type")
            .is_none_or(|kind| kind != "full")
}

/// Returns whether a request neither accepts HTML nor is one of htmx.
fn is_from_program(headers: &HeaderMap) -> bool {
    let accept = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok());
    !headers.contains_key("hx-request")
        && !accept.is_some_and(|accept| accept.contains("text/html"))
}

/// Joins the HTML of a page's pieces in order.
///
/// The sections are polled together until all are ready. Leptos polls each once to see whether it
/// is ready, and its stream then polls only the first. The others would meanwhile hold database
/// connections, or positions in the pool's queue, that the first one waits for: a deadlock.
fn join_pieces(mut pieces: VecDeque<StreamChunk>) -> Pin<Box<dyn Future<Output = String> + Send>> {
    Box::pin(async move {
        if let [StreamChunk::Sync(html)] = pieces.make_contiguous() {
            return std::mem::take(html);
        }
        let html = pieces.into_iter().map(|piece| async {
            match piece {
                StreamChunk::Sync(html) => html,
                StreamChunk::Async { chunks } => join_pieces(chunks.await).await,
                StreamChunk::OutOfOrder { chunks } => join_pieces(chunks.await.take_chunks()).await,
            }
        });
        join_all(html).await.concat()
    })
}

/// Inserts the title: in a document into the `<head>`, with the meta tags; in a part at the
/// beginning, where htmx reads it.
pub(super) fn with_title(html: &str, values: &Values) -> String {
    let name = match values.title.as_str() {
        "" => "Pollstr".to_owned(),
        // A script that runs from right to left isn't in ASCII.
        ascii if ascii.is_ascii() => format!("{ascii} · Pollstr"),
        other => format!("{} · Pollstr", isolate(other)),
    };
    let title = view! { <title>{name}</title> }.to_html().replace("<!>", "");
    let introduction = || {
        values
            .introduction
            .as_ref()
            .map(|introduction| introduced(&values.title, introduction))
            .unwrap_or_default()
    };
    match html.split_once("<head>") {
        Some((before, after)) => match after.split_once("</head>") {
            Some((head, body)) => [
                before,
                "<head>",
                &title,
                head,
                &introduction(),
                "</head>",
                body,
            ]
            .concat(),
            None => [before, "<head>", &title, after].concat(),
        },
        None => [&title, html].concat(),
    }
}
