//! Data export: the page that describes the file, and the account page's section.

use leptos::prelude::*;

use crate::accounts::guard::RecentPassword;
use crate::web::components::layout::Page;
use crate::web::components::section::Section;

/// Path of the page that describes the file.
pub const PAGE: &str = "/account/data";
/// Path of the file.
pub const FILE: &str = "/account/data.json";

/// Renders the data export section.
#[component]
pub fn DataSection() -> impl IntoView {
    view! {
        <Section id="data" title="Your data">
            <p>"Everything we hold about you, as a file that programs can read."</p>
            <p><a class="button small" href=PAGE>"Download your data"</a></p>
        </Section>
    }
}

/// Renders the page that describes the file.
#[component]
pub fn DataPage() -> impl IntoView {
    view! { <RecentPassword><ExportDescription/></RecentPassword> }
}

#[component]
fn ExportDescription() -> impl IntoView {
    view! {
        <Page title="Your data">
            <p class="lead">"One file, in JSON. It holds your number in full, so keep it to yourself."</p>
            <ul class="points">
                <li>"Your name, your number, and when you registered."</li>
                <li>"The polls you have made."</li>
                <li>"Where you are logged in, your passkeys, which browsers are remembered, what happened in your account in the last year, and the codes of the last day."</li>
                <li>"Not your votes: we hold them without names, and cannot tell which are yours."</li>
            </ul>
            // The browser downloads the file itself; htmx must not swap it into the page.
            <p><a class="button primary" href=FILE download="pollstr-data.json" hx-boost="false">"Download the file"</a></p>
            <p><a href="/account">"Back to your account"</a></p>
        </Page>
    }
}
