//! The fields of the poll form for opening and closing times.

use leptos::prelude::*;

use crate::polls::manage::poll_form::options::or;
use crate::web::components::field::Field;
use crate::web::components::form::FormScope;

/// The poll stays open until its owner closes it.
pub(crate) const NEVER: &str = "never";
/// The poll closes a day after it opens.
pub(crate) const DAY: &str = "day";
/// The poll closes a week after it opens.
pub(crate) const WEEK: &str = "week";
/// The poll closes at the time in the field `closes`.
pub(crate) const AT_TIME: &str = "time";

const ENDS: [(&str, &str); 4] = [
    (NEVER, "When I close it"),
    (DAY, "In a day"),
    (WEEK, "In a week"),
    (AT_TIME, "At this time:"),
];

/// When the poll closes: common answers, and a field for any other time.
#[component]
pub(crate) fn ClosingFields(until: String, closes: String) -> impl IntoView {
    let scope = FormScope::from_context();
    let picked = or(until, if closes.is_empty() { NEVER } else { AT_TIME });
    let error = scope.error("until");
    let (described_by, focus) = (
        error.as_ref().map(|_| "until-error"),
        error.is_some() && scope.take_focus(),
    );
    let ends = ENDS.map(|(value, label)| {
        let id = format!("until-{value}");
        let checked = value == picked;
        view! {
            <span class="chip">
                <input type="radio" id=id.clone() name="until" value=value checked=checked autofocus=focus && checked/>
                <label for=id>{label}</label>
            </span>
        }
    });
    view! {
        <fieldset class="closing" aria-describedby=described_by>
            <legend>"When does it close?"</legend>
            <div class="chips">{ends.into_iter().collect_view()}</div>
            {error.map(|error| view! { <p class="error" id="until-error">{error}</p> })}
            <Field name="closes" label="Closes" kind="datetime-local" value=closes/>
        </fieldset>
    }
}

/// When the poll opens, and the time zone of both times.
#[component]
pub(crate) fn OpeningFields(opens: String, zone: String, guess: bool) -> impl IntoView {
    view! {
        <Field name="opens" label="Opens" kind="datetime-local" value=opens hint="Leave empty to open right away."/>
        // With scripts, a new form starts with the browser's time zone.
        <div data-zone=guess>
            <Field
                name="zone"
                label="Time zone"
                value=or(zone, "UTC").replace('_', " ")
                hint="Of both times: a city in it, such as Berlin or New York."
            />
        </div>
    }
}
