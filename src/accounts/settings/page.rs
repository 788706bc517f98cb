//! Account page: a list of sections, each in its own file.

use leptos::prelude::*;

use crate::accounts::guard::Guard;
use crate::accounts::passwords::change::PasswordSection;
use crate::accounts::settings::activity::ActivitySection;
use crate::accounts::settings::delete::DeleteSection;
use crate::accounts::settings::export::DataSection;
use crate::accounts::settings::notices::Notices;
use crate::accounts::settings::phone::NumberSection;
use crate::accounts::settings::second_factors::SecondFactorsSection;
use crate::accounts::settings::sessions::SessionsSection;
use crate::accounts::settings::trusted_browsers::TrustedBrowsersSection;
use crate::accounts::viewer::Level;
use crate::web::components::page::layout::Page;

/// Renders the account page.
#[component]
pub fn AccountPage() -> impl IntoView {
    view! { <Guard level=Level::LoggedIn><Account/></Guard> }
}

#[component]
fn Account() -> impl IntoView {
    view! {
        <Page title="Your account">
            <Notices/>
            <NumberSection/>
            <SecondFactorsSection/>
            <TrustedBrowsersSection/>
            <PasswordSection/>
            <SessionsSection/>
            <ActivitySection/>
            <DataSection/>
            <DeleteSection/>
        </Page>
    }
}
