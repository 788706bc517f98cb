//! The form controls of the ballot, for each voting method.
//!
//! Radio buttons for a single choice, checkboxes for several, a rank select for each choice of a
//! ranking, and a group of radio buttons for each choice of a rating. Scripts add buttons that move choices of a ranking up and down.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use leptos::prelude::*;

use crate::polls::model::kind::Kind;
use crate::polls::model::poll::{Choice, Poll};
use crate::polls::voting::ratings::fields::Ratings;
use crate::web::components::form::FormScope;
use crate::web::components::fragments::Fragments;

/// Prefix of the fields that hold the rank of a choice.
pub const PLACE: &str = "place_";

/// Values of fields by name, as a submission has them.
pub type FieldValues = BTreeMap<String, Vec<String>>;

/// The fieldset with a poll's choices.
#[component]
pub fn BallotFields(
    /// The poll, with its choices in display order.
    poll: Arc<Poll>,
    /// What the viewer picked before; ignored once the form was submitted.
    #[prop(optional)]
    filled: FieldValues,
) -> impl IntoView {
    let scope = FormScope::from_context();
    let unsent = !scope.was_submitted();
    let before = unsent && !filled.is_empty();
    if unsent && !before && !poll.shuffled {
        let html = BLANK.html(
            &poll,
            (),
            || view! { <Fields poll=poll.clone() scope before/> },
        );
        return view! { <div class="ballot-fields" inner_html=html></div> }.into_any();
    }
    let scope = scope.or_filled(filled);
    view! { <Fields poll scope before/> }.into_any()
}

/// Blank fieldsets, which all voters share in polls that aren't shuffled.
static BLANK: Fragments<Poll> = Fragments::empty();

/// The button that sends a ballot, which stays in sight below many choices. Where voters may fill
/// in several, scripts say above it how many they have.
#[component]
pub fn VoteBar(
    /// The poll.
    poll: Arc<Poll>,
    /// The words on the button.
    #[prop(default = "Vote")]
    words: &'static str,
    /// Whether it can't be pressed.
    #[prop(optional)]
    disabled: bool,
) -> impl IntoView {
    let all = poll.choices.len();
    let tally = match poll.kind {
        Kind::Single | Kind::Motion => None,
        Kind::Multiple { .. } if poll.kind.is_approval(all) => None,
        Kind::Multiple { most } => Some(format!("of {most} chosen")),
        Kind::Score | Kind::Star => Some(format!("of {all} rated")),
        Kind::Ranked | Kind::Pairs | Kind::Seats { .. } => Some(format!("of {all} ranked")),
    };
    // Only a limit is worth announcing. Scripts announce the new rank of a choice themselves.
    let role = matches!(poll.kind, Kind::Multiple { .. }).then_some("status");
    view! {
        <div class="vote-bar">
            {tally.map(|tally| view! { <p class="hint with-scripts" role=role data-tally=tally></p> })}
            <button class="primary" disabled=disabled>{words}</button>
        </div>
    }
}

#[component]
fn Fields(poll: Arc<Poll>, scope: FormScope, before: bool) -> impl IntoView {
    let error = scope.error("choice");
    let (wrong, ranked) = (error.is_some(), poll.kind.is_ranking());
    let (class, legend) = match poll.kind {
        Kind::Single | Kind::Motion => ("choice-set", "Choose one".to_owned()),
        Kind::Multiple { most } => ("choice-set", format!("Choose up to {most}")),
        Kind::Ranked | Kind::Pairs | Kind::Seats { .. } => (
            "choice-set ranking",
            "Rank the choices. 1 is your favourite. You can leave some out.".to_owned(),
        ),
        Kind::Score | Kind::Star => ("choice-set", "Rate the choices".to_owned()),
    };
    let choices = match poll.kind {
        Kind::Ranked | Kind::Pairs | Kind::Seats { .. } => {
            view! { <Ranking choices=poll.choices.clone() scope/> }.into_any()
        }
        Kind::Score | Kind::Star => {
            view! { <Ratings choices=poll.choices.clone() scope/> }.into_any()
        }
        Kind::Single | Kind::Motion => {
            view! { <Marks kind="radio" choices=poll.choices.clone() scope/> }.into_any()
        }
        Kind::Multiple { .. } => {
            view! { <Marks kind="checkbox" choices=poll.choices.clone() scope/> }.into_any()
        }
    };
    view! {
        <fieldset class=class aria-describedby=wrong.then_some("choice-error")>
            <legend>{legend}</legend>
            {poll.counted_by().map(|counted| view! { <p class="hint">{counted}</p> })}
            {before.then(|| view! { <p class="hint"><strong>"Your choice from before."</strong> " It isn't counted yet."</p> })}
            {ranked.then(|| view! { <p class="hint with-scripts">"Tap a choice to give it the next rank."</p> })}
            {error.map(|error| view! { <p class="error" id="choice-error">{error}</p> })}
            {choices}
        </fieldset>
    }
}

#[component]
fn Marks(kind: &'static str, choices: Vec<Choice>, scope: FormScope) -> impl IntoView {
    let wrong = scope.error("choice").is_some();
    let mark = |choice: Choice| {
        let (id, value) = (
            format!("choice-{}", choice.position),
            choice.position.to_string(),
        );
        let picked = scope.picked("choice", &value);
        let focus = wrong && scope.take_focus();
        view! {
            // The box stands where the text begins, on the right for Arabic.
            <div class="choice" dir="auto">
                <input type=kind name="choice" id=id.clone() value=value checked=picked autofocus=focus/>
                <label for=id>{choice.text}</label>
            </div>
        }
    };
    choices.into_iter().map(mark).collect_view()
}

#[component]
fn Ranking(choices: Vec<Choice>, scope: FormScope) -> impl IntoView {
    let places = choices.len();
    let name_of = |choice: &Choice| format!("{PLACE}{}", choice.position);
    // An error about the whole ranking focuses its first choice.
    let anywhere = scope.error("choice").is_some()
        && !choices
            .iter()
            .any(|choice| scope.error(&name_of(choice)).is_some());
    let ranked = |choice: Choice| {
        let (id, name) = (format!("choice-{}", choice.position), name_of(&choice));
        let (error, error_id) = (scope.error(&name), format!("{id}-error"));
        let (invalid, described_by) = (
            error.as_ref().map(|_| "true"),
            error.as_ref().map(|_| error_id.clone()),
        );
        let focus = (error.is_some() || anywhere) && scope.take_focus();
        let chosen = scope.value(&name).unwrap_or_default();
        let options = options(places, &chosen);
        let (up, down) = (
            format!("Move up: {}", choice.text),
            format!("Move down: {}", choice.text),
        );
        view! {
            <li class="ranked" dir="auto">
                <select name=name id=id.clone() autofocus=focus aria-invalid=invalid aria-describedby=described_by inner_html=options></select>
                <label for=id>{choice.text}</label>
                <button type="button" class="move kept" data-move="up" aria-label=up hidden>"↑"</button>
                <button type="button" class="move kept" data-move="down" aria-label=down hidden>"↓"</button>
                {error.map(|error| view! { <p class="error" id=error_id dir="ltr">{error}</p> })}
            </li>
        }
    };
    view! { <ol class="ranked-choices" data-ranking>{choices.into_iter().map(ranked).collect_view()}</ol> }
}

/// The options of a rank select. Written as text: fifty choices have 2,500 of them, which takes
/// long as elements.
fn options(places: usize, chosen: &str) -> String {
    let mut html = r#"<option value="">–</option>"#.to_owned();
    for place in 1..=places {
        let selected = if place.to_string() == chosen {
            " selected"
        } else {
            ""
        };
        let _ = write!(
            html,
            r#"<option value="{place}"{selected}>{place}</option>"#
        );
    }
    html
}
