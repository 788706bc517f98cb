//! How this server speaks to a browser, to htmx and to JSON callers: one place for all pages and all server functions.
//!
//! A page is rendered whole, or its main part alone where htmx asks for it. A post names its server function; accepted, the answer
//! leads on; refused, the same page comes back with what was typed and what to mend. Nothing of an error is ever in an address.

use std::any::Any;
use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Path, Request, State};
use axum::http::header::{
    ACCEPT, ALLOW, CACHE_CONTROL, CONTENT_TYPE, REFRESH, RETRY_AFTER, SET_COOKIE, VARY,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use futures::future::join_all;
use futures::{Stream, StreamExt, stream};
use leptos::prelude::*;
use leptos::server_fn::axum::get_server_fn_service;
use leptos::tachys::ssr::StreamChunk;
use leptos_axum::{handle_response_inner, handle_server_fns_with_context};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::time::timeout;
use url::form_urlencoded;

use crate::web::components::form::{FormState, FormToken, Whose};
use crate::web::components::layout;
use crate::web::components::layout::{ErrorPage, FlashMessage, HtmxHeaders};
use crate::web::components::meta_tags::introduced;
use crate::web::components::page_meta::{Instead, PageMeta, Word};
use crate::web::http::csrf::Csrf;
use crate::web::hypermedia::outcome::{Refusal, Stay};
use crate::web::hypermedia::page_owner::PageOwner;
use crate::web::hypermedia::response::{
    Caller, accepted, go_instead, hold_still, instead_of, json_answer, json_refusal, status, stay,
};
use crate::web::hypermedia::submission::Submission;
use crate::web::location::{Location, NextPath};

/// How long an answer to whoever reads may take; it must be there after six seconds.
const PATIENCE: Duration = Duration::from_millis(5_750);
/// How long a page may take to come back when something has failed already, which took its time.
const PATIENCE_AFTER_A_FAILURE: Duration = Duration::from_millis(1_500);
/// After how many seconds it is worth asking again.
const AGAIN: HeaderValue = HeaderValue::from_static("5");

/// What the application brings: its pages, and what they and the server functions find in their context.
#[derive(Clone)]
pub struct Site {
    /// The page for an address, without the document around it.
    pub page: fn() -> AnyView,
    /// The document around a page.
    pub document: fn(AnyView) -> AnyView,
    /// Puts into the context what this request's components and server functions use.
    pub provide: Arc<dyn Fn(&Parts) + Send + Sync>,
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Site")
    }
}

/// `GET` of any page.
pub async fn page(State(site): State<Site>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    site.render(parts, site.page, None).await
}

/// `GET` of an address where there is no page.
pub async fn nothing(State(site): State<Site>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    // An address with a slash too many is one that somebody typed.
    let typed = parts
        .uri
        .path_and_query()
        .map(ToString::to_string)
        .unwrap_or_default();
    let (path, query) = typed.split_at(typed.find('?').unwrap_or(typed.len()));
    let shorter = path
        .strip_suffix('/')
        .filter(|_| parts.method == Method::GET)
        .and_then(|path| NextPath::parse(&format!("{path}{query}")));
    if let Some(shorter) = shorter {
        return go_instead(&Instead::Path(shorter.as_str().to_owned()), &parts.uri);
    }
    site.error(parts, StatusCode::NOT_FOUND, String::new())
        .await
}

/// `POST` of a form to the page it stands on.
pub async fn submit(State(site): State<Site>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let submission = match Submission::read(&parts, body).await {
        Ok(submission) => submission,
        Err(unreadable) => {
            return site
                .error(parts, status(unreadable.status()), String::new())
                .await;
        }
    };
    let function = submission.function.clone();
    site.call(parts, &function, submission).await
}

/// `POST` of a JSON caller to a server function.
pub async fn api_submit(
    State(site): State<Site>,
    Path(function): Path<String>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    match Submission::read(&parts, body).await {
        Ok(submission) => site.call(parts, &function, submission).await,
        Err(unreadable) => {
            site.error(parts, status(unreadable.status()), String::new())
                .await
        }
    }
}

/// `GET` of a server function that only reads.
pub async fn api_read(State(site): State<Site>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    if get_server_fn_service(parts.uri.path(), Method::GET).is_none() {
        return site
            .error(parts, StatusCode::NOT_FOUND, String::new())
            .await;
    }
    let answer = site
        .run(&parts, parts.uri.clone(), Method::GET, Body::empty())
        .await;
    match answer {
        Ok((value, _)) => json_answer(StatusCode::OK, &value, None),
        Err(refusal) => json_refusal(&refusal),
    }
}

/// Dresses an error that came from below the pages, such as a body that never arrived, in a page of this site.
pub async fn dress_errors(
    State(site): State<Site>,
    request: Request,
    next: axum::middleware::Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let response = next.run(Request::from_parts(parts.clone(), body)).await;
    let bare = response
        .headers()
        .get(CONTENT_TYPE)
        .is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"));
    if response.status().as_u16() < 400 || !bare {
        return response;
    }
    let mut dressed = site.error(parts, response.status(), String::new()).await;
    for name in [ALLOW, RETRY_AFTER] {
        if let Some(value) = response.headers().get(&name) {
            dressed.headers_mut().insert(name, value.clone());
        }
    }
    if response.status() == StatusCode::SERVICE_UNAVAILABLE {
        dressed.headers_mut().entry(RETRY_AFTER).or_insert(AGAIN);
    }
    dressed
}

/// Answers whoever reads in time, though what they read is not there. What somebody posts has its own limits, for it must not be cut.
pub async fn in_time(request: Request, next: axum::middleware::Next) -> Response {
    if !request.method().is_safe() {
        return next.run(request).await;
    }
    let answer = timeout(PATIENCE, next.run(request)).await;
    answer.unwrap_or_else(|_| {
        tracing::error!("an answer was not ready in time");
        (
            StatusCode::SERVICE_UNAVAILABLE,
            [
                (RETRY_AFTER, AGAIN),
                (CACHE_CONTROL, HeaderValue::from_static("no-store")),
            ],
        )
            .into_response()
    })
}

/// What to answer when something has panicked; `dress_errors` makes a page of it.
#[must_use]
pub fn panicked(_: Box<dyn Any + Send>) -> Response {
    tracing::error!("a request panicked");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

impl Site {
    /// A page that is not among the application's own.
    pub async fn show(
        &self,
        request: Request,
        page: impl FnOnce() -> AnyView + Send + 'static,
    ) -> Response {
        let (parts, _) = request.into_parts();
        self.render(parts, page, None).await
    }

    /// Reads with a server function that takes an `id`, as whoever asks here.
    ///
    /// # Errors
    /// When the function refuses.
    pub async fn read<T: DeserializeOwned>(
        &self,
        parts: &Parts,
        function: &str,
        id: &str,
    ) -> Result<T, Refusal> {
        let id: String = form_urlencoded::byte_serialize(id.as_bytes()).collect();
        let uri = format!("/api/{function}?id={id}")
            .parse()
            .map_err(|_| Refusal::NotFound)?;
        let (value, _) = self.run(parts, uri, Method::GET, Body::empty()).await?;
        serde_json::from_value(value).map_err(|error| {
            tracing::error!(%error, "a server function's answer could not be read");
            Refusal::unavailable()
        })
    }

    /// Answers somebody who asked for a file that was refused as a page would be.
    pub async fn refuse(&self, parts: Parts, refusal: &Refusal) -> Response {
        if Caller::of(&parts.uri, &parts.headers) == Caller::Json {
            return json_refusal(refusal);
        }
        if let Some(instead) = instead_of(refusal) {
            return go_instead(&instead, &parts.uri);
        }
        let mut response = self
            .error(parts, status(refusal.status()), refusal.to_string())
            .await;
        if let Some(wait) = refusal.wait() {
            response.headers_mut().insert(RETRY_AFTER, wait.into());
        }
        response
    }

    /// Runs a server function on what was sent, and answers whoever sent it.
    async fn call(&self, mut parts: Parts, function: &str, submission: Submission) -> Response {
        let caller = Caller::of(&parts.uri, &parts.headers);
        if let Some(nonce) = submission.nonce.filter(|_| caller != Caller::Json) {
            parts.extensions.insert(nonce);
        }
        let path = format!("/api/{function}");
        let known = get_server_fn_service(&path, Method::POST).is_some();
        let Some(uri) = path.parse().ok().filter(|_| known) else {
            let status = if caller == Caller::Json {
                StatusCode::NOT_FOUND
            } else {
                StatusCode::UNPROCESSABLE_ENTITY
            };
            return self.error(parts, status, String::new()).await;
        };
        if caller != Caller::Json && PageOwner::of(&parts).is_not_who(&submission.whose) {
            return self.for_another_person(parts).await;
        }
        let outcome = if !submission.genuine {
            Err(Refusal::form(match caller {
                Caller::Json => {
                    "The token is missing or not yours: send the one of GET /api/csrf as X-CSRF-Token, with its cookie.".to_owned()
                }
                Caller::Browser | Caller::Htmx => press_again(&parts, &submission),
            }))
        } else if submission.odd.is_empty() {
            self.run(
                &parts,
                uri,
                Method::POST,
                Body::from(submission.arguments().to_string()),
            )
            .await
        } else {
            let told = |name: &String| {
                (
                    name.clone(),
                    "There was a character in it that cannot be typed. We have taken it out."
                        .to_owned(),
                )
            };
            Err(Refusal::Invalid {
                message: String::new(),
                fields: submission.odd.iter().map(told).collect(),
            })
        };
        match (outcome, caller) {
            (Ok((next, headers)), caller) => {
                let mut response = match (stay(&next), caller) {
                    (None, _) | (_, Caller::Json) => accepted(&next, caller),
                    (Some(stay), _) => self.stays(parts, function, submission, stay).await,
                };
                response.headers_mut().extend(headers);
                response
            }
            (Err(refusal), Caller::Json) => json_refusal(&refusal),
            (Err(refusal), _) => self.refused(parts, function, submission, refusal).await,
        }
    }

    /// Runs a server function as a JSON call would, and reads what it says and which cookies it sets.
    async fn run(
        &self,
        parts: &Parts,
        uri: Uri,
        method: Method,
        body: Body,
    ) -> Result<(Value, HeaderMap), Refusal> {
        let mut inner = parts.clone();
        (inner.uri, inner.method) = (uri, method);
        // A browser's Accept would have Leptos answer with redirects and put errors into addresses.
        inner
            .headers
            .insert(ACCEPT, HeaderValue::from_static("application/json"));
        inner
            .headers
            .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let running =
            handle_server_fns_with_context(self.context(parts), Request::from_parts(inner, body));
        // In a task of its own: whoever closes the page cuts nothing in half, such as a code that the provider has just approved.
        let response = match tokio::spawn(async move { running.await.into_response() }).await {
            Ok(response) => response,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => return Err(Refusal::unavailable()),
            },
        };
        let (head, body) = response.into_parts();
        let cookies = head
            .headers
            .get_all(SET_COOKIE)
            .into_iter()
            .map(|cookie| (SET_COOKIE, cookie.clone()))
            .collect();
        let unreadable = |error: &dyn fmt::Display| {
            tracing::error!(%error, "a server function's answer could not be read");
            Refusal::unavailable()
        };
        let body = to_bytes(body, usize::MAX)
            .await
            .map_err(|error| unreadable(&error))?;
        if head.status.is_success() {
            return serde_json::from_slice(&body)
                .map(|value| (value, cookies))
                .map_err(|error| unreadable(&error));
        }
        Err(serde_json::from_slice(&body).unwrap_or_else(|error| unreadable(&error)))
    }

    /// Answers a form that was refused: the same page again, or the way to where it would be accepted.
    async fn refused(
        &self,
        mut parts: Parts,
        function: &str,
        submission: Submission,
        refusal: Refusal,
    ) -> Response {
        if let Some(instead) = instead_of(&refusal) {
            return go_instead(&instead, &parts.uri);
        }
        if matches!(refusal, Refusal::Forbidden { .. } | Refusal::NotFound) {
            return self
                .error(parts, status(refusal.status()), refusal.to_string())
                .await;
        }
        let message = match &refusal {
            Refusal::Invalid { message, .. } => message.clone(),
            other => other.to_string(),
        };
        let once_more = !submission.genuine || matches!(refusal, Refusal::Unavailable { .. });
        let (function, values) = (function.to_owned(), submission.values());
        let state = FormState {
            function,
            values,
            message: message.clone(),
            errors: refusal.fields(),
            once_more,
            ..FormState::default()
        };
        parts.method = Method::GET;
        let patience = if matches!(refusal, Refusal::Unavailable { .. }) {
            PATIENCE_AFTER_A_FAILURE
        } else {
            PATIENCE
        };
        let mut response =
            match timeout(patience, self.render(parts.clone(), self.page, Some(state))).await {
                Ok(response) => response,
                Err(_) => {
                    self.error(parts, StatusCode::SERVICE_UNAVAILABLE, message)
                        .await
                }
            };
        // The page may know better: its reader may have to go elsewhere, or it may be gone.
        if response.status().is_success() {
            *response.status_mut() = status(refusal.status());
            hold_still(&mut response);
        }
        if let Some(wait) = refusal.wait() {
            response.headers_mut().insert(RETRY_AFTER, wait.into());
        }
        response
    }

    /// Answers a form that was made for one person where another is logged in now: nothing is done, and the whole page is shown as the
    /// other person sees it.
    async fn for_another_person(&self, mut parts: Parts) -> Response {
        // Of the page that htmx has, the header is wrong as well.
        let htmx = parts.headers.remove("hx-request").is_some();
        parts.method = Method::GET;
        parts.extensions.insert(FlashMessage::bad(
            "Another person has logged in with this browser since you opened this page, so nothing was done. Check the name at the top, then try again.",
        ));
        let mut response = self.render(parts, self.page, None).await;
        if response.status().is_success() {
            *response.status_mut() = StatusCode::CONFLICT;
            hold_still(&mut response);
            if htmx {
                for (name, value) in [("hx-retarget", "body"), ("hx-reswap", "outerHTML")] {
                    response
                        .headers_mut()
                        .insert(name, HeaderValue::from_static(value));
                }
            }
        }
        response
    }

    /// Answers a form that was taken and stays: the same page again, with a word, or with other values in the form.
    async fn stays(
        &self,
        mut parts: Parts,
        function: &str,
        submission: Submission,
        stay: Stay,
    ) -> Response {
        let Stay {
            message,
            values: changed,
            focus,
        } = stay;
        let mut values = submission.values();
        values.extend(changed);
        let state = FormState {
            function: function.to_owned(),
            values,
            message,
            good: true,
            focus,
            ..FormState::default()
        };
        parts.method = Method::GET;
        let mut response = self.render(parts, self.page, Some(state)).await;
        hold_still(&mut response);
        response
    }

    /// A page of this site for an error, or its JSON.
    async fn error(&self, parts: Parts, status: StatusCode, message: String) -> Response {
        if Caller::of(&parts.uri, &parts.headers) == Caller::Json {
            let (what, advice) = layout::words(status.as_u16());
            let message = if message.is_empty() {
                format!("{what}. {advice}")
            } else {
                message
            };
            return json_answer(status, &json!({ "message": message, "fields": {} }), None);
        }
        let page = move || view! { <ErrorPage status=status.as_u16() message=message/> }.into_any();
        let mut response = self.render(parts, page, None).await;
        hold_still(&mut response);
        response
    }

    async fn render(
        &self,
        parts: Parts,
        page: impl FnOnce() -> AnyView + Send + 'static,
        state: Option<FormState>,
    ) -> Response {
        let part = wants_part(&parts.headers);
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
            one_piece,
        )
        .await;
        let word = answer.read();
        if let Some(instead) = &word.instead {
            return go_instead(instead, &uri);
        }
        let (head, body) = response.into_parts();
        let html = to_bytes(body, usize::MAX).await.unwrap_or_default();
        let html = with_title(&String::from_utf8_lossy(&html), &word);
        let mut response = Response::from_parts(head, Body::from(html));
        if let Some(code) = word.status {
            *response.status_mut() = status(code);
        }
        if let Some(seconds) = word.refresh {
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

    /// What components and server functions find in their context.
    fn context(&self, parts: &Parts) -> impl Fn() + Clone + Send + 'static + use<> {
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
            part: wants_part(&parts.headers),
        };
        move || {
            provide(&parts);
            provide_context(here.clone());
            let made_for = PageOwner::of(&parts);
            provide_context(Whose(made_for.as_str().to_owned()));
            provide_context(HtmxHeaders(made_for.headers()));
            if let Some(csrf) = parts.extensions.get::<Csrf>().cloned() {
                provide_context(FormToken(Arc::new(move || csrf.token())));
            }
        }
    }
}

/// What to say of a form whose token is too old, or came without its cookie.
fn press_again(parts: &Parts, submission: &Submission) -> String {
    let cookies = parts.extensions.get::<Csrf>().is_some_and(Csrf::has_cookie);
    let what = if cookies {
        "This page was open for a long time."
    } else {
        "This site needs cookies, and your browser did not send ours. If you see this again, allow cookies for this site in your browser's settings."
    };
    match submission.secret() {
        Some(secret) => format!("{what} Please type your {secret} again."),
        None => format!("{what} Nothing is lost: please press the button again."),
    }
}

/// htmx asks for the main part, unless it restores a whole page from its history.
fn wants_part(headers: &HeaderMap) -> bool {
    headers.contains_key("hx-request")
        && !headers.contains_key("hx-history-restore-request")
        && headers
            .get("hx-request-type")
            .is_none_or(|kind| kind != "full")
}

type Chunks = Pin<Box<dyn Stream<Item = String> + Send>>;

/// Renders a page into one string. Its data has arrived by then, so no script is needed to put it in place.
///
/// Its sections are polled together until all are there. Leptos polls each once to see whether it is ready, and its own stream
/// then polls the first alone: the others would hold database connections, or places in the queue for them, that the first one
/// waits for.
fn one_piece(
    view: AnyView,
    scripts: Box<dyn FnOnce() -> Chunks + Send>,
    _out_of_order: bool,
) -> Pin<Box<dyn Future<Output = Chunks> + Send>> {
    let page = view.to_html_stream_in_order().take_chunks();
    let scripts = scripts();
    Box::pin(async move {
        let html = joined(page).await;
        // The data for a browser that would render on is drained, not just dropped: it is freed only when it was read.
        scripts.for_each(|_| std::future::ready(())).await;
        let page: Chunks = Box::pin(stream::once(std::future::ready(html.replace("<!>", ""))));
        page
    })
}

/// The HTML of a page's pieces, which may have pieces of their own, in their order.
fn joined(pieces: VecDeque<StreamChunk>) -> Pin<Box<dyn Future<Output = String> + Send>> {
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

/// Puts the title where it belongs: into the head of a document, with whatever introduces the page elsewhere, or before a part, where
/// htmx finds it.
fn with_title(html: &str, word: &Word) -> String {
    let name = if word.title.is_empty() {
        "Pollstr".to_owned()
    } else {
        format!("{} · Pollstr", word.title)
    };
    let title = view! { <title>{name}</title> }.to_html().replace("<!>", "");
    let introduction = || {
        word.introduction
            .as_ref()
            .map(|introduction| introduced(&word.title, introduction))
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
