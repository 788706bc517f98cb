//! Taking one's data along: the page that says what is in it, and the file itself.

use leptos::prelude::*;

use crate::accounts::guard::RecentPassword;
use crate::web::components::layout::Page;
use crate::web::components::section::Section;

/// The page before the file.
pub const PAGE: &str = "/account/data";
/// Where the file is.
pub const FILE: &str = "/account/data.json";

/// The section with the way to the file.
#[component]
pub fn DataSection() -> impl IntoView {
    view! {
        <Section id="data" title="Your data">
            <p>"Everything we hold about you, as a file that programs can read."</p>
            <p><a class="button small" href=PAGE>"Download your data"</a></p>
        </Section>
    }
}

/// The page that says what is in the file.
#[component]
pub fn DataPage() -> impl IntoView {
    view! { <RecentPassword><Explained/></RecentPassword> }
}

#[component]
fn Explained() -> impl IntoView {
    view! {
        <Page title="Your data">
            <p class="lead">"One file, in JSON. It holds your number in full, so keep it to yourself."</p>
            <ul class="points">
                <li>"Your name, your number, and when you registered."</li>
                <li>"The polls you have made."</li>
                <li>"Where you are logged in, your passkeys, which browsers are remembered, what happened in your account in the last year, and the codes of the last day."</li>
                <li>"Not your votes: we hold them without names, and cannot tell which are yours."</li>
            </ul>
            // A file is fetched by the browser itself, and not put into the page.
            <p><a class="button primary" href=FILE download="pollstr-data.json" hx-boost="false">"Download the file"</a></p>
            <p><a href="/account">"Back to your account"</a></p>
        </Page>
    }
}
