//! The frame of every page: the document, the header, the main part with its heading, the footer.

use leptos::prelude::*;

use crate::web::components::contact::ContactLine;
use crate::web::components::form::FormState;
use crate::web::components::page_meta::PageMeta;
use crate::web::location::Location;

/// Where the style and the scripts are served, with the hash of their contents in the name.
#[derive(Clone, Debug, Default)]
pub struct AssetPaths {
    /// The style sheet.
    pub style: String,
    /// htmx.
    pub htmx: String,
    /// The part of htmx for streams.
    pub streams: String,
    /// The comforts on top of pages that work without.
    pub script: String,
    /// The icon.
    pub icon: String,
}

/// Whether codes go to a pretended phone, which every page then says.
#[derive(Clone, Copy, Debug, Default)]
pub struct Simulated(pub bool);

/// A short word about what was just done, shown once.
#[derive(Clone, Copy, Debug)]
pub struct FlashMessage {
    /// What happened.
    pub words: &'static str,
    /// What to do next, with its page, where there is something.
    pub link: Option<(&'static str, &'static str)>,
    /// Whether it is good news.
    pub good: bool,
}

impl FlashMessage {
    /// A word that something was not done.
    #[must_use]
    pub fn bad(words: &'static str) -> Self {
        Self {
            words,
            link: None,
            good: false,
        }
    }
}

/// What htmx sends along with each request from a page, as the attribute has it.
#[derive(Clone, Debug, Default)]
pub struct HtmxHeaders(pub String);

/// How htmx is set up: no style of its own, this origin alone, nothing that needs `eval`. The one extension is for streams; it is there
/// on every page, since a step to the results loads no other document. What a reader has opened stays open when results move.
const HTMX: &str = r#"{"includeIndicatorCSS":false,"mode":"same-origin","transitions":true,"extensions":"sse","morphIgnore":["data-htmx-powered","open"]}"#;

/// The whole document around a page.
#[component]
pub fn Document(
    /// The account menu, which belongs to a feature.
    menu: AnyView,
    /// The main part.
    children: Children,
) -> impl IntoView {
    let assets = use_context::<AssetPaths>().unwrap_or_default();
    let headers = use_context::<HtmxHeaders>().map(|headers| headers.0);
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="htmx-config" content=HTMX/>
                <link rel="icon" href=assets.icon type="image/svg+xml"/>
                <link rel="stylesheet" href=assets.style/>
                <script defer src=assets.htmx></script>
                <script defer src=assets.streams></script>
                <script defer src=assets.script></script>
            </head>
            <body hx-headers:inherited=headers hx-boost:inherited="true" hx-target:inherited="#main" hx-swap:inherited="outerHTML" hx-indicator:inherited="#busy">
                <a class="skip" href="#main">"Skip to the content"</a>
                <div id="busy" class="busy" aria-hidden="true"></div>
                <header class="site-header">
                    <a class="brand" href="/">{logo()} "Pollstr"</a>
                    <nav aria-label="Account">{menu}</nav>
                </header>
                {children()}
                <footer class="site-footer">
                    <p>"One number, one vote, and ballots without names."</p>
                    <ContactLine/>
                    {use_context::<Simulated>().is_some_and(|simulated| simulated.0).then(|| view! {
                        <p>"The phone network is simulated here: codes go to the " <a href="/simulator">"simulated phone"</a> "."</p>
                    })}
                </footer>
            </body>
        </html>
    }
}

/// The mark of the site: a ballot with a dog's ears.
pub(crate) fn logo() -> impl IntoView {
    view! {
        <svg class="logo" viewBox="0 0 32 32" width="32" height="32" aria-hidden="true">
            <path class="logo-ear" d="M6 14C2 9 3 3 6 2c3 0 6 4 7 8zM26 14c4-5 3-11 0-12-3 0-6 4-7 8z"/>
            <rect class="logo-face" x="5" y="8" width="22" height="21" rx="7"/>
            <path class="logo-tick" d="m11 18 4 4 7-8"/>
        </svg>
    }
}

/// The main part of a page: its heading and what follows.
#[component]
pub fn Page(
    /// The heading, and the title of the browser's tab.
    #[prop(into)]
    title: String,
    /// A class for the look: how wide, how dense.
    #[prop(default = "column")]
    class: &'static str,
    /// What stands below the heading.
    children: Children,
) -> impl IntoView {
    PageMeta::from_context().title(&title);
    provide_context(InsidePage);
    let flash = use_context::<FlashMessage>().map(|FlashMessage { words, link, good }| {
        view! {
            <p class=if good { "notice good" } else { "notice bad" } role=if good { "status" } else { "alert" }>
                {words} {link.map(|(path, words)| view! { " " <a href=path>{words}</a> })}
            </p>
        }
    });
    let children = children();
    // One thing has the focus: after a refusal what must be mended, else the field that the page is about. On a page without such a
    // field it is the heading after a step with htmx, as a browser would begin again at the top.
    let focus = Location::from_context().part
        && use_context::<FormState>().is_none()
        && PageMeta::from_context().take_focus();
    view! {
        <main id="main" class=class>
            {flash}
            <h1 dir="auto" tabindex=focus.then_some("-1") autofocus=focus>{title}</h1>
            {children}
        </main>
    }
}

/// Says to what is rendered from here on that it stands inside a page, which has its one heading already.
#[derive(Clone, Copy)]
struct InsidePage;

/// A page that says what went wrong, what to do, and leads home. Inside another page, a line in the place of the section that failed.
#[component]
pub fn ErrorPage(
    /// The HTTP status.
    status: u16,
    /// What to do, where the status alone does not say it.
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
    let (title, advice) = words(status);
    // Where all that is known is what the heading says, the advice is of more use.
    let message =
        message.filter(|message| !message.is_empty() && message.trim_end_matches('.') != title);
    let message = message.unwrap_or_else(|| advice.to_owned());
    view! {
        <Page title=title class="column error-page">
            <p class="lead">{message}</p>
            <p><a class="button" href="/">"See the open polls"</a></p>
        </Page>
    }
    .into_any()
}

/// What a status means for a person: what happened, and what to do.
#[must_use]
pub fn words(status: u16) -> (&'static str, &'static str) {
    match status {
        403 => (
            "That is not possible",
            "This page was not opened from here, or it is not for you. Go back and try again.",
        ),
        404 => (
            "There is nothing here",
            "The page may have moved, or its address may have a typing error.",
        ),
        405 => (
            "That does not work here",
            "This address cannot be used in this way.",
        ),
        408 => (
            "That took too long",
            "Your message did not arrive in time. Please try again.",
        ),
        413 => (
            "That was too much",
            "What you sent is larger than any form here. Please shorten it.",
        ),
        415 => (
            "We cannot read that",
            "It came to us in a form that no page here sends. Go back, reload the page and try again.",
        ),
        422 => (
            "We could not read that",
            "The form came to us incomplete. Go back, reload the page and try again.",
        ),
        429 => ("Not so fast", "Please wait a moment and try again."),
        503 => (
            "Back in a moment",
            "Something on our side does not work just now. Please try again in a moment.",
        ),
        _ => (
            "Something went wrong",
            "It is not your fault. We have written it down. Please try again in a moment.",
        ),
    }
}
