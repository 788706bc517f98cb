//! A section of a page with its heading.

use leptos::prelude::*;

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
