//! Renders pages to a single string of HTML.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, REFRESH, VARY};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use futures::future::join_all;
use futures::{Stream, StreamExt, stream};
use leptos::prelude::*;
use leptos::tachys::ssr::StreamChunk;
use leptos_axum::handle_response_inner;
use url::form_urlencoded;

use crate::web::components::form::{FormState, FormToken, OwnerTag};
use crate::web::components::layout::HtmxHeaders;
use crate::web::components::meta_tags::introduced;
use crate::web::components::page_meta::{PageMeta, Values};
use crate::web::http::csrf::Csrf;
use crate::web::hypermedia::dispatch::Site;
use crate::web::hypermedia::page_owner::PageOwner;
use crate::web::hypermedia::response::{redirect_to, status};
use crate::web::location::Location;

impl Site {
    /// Renders a page outside the application's route table.
    pub async fn show(
        &self,
        request: Request,
        page: impl FnOnce() -> AnyView + Send + 'static,
    ) -> Response {
        let (parts, _) = request.into_parts();
        self.render(parts, page, None).await
    }

    pub(super) async fn render(
        &self,
        parts: Parts,
        page: impl FnOnce() -> AnyView + Send + 'static,
        state: Option<FormState>,
    ) -> Response {
        let part = is_partial_request(&parts.headers);
        let (answer, uri) = (PageMeta::default(), parts.uri.clone());
        let provide = {
            let (context, answer) = (self.context(&parts), answer.clone());
            move || {
                context();
                provide_context(answer.clone());
                if let Some(state) = &state {
                    provide_context(state.clone());
                }
            }
        };
        let document = self.document;
        let view = move || if part { page() } else { document(page()) };
        let response = handle_response_inner(
            provide,
            view,
            Request::from_parts(parts, Body::empty()),
            render_to_string,
        )
        .await;
        let values = answer.read();
        if let Some(instead) = &values.instead {
            return redirect_to(instead, &uri);
        }
        let (head, body) = response.into_parts();
        let html = to_bytes(body, usize::MAX).await.unwrap_or_default();
        let html = with_title(&String::from_utf8_lossy(&html), &values);
        let mut response = Response::from_parts(head, Body::from(html));
        if let Some(code) = values.status {
            *response.status_mut() = status(code);
        }
        if let Some(seconds) = values.refresh {
            response.headers_mut().insert(REFRESH, seconds.into());
        }
        response
            .headers_mut()
            .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response.headers_mut().insert(
            VARY,
            HeaderValue::from_static("HX-Request, HX-Request-Type, HX-History-Restore-Request"),
        );
        response
    }

    /// Returns a closure that provides the context of components and server functions.
    pub(super) fn context(&self, parts: &Parts) -> impl Fn() + Clone + Send + 'static + use<> {
        let (provide, parts) = (Arc::clone(&self.provide), parts.clone());
        let here = Location {
            path_and_query: parts
                .uri
                .path_and_query()
                .map(ToString::to_string)
                .unwrap_or_default(),
            query: form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes())
                .into_owned()
                .collect(),
            part: is_partial_request(&parts.headers),
        };
        move || {
            provide(&parts);
            provide_context(here.clone());
            let made_for = PageOwner::of(&parts);
            provide_context(OwnerTag(made_for.as_str().to_owned()));
            provide_context(HtmxHeaders(made_for.headers()));
            if let Some(csrf) = parts.extensions.get::<Csrf>().cloned() {
                provide_context(FormToken(Arc::new(move || csrf.token())));
            }
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

pub(crate) type Chunks = Pin<Box<dyn Stream<Item = String> + Send>>;

/// Renders a page into one string. All its data has been loaded by then, so no script is needed to
/// put it in place.
///
/// The sections are polled together until all are ready. Leptos polls each once to see whether it
/// is ready, and its stream then polls only the first. The others would meanwhile hold database
/// connections, or positions in the pool's queue, that the first one waits for: a deadlock.
pub(super) fn render_to_string(
    view: AnyView,
    scripts: Box<dyn FnOnce() -> Chunks + Send>,
    _out_of_order: bool,
) -> Pin<Box<dyn Future<Output = Chunks> + Send>> {
    let page = view.to_html_stream_in_order().take_chunks();
    let scripts = scripts();
    Box::pin(async move {
        let html = joined(page).await;
        // The hydration data is drained rather than dropped, since it is freed only after it was
        // read.
        scripts.for_each(|_| std::future::ready(())).await;
        let page: Chunks = Box::pin(stream::once(std::future::ready(html.replace("<!>", ""))));
        page
    })
}

/// Concatenates the HTML of a page's chunks, recursively and in order.
pub(crate) fn joined(
    pieces: VecDeque<StreamChunk>,
) -> Pin<Box<dyn Future<Output = String> + Send>> {
    Box::pin(async move {
        let html = pieces.into_iter().map(|piece| async {
            match piece {
                StreamChunk::Sync(html) => html,
                StreamChunk::Async { chunks } => joined(chunks.await).await,
                StreamChunk::OutOfOrder { chunks } => joined(chunks.await.take_chunks()).await,
            }
        });
        join_all(html).await.concat()
    })
}

/// Inserts the title: in a document into the `<head>`, with the meta tags; in a part at the
/// beginning, where htmx reads it.
pub(super) fn with_title(html: &str, values: &Values) -> String {
    let name = if values.title.is_empty() {
        "Pollstr".to_owned()
    } else {
        format!("{} · Pollstr", values.title)
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
