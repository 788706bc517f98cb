//! The choice inputs of the poll form.

use leptos::prelude::*;

use crate::polls::manage::poll_form::options::{MAX_CHOICES, MIN_CHOICES, OFFERED};
use crate::web::components::field::TextArea;
use crate::web::components::form::FormScope;

/// The choice inputs, each with buttons to move and remove it.
#[component]
pub(crate) fn ChoiceFields(mut choices: Vec<String>, lines: String) -> impl IntoView {
    let scope = FormScope::from_context();
    let offered = if scope.was_submitted() {
        MIN_CHOICES
    } else {
        OFFERED
    };
    if choices.len() < MIN_CHOICES {
        choices.resize(offered, String::new());
    }
    let (count, pasted) = (choices.len(), !lines.is_empty());
    let error = scope.error("choice");
    let first_empty = choices
        .iter()
        .position(|choice| choice.trim().is_empty())
        .unwrap_or(0);
    let rows = choices.into_iter().enumerate().map(|(place, text)| {
        let number = place + 1;
        // An error of the list as a whole is shown at the first empty input.
        let list = error.clone().filter(|_| place == first_empty);
        let error = scope.error(&format!("choice_{number}")).or(list);
        view! { <ChoiceField number count text error/> }
    });
    view! {
        <fieldset class="choice-fields">
            <legend>"Choices"</legend>
            <ol>{rows.collect_view()}</ol>
            {if count < MAX_CHOICES {
                view! {
                    <button name="change" value="add" class="small">"Add a choice"</button>
                    <details open=pasted>
                        <summary>"Paste a list"</summary>
                        <TextArea name="lines" label="List of choices" hint="One choice per line." value=lines/>
                        <button name="change" value="lines" class="small">"Add these choices"</button>
                    </details>
                }.into_any()
            } else {
                view! { <p class="hint">"That's the maximum of 50 choices."</p> }.into_any()
            }}
        </fieldset>
    }
}

#[component]
pub(crate) fn ChoiceField(
    number: usize,
    count: usize,
    text: String,
    error: Option<String>,
) -> impl IntoView {
    let scope = FormScope::from_context();
    let id = format!("choice-{number}");
    let error_id = format!("choice-{number}-error");
    let focus = scope.focus_is_on(&id) || (error.is_some() && scope.take_focus());
    view! {
        <li class="choice-field">
            <label for=id.clone()>{format!("Choice {number}")}</label>
            <input
                id=id.clone()
                name="choice"
                value=text
                dir="auto"
                autocomplete="off"
                autofocus=focus
                aria-invalid=error.as_ref().map(|_| "true")
                aria-describedby=error.as_ref().map(|_| error_id.clone())
            />
            <div class="choice-tools">
                <Tool verb="up" number words=format!("Move choice {number} up") picture="m4 10 4-4 4 4" off=number == 1/>
                <Tool verb="down" number words=format!("Move choice {number} down") picture="m4 6 4 4 4-4" off=number == count/>
                <Tool verb="remove" number words=format!("Remove choice {number}") picture="m4 4 8 8m0-8-8 8"/>
            </div>
            {error.map(|error| view! { <p class="error" id=error_id>{error}</p> })}
        </li>
    }
}

/// A button that changes the list of choices.
#[component]
pub(crate) fn Tool(
    verb: &'static str,
    number: usize,
    words: String,
    picture: &'static str,
    #[prop(optional)] off: bool,
) -> impl IntoView {
    let id = format!("{verb}-{number}");
    let focus = FormScope::from_context().focus_is_on(&id);
    view! {
        <button name="change" value=format!("{verb} {number}") id=id class="tool" disabled=off autofocus=focus>
            <svg viewBox="0 0 16 16" width="20" height="20" aria-hidden="true"><path d=picture/></svg>
            <span class="visually-hidden">{words}</span>
        </button>
    }
}
