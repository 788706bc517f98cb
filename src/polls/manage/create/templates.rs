//! Templates: forms that are filled in for common polls.

use leptos::prelude::*;

use crate::polls::manage::poll_form::fields::PollForm;
use crate::polls::manage::poll_form::options::CHECKED;
use crate::polls::manage::poll_form::time_fields::{NEVER, WEEK};

/// Name and label of each template.
const TEMPLATES: [(&str, &str); 3] = [
    ("motion", "Yes, no or abstain"),
    ("board", "Board election"),
    ("date", "Find a date"),
];

/// Fills in a form from the template of this name; unchanged if there is none.
#[must_use]
pub fn filled(name: &str, form: PollForm) -> PollForm {
    let choices = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
    match name {
        "motion" => PollForm {
            kind: "motion".to_owned(),
            choice: choices(&["Yes", "No", "Abstain"]),
            until: WEEK.to_owned(),
            results: "after_close".to_owned(),
            ..form
        },
        "board" => PollForm {
            question: "Who should be on the board?".to_owned(),
            kind: "ranked".to_owned(),
            counting: "seats".to_owned(),
            seats: "3".to_owned(),
            choice: choices(&["", "", "", "", ""]),
            until: WEEK.to_owned(),
            results: "after_close".to_owned(),
            shuffled: CHECKED.to_owned(),
            ..form
        },
        "date" => PollForm {
            question: "When should we meet?".to_owned(),
            description: "Choose every date that suits you.".to_owned(),
            kind: "multiple".to_owned(),
            until: NEVER.to_owned(),
            results: "always".to_owned(),
            ..form
        },
        _ => form,
    }
}

/// Links to the templates.
#[component]
pub(crate) fn TemplateLinks(
    /// The path of the page with the form.
    page: &'static str,
) -> impl IntoView {
    let links = TEMPLATES.map(|(name, label)| {
        view! { <a class="button small" href=format!("{page}?template={name}")>{label}</a> }
    });
    view! {
        <nav class="templates" aria-label="Templates">
            <span class="hint" aria-hidden="true">"Start from a template:"</span>
            {links.into_iter().collect_view()}
        </nav>
    }
}
