//! The error page, and what it says for each status.

use leptos::prelude::*;

use crate::web::components::page::layout::{InsidePage, Page};
use crate::web::components::page::page_meta::PageMeta;

/// Error page: what went wrong, what to do, and a link home. Inside another page, renders one line
/// in place of the section that failed.
#[component]
pub fn ErrorPage(
    /// The HTTP status.
    status: u16,
    /// A specific message, instead of the generic one for the status.
    #[prop(optional, into)]
    message: Option<String>,
) -> impl IntoView {
    if use_context::<InsidePage>().is_some() {
        let message = message.filter(|message| status < 500 && !message.is_empty());
        let message = message.unwrap_or_else(|| {
            "We can't show this part right now. Reload the page to try again.".to_owned()
        });
        return view! { <p class="notice bad" role="alert">{message}</p> }.into_any();
    }
    PageMeta::from_context().status(status);
    let (title, advice) = status_message(status);
    // A message that repeats the heading is replaced by the generic advice.
    let message =
        message.filter(|message| !message.is_empty() && message.trim_end_matches('.') != title);
    let message = message.unwrap_or_else(|| advice.to_owned());
    view! {
        <Page title=title class="column error-page">
            <p class="lead">{message}</p>
            <p><a class="button" href="/">"See open polls"</a></p>
        </Page>
    }
    .into_any()
}

/// Returns the heading and advice shown for a status.
#[must_use]
pub fn status_message(status: u16) -> (&'static str, &'static str) {
    match status {
        403 => (
            "You can't do that",
            "This page was not opened from here, or you don't have access. Go back and try again.",
        ),
        404 => (
            "Page not found",
            "The page may have moved. Check the address for typos.",
        ),
        405 => (
            "That doesn't work here",
            "This address can't be used that way.",
        ),
        408 => (
            "That took too long",
            "The request timed out. Please try again.",
        ),
        413 => (
            "That's too long",
            "What you sent is larger than we accept. Please shorten it.",
        ),
        415 => (
            "We can't read that",
            "It's in a format we don't accept. Go back, reload the page and try again.",
        ),
        422 => (
            "We couldn't read that",
            "Part of the form was missing. Go back, reload the page and try again.",
        ),
        429 => ("Too many requests", "Please wait a moment and try again."),
        503 => (
            "Back in a moment",
            "Something isn't working on our side right now. Please try again in a moment.",
        ),
        _ => (
            "Something went wrong",
            "It's not your fault, and we've logged it. Please try again in a moment.",
        ),
    }
}
