//! The download links below the results.

use std::sync::Arc;

use leptos::prelude::*;

use crate::polls::model::poll::Poll;

/// Links to the results as files and, once the poll is sealed, to its recount bundle with its
/// fingerprint and to its result card.
#[component]
pub fn Downloads(
    /// The poll.
    poll: Arc<Poll>,
    /// The SHA-256 of the recount bundle, once the poll is sealed.
    fingerprint: Option<String>,
) -> impl IntoView {
    let at = |file: &str| format!("{}/{file}", poll.path());
    // Downloads aren't pages, so htmx must not boost these links.
    let link = |file: &str, text: &'static str| view! { <a href=at(file) download hx-boost="false">{text}</a> };
    let rankings = poll.kind.is_ranking() && poll.rankings && fingerprint.is_some();
    view! {
        <section class="downloads" aria-labelledby="downloads">
            <h2 id="downloads">"Download the results"</h2>
            <p class="files">
                {link("results.csv", "Spreadsheet (CSV)")} {link("results.json", "Data (JSON)")}
                {fingerprint.is_some().then(|| link("result.png", "Picture (PNG)"))}
                {rankings.then(|| link("results.blt", "Rankings (BLT)"))} {fingerprint.is_some().then(|| link("bundle.json", "Recount file (JSON)"))}
            </p>
            {fingerprint
                .map(|fingerprint| {
                    view! {
                        <p class="hint">
                            "This file lets anyone recount the poll. Its SHA-256 fingerprint: "
                            <code class="fingerprint">{fingerprint}</code>
                            "."
                        </p>
                    }
                })}
        </section>
    }
}
