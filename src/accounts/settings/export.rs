//! Data export: the page that describes the file, and the account page's row.

use leptos::prelude::*;

use crate::accounts::guard::RecentPassword;
use crate::web::components::page::layout::Page;
use crate::web::components::row::{Row, RowAction};

/// Path of the page that describes the file.
pub const PAGE: &str = "/account/data";
/// Path of the file.
pub const FILE: &str = "/account/data.json";

/// Renders the data export row.
#[component]
pub fn DataRow() -> impl IntoView {
    let action = view! { <RowAction path=PAGE verb="Download" rest=" your data"/> };
    view! { <Row label="Everything we store" action=Some(action.into_any())>"A file with your name, number, sessions and polls."</Row> }
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
            <p class="lead">"A JSON file with your full phone number. Keep it private."</p>
            <ul class="points">
                <li>"Your name, your number, and when you signed up."</li>
                <li>"The polls you've created."</li>
                <li>"Your sessions, passkeys and remembered browsers, your account's activity in the last year, and the codes we sent you in the last day."</li>
                <li>"Not your votes: we store them without names and can't tell which are yours."</li>
            </ul>
            // The browser downloads the file itself; htmx must not swap it into the page.
            <p><a class="button primary" href=FILE download="pollstr-data.json" hx-boost="false">"Download the file"</a></p>
            <p><a href="/account">"Back to your account"</a></p>
        </Page>
    }
}
