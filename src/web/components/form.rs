//! The form component that all forms use, and the state of a form after it was sent.
//!
//! A form posts to the page it is on and names its server function in a hidden field. When it is
//! refused, the page comes back with the submitted values and an error at each invalid field.
//! Passwords and codes are never sent back.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use leptos::context::Provider;
use leptos::prelude::*;
use serde::{Deserialize, Deserializer};

use crate::web::components::contact::MessageText;
use crate::web::components::page::page_meta::PageMeta;
use crate::web::hypermedia::outcome::FieldErrors;
use crate::web::location::{Location, NextPath};

/// The hidden field with the name of the server function.
pub const FUNCTION: &str = "_fn";
/// The hidden field with the CSRF token.
pub const TOKEN: &str = "_csrf";
/// The hidden field with the nonce that identifies duplicate submissions.
const NONCE: &str = "nonce";
/// The hidden field with the tag of the account that the page was rendered for.
pub const WHOSE: &str = "_made_for";

/// The tag of the account that a page is rendered for, carried by its forms.
#[derive(Clone, Debug)]
pub struct OwnerTag(pub String);

/// State of a form that was refused, or that was accepted and stays on the page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormState {
    /// The server function's name.
    pub function: String,
    /// The submitted values, without secrets.
    pub values: BTreeMap<String, Vec<String>>,
    /// The message for the form as a whole: an error or a result; may be empty.
    pub message: String,
    /// Whether the form was accepted.
    pub good: bool,
    /// Whether the form can be resubmitted unchanged, since the error was not in its input.
    pub resubmission: bool,
    /// The error messages by field.
    pub errors: FieldErrors,
    /// The id of the control to focus, if a button has changed the form.
    pub focus: String,
}

impl FormState {
    /// Returns the state of this function's form, if this request submitted it.
    #[must_use]
    pub fn of(function: &str) -> Option<Self> {
        use_context::<Self>().filter(|state| state.function == function)
    }
}

/// Creates the CSRF token of a form. Called only when a form is rendered, so that pages without one
/// set no cookie.
#[derive(Clone)]
pub struct FormToken(pub Arc<dyn Fn() -> String + Send + Sync>);

impl fmt::Debug for FormToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FormToken")
    }
}

/// Context through which fields read the state of the form around them.
#[derive(Clone, Debug, Default)]
pub struct FormScope {
    state: FormState,
}

impl FormScope {
    /// Returns the scope of the form being rendered.
    #[must_use]
    pub fn from_context() -> Self {
        use_context().unwrap_or_default()
    }

    /// Returns the scope with these values, unless the form was submitted.
    #[must_use]
    pub fn or_filled(mut self, values: BTreeMap<String, Vec<String>>) -> Self {
        if !self.was_submitted() {
            self.state.values = values;
        }
        self
    }

    /// Returns a field's error message.
    #[must_use]
    pub fn error(&self, name: &str) -> Option<String> {
        self.state.errors.get(name).cloned()
    }

    /// Returns whether the form was submitted and is shown again.
    #[must_use]
    pub fn was_submitted(&self) -> bool {
        !self.state.function.is_empty()
    }

    /// Returns whether to focus the control with this id, because a button has changed the form.
    #[must_use]
    pub fn focus_is_on(&self, id: &str) -> bool {
        self.state.focus == id && self.take_focus()
    }

    /// Returns the submitted value of a field.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<String> {
        self.state
            .values
            .get(name)
            .and_then(|values| values.first())
            .cloned()
    }

    /// Returns all submitted values of a field, in order.
    #[must_use]
    pub fn values(&self, name: &str) -> Vec<String> {
        self.state.values.get(name).cloned().unwrap_or_default()
    }

    /// Returns whether a choice was selected in the submission.
    #[must_use]
    pub fn picked(&self, name: &str, value: &str) -> bool {
        self.state
            .values
            .get(name)
            .is_some_and(|values| values.iter().any(|picked| picked == value))
    }

    /// Returns true for the first field that asks. If a form was submitted, only its own fields may
    /// take the focus.
    #[must_use]
    pub fn take_focus(&self) -> bool {
        (self.was_submitted() || use_context::<FormState>().is_none())
            && PageMeta::from_context().take_focus()
    }
}

/// A form for a server function, given by its path, such as `Login::PATH`.
#[component]
pub fn Form(
    /// The path of the server function.
    action: &'static str,
    /// The CSS class.
    #[prop(default = "form")]
    class: &'static str,
    /// The script's message when the response is lost, if there is better advice than to reload the
    /// page.
    #[prop(optional)]
    lost: Option<&'static str>,
    /// The fields and the button.
    children: Children,
) -> impl IntoView {
    let function = function_name(action);
    let token = use_context::<FormToken>()
        .map(|token| (token.0)())
        .unwrap_or_default();
    let scope = FormScope {
        state: FormState::of(function).unwrap_or_default(),
    };
    let message = Some(scope.state.message.clone()).filter(|message| !message.is_empty());
    let class_of_message = if scope.state.good {
        "notice good"
    } else {
        "notice bad"
    };
    // The message gets the focus after a refusal without field errors.
    let focus = message.is_some() && scope.state.errors.is_empty() && scope.take_focus();
    view! {
        <form method="post" class=class novalidate data-lost=lost>
            <input type="hidden" name=FUNCTION value=function/>
            <input type="hidden" name=TOKEN value=token/>
            {use_context::<OwnerTag>().map(|whose| view! { <input type="hidden" name=WHOSE value=whose.0/> })}
            {message.map(|message| view! { <p class=class_of_message role="alert" tabindex="-1" autofocus=focus><MessageText words=message/></p> })}
            <Provider value=scope>{children()}</Provider>
        </form>
    }
}

/// Hidden field with the nonce that identifies duplicate submissions. A form that is shown again
/// keeps the nonce it was sent with.
#[component]
pub fn NonceField(
    /// The nonce for a form that is shown for the first time.
    fresh: String,
) -> impl IntoView {
    let nonce = FormScope::from_context()
        .value(NONCE)
        .filter(|sent| !sent.is_empty())
        .unwrap_or(fresh);
    view! { <input type="hidden" name=NONCE value=nonce/> }
}

/// Hidden field with the path to go on to afterwards.
#[component]
pub fn NextField() -> impl IntoView {
    let next = Location::from_context()
        .query("next")
        .and_then(NextPath::parse);
    next.map(|next| view! { <input type="hidden" name="next" value=next.as_str().to_owned()/> })
}

/// Parses the path to go on to; `None` for the home page and for anything off this site.
#[must_use]
pub fn next_path(text: &str) -> Option<NextPath> {
    NextPath::parse(text).filter(|next| next.as_str() != "/")
}

/// Returns the path of `page` with `next` in its query, if `next` is a valid path.
#[must_use]
pub fn after(next: &str, page: &str) -> String {
    next_path(next).map_or_else(|| page.to_owned(), |next| next.after(page))
}

/// Returns the path `next`, or `page` if it isn't valid.
#[must_use]
pub fn next_or(next: &str, page: &str) -> String {
    next_path(next).map_or_else(|| page.to_owned(), |next| next.as_str().to_owned())
}

/// Returns the path `next`, or the home page if it is missing or invalid.
#[must_use]
pub fn next_or_home(next: Option<&str>) -> String {
    next.and_then(NextPath::parse)
        .map_or_else(|| "/".to_owned(), |next| next.as_str().to_owned())
}

/// Returns the name of a server function from its path.
#[must_use]
pub fn function_name(path: &'static str) -> &'static str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Deserializes a field that can occur once or several times, such as checkboxes.
///
/// # Errors
/// When it is neither a string nor a list of strings.
pub fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMany {
        One(String),
        Many(Vec<String>),
    }
    Ok(match OneOrMany::deserialize(deserializer)? {
        OneOrMany::One(one) => vec![one],
        OneOrMany::Many(many) => many,
    })
}

/// Returns the path of another login or sign-up page, keeping the current `next`.
#[must_use]
pub fn path_with_next(page: &str) -> String {
    after(
        Location::from_context().query("next").unwrap_or_default(),
        page,
    )
}
