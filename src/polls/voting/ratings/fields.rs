//! The form controls of a rating: a group of radio buttons from 0 to 5 for each choice.

use leptos::prelude::*;

use crate::polls::model::kind::MOST_POINTS;
use crate::polls::model::poll::Choice;
use crate::web::components::form::FormScope;

/// Prefix of the fields that hold the points of a choice.
pub const RATE: &str = "rate_";

/// The groups of all choices.
#[component]
pub(crate) fn Ratings(choices: Vec<Choice>, scope: FormScope) -> impl IntoView {
    // An error about the whole rating focuses its first choice.
    let anywhere = scope.error("choice").is_some();
    let rated = |choice: Choice| {
        let name = format!("{RATE}{}", choice.position);
        let (error, error_id) = (scope.error(&name), format!("{name}-error"));
        let described_by = error.as_ref().map(|_| error_id.clone());
        let radios = (0..=MOST_POINTS).map(|points| {
            let value = points.to_string();
            let picked = scope.picked(&name, &value);
            let focus = (error.is_some() || anywhere) && scope.take_focus();
            view! {
                <label class="rate">
                    <input type="radio" name=name.clone() value=value.clone() checked=picked autofocus=focus/>
                    <span>{value}</span>
                </label>
            }
        });
        let radios = radios.collect_view();
        view! {
            <fieldset class="rated" aria-describedby=described_by>
                <legend dir="auto">{choice.text}</legend>
                <div>{radios}</div>
                {error.map(|error| view! { <p class="error" id=error_id>{error}</p> })}
            </fieldset>
        }
    };
    choices.into_iter().map(rated).collect_view()
}
