//! Responses to refusals: the page again with field errors, a redirect, or an error page.

use axum::http::header::RETRY_AFTER;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::Response;
use leptos::prelude::*;
use serde_json::json;
use tokio::time::timeout;

use crate::web::components::form::FormState;
use crate::web::components::page::error_page::{ErrorPage, status_message};
use crate::web::components::page::layout::FlashMessage;
use crate::web::hypermedia::dispatch::Site;
use crate::web::hypermedia::outcome::{Refusal, Stay};
use crate::web::hypermedia::response::{
    Caller, PATIENCE, RENDER_DEADLINE_AFTER_FAILURE, json_answer, json_refusal, keep_url,
    redirect_for, redirect_to, status,
};
use crate::web::hypermedia::submission::Submission;

impl Site {
    /// Responds to the refused request of a file as to that of a page.
    pub async fn refuse(&self, parts: Parts, refusal: &Refusal) -> Response {
        if Caller::of(&parts.uri, &parts.headers) == Caller::Json {
            return json_refusal(refusal);
        }
        if let Some(instead) = redirect_for(refusal) {
            return redirect_to(&instead, &parts.uri);
        }
        let mut response = self
            .error(parts, status(refusal.status()), refusal.to_string())
            .await;
        if let Some(wait) = refusal.wait() {
            response.headers_mut().insert(RETRY_AFTER, wait.into());
        }
        response
    }

    /// Responds to a refused form: the same page again, or a redirect to the step that is missing.
    pub(super) async fn refused(
        &self,
        mut parts: Parts,
        function: &str,
        submission: Submission,
        refusal: Refusal,
    ) -> Response {
        if let Some(instead) = redirect_for(&refusal) {
            return redirect_to(&instead, &parts.uri);
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
        let resubmission = !submission.genuine || matches!(refusal, Refusal::Unavailable { .. });
        let (function, values) = (function.to_owned(), submission.values());
        let state = FormState {
            function,
            values,
            message: message.clone(),
            errors: refusal.fields(),
            resubmission,
            ..FormState::default()
        };
        parts.method = Method::GET;
        let patience = if matches!(refusal, Refusal::Unavailable { .. }) {
            RENDER_DEADLINE_AFTER_FAILURE
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
        // The page may have set a redirect or a status itself.
        if response.status().is_success() {
            *response.status_mut() = status(refusal.status());
            keep_url(&mut response);
        }
        if let Some(wait) = refusal.wait() {
            response.headers_mut().insert(RETRY_AFTER, wait.into());
        }
        response
    }

    /// Responds to a form that was rendered for a different account than the one logged in now:
    /// nothing is done, and the whole page is rendered for the current account.
    pub(super) async fn account_changed(&self, mut parts: Parts) -> Response {
        // With htmx the old page's header is outdated too, so the whole body is replaced.
        let htmx = parts.headers.remove("hx-request").is_some();
        parts.method = Method::GET;
        parts.extensions.insert(FlashMessage::bad(
            "Someone else has logged in with this browser since you opened this page, so we did nothing. Check the name at the top, then try again.",
        ));
        let mut response = self.render(parts, self.page, None).await;
        if response.status().is_success() {
            *response.status_mut() = StatusCode::CONFLICT;
            keep_url(&mut response);
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

    /// Responds to an accepted form that stays: the same page with a message, or with changed
    /// values.
    pub(super) async fn stays(
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
        keep_url(&mut response);
        response
    }

    /// Responds with an error page, or its JSON.
    pub(super) async fn error(
        &self,
        parts: Parts,
        status: StatusCode,
        message: String,
    ) -> Response {
        if Caller::of(&parts.uri, &parts.headers) == Caller::Json {
            let (what, advice) = status_message(status.as_u16());
            let message = if message.is_empty() {
                format!("{what}. {advice}")
            } else {
                message
            };
            return json_answer(status, &json!({ "message": message, "fields": {} }), None);
        }
        let page = move || view! { <ErrorPage status=status.as_u16() message=message/> }.into_any();
        let mut response = self.render(parts, page, None).await;
        keep_url(&mut response);
        response
    }
}
