//! Dispatches requests of browsers, htmx and JSON clients to pages and server functions.
//!
//! A page is rendered whole, or only its main part if htmx asks for it. A post names its server
//! function. If the function accepts it, the response redirects; if it refuses, the same page comes
//! back with the submitted values and the errors. No error details ever appear in a URL.

use std::fmt;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Path, Request, State};
use axum::http::header::{ACCEPT, CONTENT_TYPE, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use futures::future::BoxFuture;
use leptos::prelude::*;
use leptos::reactive::computed::ScopedFuture;
use leptos::server_fn::axum::get_server_fn_service;
use leptos_axum::{ResponseOptions, handle_server_fns_with_context};
use serde_json::Value;

use crate::web::components::page::page_meta::Instead;
use crate::web::http::access_log::BALLOT_CALL;
use crate::web::hypermedia::outcome::Refusal;
use crate::web::hypermedia::page_owner::{PageOwner, Remembered};
use crate::web::hypermedia::response::{
    Caller, accepted, expired_token_message, json_answer, json_refusal, redirect_to, status, stay,
};
use crate::web::hypermedia::submission::Submission;
use crate::web::location::NextPath;

/// The default `Retry-After`, in seconds.
pub(super) const RETRY_AFTER_5S: HeaderValue = HeaderValue::from_static("5");

/// Adds the viewer to a request, or returns the response when that fails.
pub type Recognise =
    Arc<dyn Fn(Parts) -> BoxFuture<'static, Result<Parts, Response>> + Send + Sync>;

/// The application's hooks for a route: its page and the context of each request.
#[derive(Clone)]
pub struct Site {
    /// Renders the page of the route, without the document.
    pub page: fn() -> AnyView,
    /// Wraps a page in the document.
    pub document: fn(AnyView) -> AnyView,
    /// Adds the viewer to a request as the database has them now.
    pub recognise: Recognise,
    /// Provides the context that components and server functions use.
    pub provide: Arc<dyn Fn(&Parts) + Send + Sync>,
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Site")
    }
}

/// `GET` of a page.
pub async fn page(State(site): State<Site>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    site.render(parts, site.page, None).await
}

/// `GET` of an unknown path.
pub async fn nothing(State(site): State<Site>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    // A trailing slash is probably a typing error: redirect to the path without it.
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
        return redirect_to(&Instead::Path(shorter.as_str().to_owned()), &parts.uri);
    }
    site.error(parts, StatusCode::NOT_FOUND, String::new())
        .await
}

/// `POST` of a form to its page.
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

/// `POST` of a JSON client to a server function.
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

/// `GET` of a read-only server function.
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

impl Site {
    /// Awaits a server function in the context of this request, as a page would.
    pub async fn within<T>(&self, parts: &Parts, function: impl Future<Output = T>) -> T {
        let (owner, context) = (Owner::new(), self.context(parts));
        owner
            .with(|| {
                context();
                provide_context(parts.clone());
                provide_context(ResponseOptions::default());
                ScopedFuture::new(function)
            })
            .await
    }

    /// Runs a server function on a submission and builds the response.
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
        // A vote is checked again in its transaction.
        if path != BALLOT_CALL && parts.extensions.remove::<Remembered>().is_some() {
            parts = match (self.recognise)(parts).await {
                Ok(parts) => parts,
                Err(unavailable) => return unavailable,
            };
        }
        if caller != Caller::Json && PageOwner::of(&parts).differs_from_form(&submission.whose) {
            return self.account_changed(parts).await;
        }
        let outcome = if !submission.genuine {
            Err(Refusal::form(match caller {
                Caller::Json => {
                    "The token is missing or isn't yours. Send the one from GET /api/csrf as X-CSRF-Token, with its cookie.".to_owned()
                }
                Caller::Browser | Caller::Htmx => expired_token_message(&parts, &submission),
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
            let field_error = |name: &String| {
                (
                    name.clone(),
                    "We removed a character that can't be used.".to_owned(),
                )
            };
            Err(Refusal::Invalid {
                message: String::new(),
                fields: submission.odd.iter().map(field_error).collect(),
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

    /// Runs a server function as a JSON call; returns its result and the cookies it sets.
    async fn run(
        &self,
        parts: &Parts,
        uri: Uri,
        method: Method,
        body: Body,
    ) -> Result<(Value, HeaderMap), Refusal> {
        let mut inner = parts.clone();
        (inner.uri, inner.method) = (uri, method);
        // A browser's `Accept` would have Leptos redirect and put errors into URLs.
        inner
            .headers
            .insert(ACCEPT, HeaderValue::from_static("application/json"));
        inner
            .headers
            .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let running =
            handle_server_fns_with_context(self.context(parts), Request::from_parts(inner, body));
        // In a separate task: a client that disconnects must not cancel it halfway, for instance
        // after the provider has approved a code.
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
}
