//! Whether the browser can be used to vote: it must accept cookies, and may run scripts.

#![cfg_attr(
    feature = "ssr",
    expect(
        clippy::unused_async,
        reason = "a server function is async, though this one waits for nothing"
    )
)]

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::server_fn::codec::Json;
use serde::{Deserialize, Serialize};

use crate::web::components::form::Form;
use crate::web::components::section::Section;
use crate::web::hypermedia::outcome::{Next, Refusal};

/// Empty form of [`check_browser`].
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CheckBrowserForm {}

/// Confirms that the browser has sent the cookie that came with the form. Every form is refused
/// without it, so there is nothing more to check.
///
/// # Errors
/// Never; a form that comes without the cookie doesn't reach this function.
#[server(endpoint = "check_browser", input = Json, output = Json)]
pub async fn check_browser(form: CheckBrowserForm) -> Result<Next, Refusal> {
    let CheckBrowserForm {} = form;
    Ok(Next::here(
        "Your browser accepts our cookies, so you can vote with it.",
    ))
}

/// The section about the browser.
#[component]
pub(super) fn BrowserSection() -> impl IntoView {
    view! {
        <Section id="browser" title="Your browser">
            <p class="with-scripts">"It runs scripts. That's fine, but you don't need them to vote."</p>
            <noscript><p>"It runs no scripts. That's fine: you don't need them to vote."</p></noscript>
            <p>"It must accept cookies, so that we know you from one page to the next."</p>
            <Form action=CheckBrowser::PATH class="inline">
                <button>"Check cookies"</button>
            </Form>
        </Section>
    }
}
