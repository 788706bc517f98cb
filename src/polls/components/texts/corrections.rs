//! The corrections of a poll, below the text that they correct.

use leptos::prelude::*;

use crate::polls::model::poll::Correction;
use crate::web::time::Time;

/// The corrections with their times. Renders nothing if there are none.
#[component]
pub fn Corrections(
    /// The corrections, earliest first.
    corrections: Vec<Correction>,
    /// The time zone of the organiser.
    zone: String,
) -> impl IntoView {
    let correction = move |Correction { at, text }| {
        view! { <li>"Correction, " <Time at zone=zone.clone()/> ": " <bdi>{text}</bdi></li> }
    };
    (!corrections.is_empty()).then(|| {
        view! {
            <section class="corrections" aria-labelledby="corrections">
                <h2 id="corrections" class="visually-hidden">"Corrections"</h2>
                <ul>{corrections.into_iter().map(correction).collect_view()}</ul>
            </section>
        }
    })
}
