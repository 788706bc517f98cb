//! Access checks for page contents and server functions.

use leptos::either::Either;
use leptos::prelude::*;

use crate::accounts::viewer::{Level, Person, Viewer};
use crate::web::components::form::next_or_home;
use crate::web::components::page::error_page::ErrorPage;
use crate::web::components::page::page_meta::{Instead, PageMeta};
use crate::web::hypermedia::outcome::Refusal;
use crate::web::location::{Location, NextPath};

/// Renders its children only if the viewer has the level. Otherwise redirects to where it can be
/// obtained, and back here afterwards; the children aren't created.
#[component]
pub fn Guard(
    /// The required level.
    level: Level,
    /// The protected content.
    children: Children,
) -> impl IntoView {
    match require(level) {
        Ok(_) => Either::Left(children()),
        Err(refusal) => Either::Right(render_refusal(&refusal)),
    }
}

/// Renders its children only to the account's owner with a password typed within the last ten
/// minutes. Otherwise redirects to the password page, and back here afterwards.
#[component]
pub fn RecentPassword(
    /// The protected content.
    children: Children,
) -> impl IntoView {
    match require_recent_password() {
        Ok(_) => Either::Left(children()),
        Err(refusal) => Either::Right(render_refusal(&refusal)),
    }
}

/// Returns the viewer's account if it has the level.
///
/// # Errors
/// [`Refusal::LogIn`] or [`Refusal::Verify`], whichever is missing first; [`Refusal::Elsewhere`] if
/// the user must choose a new password first; [`Refusal::Forbidden`] if not an admin.
pub fn require(level: Level) -> Result<Person, Refusal> {
    Viewer::from_context()
        .admit(level)
        .map_err(|refusal| match refusal {
            Refusal::Elsewhere { message, path } => first(message, &path),
            other => other,
        })
}

/// Refuses with a redirect to `page`, which leads back here afterwards.
fn first(message: String, page: &str) -> Refusal {
    let here = NextPath::parse(&Location::from_context().path_and_query)
        .filter(|here| !here.as_str().starts_with("/api/"));
    Refusal::Elsewhere {
        message,
        path: here.map_or_else(|| page.to_owned(), |here| here.after(page)),
    }
}

/// Returns the viewer's account if it is the owner; see [`Viewer::admit_owner`].
///
/// # Errors
/// [`Refusal::LogIn`] or [`Refusal::Verify`], whichever is missing first.
pub fn require_owner() -> Result<Person, Refusal> {
    Viewer::from_context().admit_owner()
}

/// Like [`require_owner`], but also requires a password typed within the last ten minutes.
///
/// # Errors
/// Additionally, [`Refusal::Elsewhere`] with the page that asks for the password again.
pub fn require_recent_password() -> Result<Person, Refusal> {
    let person = require_owner()?;
    if person.password_recent {
        return Ok(person);
    }
    Err(first(
        "Please enter your password again first.".to_owned(),
        CONFIRM,
    ))
}

/// Returns the viewer's account if it may set a new number or app: a verified owner who typed the
/// password within the last ten minutes, or a user who used a recovery code in this session within
/// the same time.
pub fn require_new_factor() -> Result<Person, Refusal> {
    let person = require(Level::LoggedIn)?;
    if person.has_number && person.recovered {
        return Ok(person);
    }
    require_verified_owner()
}

/// Like [`require_recent_password`], but also requires a number verified in this session.
pub fn require_verified_owner() -> Result<Person, Refusal> {
    require(Level::Verified)?;
    require_recent_password()
}

/// The page that asks for the password again.
pub const CONFIRM: &str = "/account/confirm";

/// Renders a refusal on a page: a redirect to what is missing, or an error.
#[must_use]
pub fn render_refusal(refusal: &Refusal) -> AnyView {
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

/// Redirects an already verified viewer to the next page. Returns whether it did.
pub(crate) fn redirect_if_verified() -> bool {
    let verified = matches!(Viewer::from_context(), Viewer::Verified(_));
    if verified {
        PageMeta::from_context().instead(Instead::Path(next_or_home(
            Location::from_context().query("next"),
        )));
    }
    verified
}
