//! The fields of the poll form for rankings: how they are counted, and whether they are published.

use leptos::prelude::*;

use crate::polls::manage::poll_form::options::{Checkbox, Choice, Options, or};
use crate::web::components::field::Field;

/// Maximum number of winners.
pub const MOST_SEATS: usize = 20;

/// Ways to count a ranking, by the words of their kinds.
const COUNTINGS: [Choice; 3] = [
    (
        "ranked",
        "One winner: the last one drops out, round by round",
        "Until one has a majority of the votes left.",
    ),
    (
        "pairs",
        "One winner: each against each",
        "A choice that more voters rank higher than each other one wins. Good for a compromise.",
    ),
    (
        "seats",
        "Several winners, in proportion",
        "For a committee: a third of the voters can decide about a third of the seats.",
    ),
];

/// The fields that only rankings have.
#[component]
pub(crate) fn RankingFields(counting: String, seats: String) -> impl IntoView {
    view! {
        <div class="only-ranked">
            <fieldset class="options">
                <legend>"How it is counted"</legend>
                <Options name="counting" picked=or(counting, "ranked") options=&COUNTINGS/>
                <div class="only-seats">
                    <Field name="seats" label="Number of winners" inputmode="numeric" value=seats hint="At least 2 and fewer than there are choices, up to 20."/>
                </div>
            </fieldset>
        </div>
    }
}

/// Whether whole rankings or ratings are published.
#[component]
pub(crate) fn PublishField(rankings: String) -> impl IntoView {
    view! {
        <div class="only-whole">
            <Checkbox
                name="rankings"
                label="Publish all ballots after closing"
                hint="Lets anyone recount. In a small poll an unusual ranking or rating may identify the voter; they are warned."
                ticked=rankings
            />
        </div>
    }
}
