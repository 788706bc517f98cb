//! The layout of every page: document, header, main part with its heading, footer.

use std::sync::Arc;

use leptos::prelude::*;

use crate::web::components::contact::ContactLine;
use crate::web::components::form::FormState;
use crate::web::components::page::page_meta::PageMeta;
use crate::web::location::Location;

/// Paths of the assets, with content hashes in their names.
#[derive(Clone, Debug, Default)]
pub struct AssetPaths {
    /// The style sheet.
    pub style: Arc<str>,
    /// htmx, its server-sent events extension and Pollstr's own script: enhancements of pages that
    /// work without them.
    pub script: Arc<str>,
    /// The icon.
    pub icon: Arc<str>,
}

/// Whether codes go to the simulated phone; the footer then says so.
#[derive(Clone, Copy, Debug, Default)]
pub struct SimulatedPhones(pub bool);

/// A message about the last action, shown once.
#[derive(Clone, Copy, Debug)]
pub struct FlashMessage {
    /// The message.
    pub words: &'static str,
    /// Whether the action succeeded.
    pub good: bool,
}

impl FlashMessage {
    /// Creates a message about a failed action.
    #[must_use]
    pub fn bad(words: &'static str) -> Self {
        Self { words, good: false }
    }
}

/// The value of `hx-headers`, which htmx sends with each request.
#[derive(Clone, Debug, Default)]
pub struct HtmxHeaders(pub String);

/// The htmx configuration: no injected styles, same origin only, nothing that needs `eval`. The
/// extension for streams is loaded on every page, since boosted navigation to the results does not
/// load a new document. Elements that a reader has opened stay open when results are morphed.
const HTMX: &str = r#"{"includeIndicatorCSS":false,"mode":"same-origin","transitions":true,"morphIgnore":["data-htmx-powered","open"]}"#;

/// The HTML document around a page.
#[component]
pub fn Document(
    /// The account menu, passed in since this module doesn't know about accounts.
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
                <script defer src=assets.script></script>
            </head>
            <body hx-headers:inherited=headers hx-boost:inherited="true" hx-target:inherited="#main" hx-swap:inherited="outerHTML" hx-indicator:inherited="#busy">
                <a class="skip" href="#main">"Skip to content"</a>
                <div id="busy" class="busy" aria-hidden="true"></div>
                <header class="site-header">
                    <a class="brand" href="/">{logo()} "Pollstr"</a>
                    <nav aria-label="Account">{menu}</nav>
                </header>
                {children()}
                <footer class="site-footer">
                    <p>"One phone number, one vote. No names on ballots."</p>
                    <ContactLine/>
                    {use_context::<SimulatedPhones>().is_some_and(|simulated| simulated.0).then(|| view! {
                        <p>"The phone network is simulated here: codes go to the " <a href="/simulator">"simulated phone"</a> "."</p>
                    })}
                </footer>
            </body>
        </html>
    }
}

/// The logo: a ballot with a dog's ears.
pub(crate) fn logo() -> impl IntoView {
    view! {
        <svg class="logo" viewBox="0 0 32 32" width="32" height="32" aria-hidden="true">
            <path class="logo-ear" d="M6 14C2 9 3 3 6 2c3 0 6 4 7 8zM26 14c4-5 3-11 0-12-3 0-6 4-7 8z"/>
            <rect class="logo-face" x="5" y="8" width="22" height="21" rx="7"/>
            <path class="logo-tick" d="m11 18 4 4 7-8"/>
        </svg>
    }
}

/// The main part of a page: its heading and content.
#[component]
pub fn Page(
    /// The heading, also the document title.
    #[prop(into)]
    title: String,
    /// The CSS class.
    #[prop(default = "column")]
    class: &'static str,
    /// The content below the heading.
    children: Children,
) -> impl IntoView {
    PageMeta::from_context().title(&title);
    provide_context(InsidePage);
    let flash = use_context::<FlashMessage>().map(|FlashMessage { words, good }| {
        view! {
            <p class=if good { "notice good" } else { "notice bad" } role=if good { "status" } else { "alert" }>{words}</p>
        }
    });
    let children = children();
    // One element gets the focus: after a refusal the field to correct, otherwise the main field.
    // On a page without one it is the heading after an htmx navigation, as a browser would start at
    // the top.
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

/// Context marker: what is rendered below it is inside a page, which already has a heading.
#[derive(Clone, Copy)]
pub(crate) struct InsidePage;
