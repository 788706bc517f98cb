//! The page of one's account: a list of plain sections, each in a file of its own.

use leptos::prelude::*;

use super::activity::ActivitySection;
use super::change_password::PasswordSection;
use super::delete_account::DeleteSection;
use super::guard::Guard;
use super::logged_in::SessionsSection;
use super::notices::Notices;
use super::number::NumberSection;
use super::own_data::DataSection;
use super::remembered::RememberedSection;
use super::second_steps::SecondStepsSection;
use super::viewer::Level;
use crate::web::layout::Page;

/// Everything there is to know and to do about one's account.
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
            <SecondStepsSection/>
            <RememberedSection/>
            <PasswordSection/>
            <SessionsSection/>
            <ActivitySection/>
            <DataSection/>
            <DeleteSection/>
        </Page>
    }
}

/// One section of the page: a heading, and what follows. Its id can be linked to, as in `/account#sessions`.
#[component]
pub fn Section(
    /// The id of the section, and of its heading with `-heading` behind it.
    id: &'static str,
    /// The heading.
    title: &'static str,
    /// What the section says and offers.
    children: Children,
) -> impl IntoView {
    let heading = format!("{id}-heading");
    let labelled_by = heading.clone();
    view! {
        <section id=id class="section" aria-labelledby=labelled_by>
            <h2 id=heading>{title}</h2>
            {children()}
        </section>
    }
}
