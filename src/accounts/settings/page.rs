//! Account page: sections of rows, each in its own file.

use leptos::prelude::*;

use crate::accounts::guard::Guard;
use crate::accounts::passwords::change::PasswordRow;
use crate::accounts::settings::activity::ActivitySection;
use crate::accounts::settings::delete::DeleteRow;
use crate::accounts::settings::export::DataRow;
use crate::accounts::settings::notices::Notices;
use crate::accounts::settings::phone::NumberRow;
use crate::accounts::settings::second_factors::SecondFactorRows;
use crate::accounts::settings::sessions::SessionsSection;
use crate::accounts::settings::trusted_browsers::TrustedBrowsersSection;
use crate::accounts::viewer::Level;
use crate::web::components::page::layout::Page;
use crate::web::components::section::Section;

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
            <Section id="sign-in" title="Signing in">
                <ul class="rows">
                    <NumberRow/>
                    <PasswordRow/>
                    <SecondFactorRows/>
                </ul>
            </Section>
            <SessionsSection/>
            <TrustedBrowsersSection/>
            <ActivitySection/>
            <Section id="data" title="Your data">
                <ul class="rows">
                    <DataRow/>
                    <DeleteRow/>
                </ul>
            </Section>
        </Page>
    }
}
