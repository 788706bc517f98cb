//! A row of a list that can be scanned.

use leptos::prelude::*;

/// A row in a `<ul class="rows">`: what it is about, its value, and what can be done about it.
#[component]
pub fn Row(
    /// What the row is about.
    label: impl IntoView,
    /// The id, if it can be linked to.
    #[prop(optional)]
    id: Option<&'static str>,
    /// A link or a form at the end of the row.
    #[prop(default = None)]
    action: Option<AnyView>,
    /// The value.
    children: Children,
) -> impl IntoView {
    view! {
        <li class="row" id=id>
            <div>
                <p><strong>{label.into_any()}</strong></p>
                <div class="hint">{children()}</div>
            </div>
            {action}
        </li>
    }
    .into_any()
}

/// A link at the end of a row. It shows a verb; screen readers hear what it is about, too.
#[component]
pub fn RowAction(
    /// Where it leads.
    path: &'static str,
    /// The verb, such as `Change`.
    verb: &'static str,
    /// The rest of its name, such as ` your number`; may be empty.
    #[prop(optional)]
    rest: &'static str,
) -> impl IntoView {
    view! {
        <a class="button small" href=path>
            {verb} {(!rest.is_empty()).then(|| view! { <span class="visually-hidden">{rest}</span> })}
        </a>
    }
}
