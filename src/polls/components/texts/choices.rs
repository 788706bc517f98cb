//! The list of a poll's choices, where they can't be picked.

use leptos::prelude::*;

/// The texts of the choices, in order.
#[component]
pub fn ChoiceList(
    /// The texts.
    texts: Vec<String>,
) -> impl IntoView {
    view! {
        <ul class="choices" aria-label="Choices">
            {texts.into_iter().map(|text| view! { <li dir="auto">{text}</li> }).collect_view()}
        </ul>
    }
}
