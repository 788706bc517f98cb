//! The guard: around the content of a page, and as the first line of a server function.

use leptos::either::Either;
use leptos::prelude::*;

use super::viewer::{Level, Person, Viewer};
use crate::web::answer::{Answer, Instead};
use crate::web::layout::ErrorPage;
use crate::web::refusal::Refusal;

/// Shows its children to whoever has the level. Anybody else is sent to get it, and back here afterwards; the children are not
/// even made.
#[component]
pub fn Guard(
    /// What it takes.
    level: Level,
    /// What is guarded.
    children: Children,
) -> impl IntoView {
    match require(level) {
        Ok(_) => Either::Left(children()),
        Err(refusal) => Either::Right(turn_away(&refusal)),
    }
}

/// Lets a server function go on for whoever has the level.
///
/// # Errors
/// [`Refusal::LogIn`] or [`Refusal::Verify`], whatever is missing first.
pub fn require(level: Level) -> Result<Person, Refusal> {
    Viewer::now().admit(level)
}

/// What a page shows in place of what was refused: the way to get it, or why not.
#[must_use]
pub fn turn_away(refusal: &Refusal) -> AnyView {
    let instead = match refusal {
        Refusal::LogIn => Instead::LogIn,
        Refusal::Verify => Instead::Verify,
        Refusal::Elsewhere { path, .. } => Instead::Path(path.clone()),
        other => return view! { <ErrorPage status=other.status() message=other.to_string()/> }.into_any(),
    };
    Answer::now().instead(instead);
    ().into_any()
}
