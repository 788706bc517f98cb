//! A page section with its heading.

use leptos::prelude::*;

/// One section of a page. Its id can be linked to, as in `/account#sessions`.
#[component]
pub fn Section(
    /// The id of the section; its heading has this id with `-heading` appended.
    id: &'static str,
    /// The heading.
    title: &'static str,
    /// The content.
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
