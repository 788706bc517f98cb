//! The fields of the poll form for ratings: how they are counted.

use leptos::prelude::*;

use crate::polls::manage::poll_form::options::{Choice, Options, or};

/// Ways to count a rating, by the words of their kinds.
const RATINGS: [Choice; 2] = [
    (
        "score",
        "Highest total wins",
        "Choices that share the highest total share the win.",
    ),
    (
        "star",
        "A final between the two highest (STAR)",
        "The two highest totals meet: the one that more voters rate higher wins.",
    ),
];

/// The fields that only ratings have.
#[component]
pub(crate) fn RatingFields(rating: String) -> impl IntoView {
    view! {
        <fieldset class="options only-rated">
            <legend>"How it is counted"</legend>
            <Options name="rating" picked=or(rating, "score") options=&RATINGS/>
        </fieldset>
    }
}
