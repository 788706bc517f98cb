//! The options of the poll form: ballot type, who sees results, visibility.

use leptos::prelude::*;

use crate::web::components::form::FormScope;

/// Value, label and explanation of an option.
pub(crate) type Choice = (&'static str, &'static str, &'static str);

pub(crate) const KINDS: [Choice; 5] = [
    ("single", "One choice", "Each voter picks one."),
    (
        "motion",
        "Yes, no or abstain",
        "Three choices, in this order. Carried if more are for it than against.",
    ),
    (
        "multiple",
        "Several choices",
        "Each voter picks several, up to your limit.",
    ),
    (
        "ranked",
        "A ranking",
        "Voters rank the choices, and you choose how it is counted.",
    ),
    ("score", "A rating", "Voters give each choice 0 to 5."),
];

pub(crate) const RESULTS: [Choice; 3] = [
    (
        "after_vote",
        "People who have voted",
        "Everyone, once it closes.",
    ),
    ("after_close", "Nobody until it closes", "Not even you."),
    (
        "always",
        "Everyone, any time",
        "Seeing results early can sway people.",
    ),
];

pub(crate) const LISTED: [Choice; 2] = [
    (
        CHECKED,
        "Anyone can find it",
        "It's listed with the open polls.",
    ),
    ("no", "Anyone with the link", "Not listed or searchable."),
];

/// Radio buttons, each with an explanation.
#[component]
pub(crate) fn Options(
    name: &'static str,
    picked: String,
    options: &'static [Choice],
) -> impl IntoView {
    let scope = FormScope::from_context();
    let error = scope.error(name);
    let error_id = format!("{name}-error");
    let invalid = error.as_ref().map(|_| "true");
    let options = options.iter().map(|(value, label, meaning)| {
        let (id, hint_id) = (format!("{name}-{value}"), format!("{name}-{value}-hint"));
        let described_by = if invalid.is_some() { format!("{hint_id} {error_id}") } else { hint_id.clone() };
        let focus = error.is_some() && scope.take_focus();
        view! {
            <div class="option">
                <input type="radio" id=id.clone() name=name value=*value checked=*value == picked autofocus=focus aria-describedby=described_by/>
                <label for=id>{*label}</label>
                <p class="hint" id=hint_id>{*meaning}</p>
            </div>
        }
    }).collect_view();
    view! { {options} {error.map(|error| view! { <p class="error" id=error_id>{error}</p> })} }
}

#[component]
pub(crate) fn Checkbox(
    name: &'static str,
    label: &'static str,
    hint: &'static str,
    ticked: String,
) -> impl IntoView {
    let error = FormScope::from_context().error(name);
    let (hint_id, error_id) = (format!("{name}-hint"), format!("{name}-error"));
    let described_by = if error.is_some() {
        format!("{hint_id} {error_id}")
    } else {
        hint_id.clone()
    };
    view! {
        <div class="option">
            <input type="checkbox" id=name name=name value=CHECKED checked=[CHECKED, "true"].contains(&ticked.as_str()) aria-describedby=described_by/>
            <label for=name>{label}</label>
            <p class="hint" id=hint_id>{hint}</p>
            {error.map(|error| view! { <p class="error" id=error_id>{error}</p> })}
        </div>
    }
}

/// Minimum number of choices of a poll.
pub const MIN_CHOICES: usize = 2;

/// Maximum number of choices of a poll.
pub const MAX_CHOICES: usize = 50;

/// Number of choice inputs in an empty form.
pub(super) const OFFERED: usize = 3;

/// Value of a ticked checkbox.
pub const CHECKED: &str = "yes";

pub(super) fn or(typed: String, usual: &str) -> String {
    if typed.is_empty() {
        usual.to_owned()
    } else {
        typed
    }
}
