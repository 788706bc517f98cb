//! The guard: around the content of a page, and as the first line of a server function.

use leptos::either::Either;
use leptos::prelude::*;

use crate::accounts::viewer::{Level, Person, Viewer};
use crate::web::components::form::next_or_home;
use crate::web::components::layout::ErrorPage;
use crate::web::components::page_meta::{Instead, PageMeta};
use crate::web::hypermedia::outcome::Refusal;
use crate::web::location::{Location, NextPath};

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

/// Shows its children to the account's owner, who has typed the password within the last ten minutes. Anybody else is sent to do
/// so, and back here afterwards.
#[component]
pub fn RecentPassword(
    /// What is guarded.
    children: Children,
) -> impl IntoView {
    match require_recent_password() {
        Ok(_) => Either::Left(children()),
        Err(refusal) => Either::Right(turn_away(&refusal)),
    }
}

/// Lets a server function go on for whoever has the level.
///
/// # Errors
/// [`Refusal::LogIn`] or [`Refusal::Verify`], whatever is missing first; [`Refusal::Elsewhere`] for whoever must choose a password
/// of their own; [`Refusal::Forbidden`] for whoever is no admin.
pub fn require(level: Level) -> Result<Person, Refusal> {
    Viewer::from_context()
        .admit(level)
        .map_err(|refusal| match refusal {
            Refusal::Elsewhere { message, path } => first(message, &path),
            other => other,
        })
}

/// Something else comes first, on this page, and then the way leads back here.
fn first(message: String, page: &str) -> Refusal {
    let here = NextPath::parse(&Location::from_context().path_and_query)
        .filter(|here| !here.as_str().starts_with("/api/"));
    Refusal::Elsewhere {
        message,
        path: here.map_or_else(|| page.to_owned(), |here| here.after(page)),
    }
}

/// Lets a server function go on for the owner of an account: see [`Viewer::admit_owner`].
///
/// # Errors
/// [`Refusal::LogIn`] or [`Refusal::Verify`], whatever is missing first.
pub fn require_owner() -> Result<Person, Refusal> {
    Viewer::from_context().admit_owner()
}

/// Lets a server function go on for the owner of an account who has typed the password within the last ten minutes.
///
/// # Errors
/// Whatever is missing first; [`Refusal::Elsewhere`] with the page where the password is asked for again.
pub fn require_recent_password() -> Result<Person, Refusal> {
    let person = require_owner()?;
    if person.password_recent {
        return Ok(person);
    }
    Err(first(
        "Please type your password again first.".to_owned(),
        CONFIRM,
    ))
}

/// Lets a server function go on for whoever may set another number or app: the verified owner who has typed the password within the
/// last ten minutes, or whoever has used a recovery code in this session as lately.
///
/// # Errors
/// Whatever is missing first.
pub fn require_new_factor() -> Result<Person, Refusal> {
    let person = require(Level::LoggedIn)?;
    if person.has_number && person.recovered {
        return Ok(person);
    }
    require_verified_owner()
}

/// Lets a server function go on for whoever has proved the account's number in this session and typed the password within the last ten
/// minutes.
///
/// # Errors
/// Whatever is missing first.
pub fn require_verified_owner() -> Result<Person, Refusal> {
    require(Level::Verified)?;
    require_recent_password()
}

/// The page where the password is asked for again.
pub const CONFIRM: &str = "/account/confirm";

/// What a page shows in place of what was refused: the way to get it, or why not.
#[must_use]
pub fn turn_away(refusal: &Refusal) -> AnyView {
    let instead = match refusal {
        Refusal::LogIn => Instead::LogIn,
        Refusal::Verify => Instead::Verify,
        Refusal::Elsewhere { path, .. } => Instead::Path(path.clone()),
        other => {
            return view! { <ErrorPage status=other.status() message=other.to_string()/> }
                .into_any();
        }
    };
    PageMeta::from_context().instead(instead);
    ().into_any()
}

/// Sends whoever is verified already on to where they wanted to be.
pub(crate) fn pass_on_verified() -> bool {
    let verified = matches!(Viewer::from_context(), Viewer::Verified(_));
    if verified {
        PageMeta::from_context().instead(Instead::Path(next_or_home(
            Location::from_context().query("next"),
        )));
    }
    verified
}
