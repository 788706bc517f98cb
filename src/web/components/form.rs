//! Forms: one component for every form of the site, and what a form remembers after it was refused.
//!
//! A form posts to the page it stands on and names its server function in a hidden field. Refused, the same page comes back with
//! what was typed, each error at its field. Passwords and codes are never kept.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use leptos::context::Provider;
use leptos::prelude::*;
use serde::{Deserialize, Deserializer};

use crate::web::components::contact::Told;
use crate::web::components::page_meta::PageMeta;
use crate::web::hypermedia::outcome::FieldErrors;
use crate::web::location::{Location, NextPath};

/// The names of the hidden fields that every form carries.
pub const FUNCTION: &str = "_fn";
/// The hidden field with the token against forged posts.
pub const TOKEN: &str = "_csrf";
/// The hidden field by which the same form sent twice is known.
const NONCE: &str = "nonce";
/// The hidden field that tells for whom the form was made.
pub const WHOSE: &str = "_made_for";

/// For whom a page is made, as its forms tell.
#[derive(Clone, Debug)]
pub struct Whose(pub String);

/// What a form holds after it was refused, or was taken and stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormState {
    /// The server function that the form names.
    pub function: String,
    /// What was typed, without secrets.
    pub values: BTreeMap<String, Vec<String>>,
    /// What is wrong with the form as a whole, or what was found; may be empty.
    pub message: String,
    /// Whether nothing is wrong.
    pub good: bool,
    /// Whether it may be sent once more just as it is: what went wrong was not in it.
    pub once_more: bool,
    /// What is wrong, field by field.
    pub errors: FieldErrors,
    /// The id of the control that has the focus, where a button has changed the form.
    pub focus: String,
}

impl FormState {
    /// The state of this function's form, if it was sent with this request and comes back.
    #[must_use]
    pub fn of(function: &str) -> Option<Self> {
        use_context::<Self>().filter(|state| state.function == function)
    }
}

/// Makes the token against forged posts, for one form. It is made only when a form is shown, so that pages without a form set no
/// cookie.
#[derive(Clone)]
pub struct FormToken(pub Arc<dyn Fn() -> String + Send + Sync>);

impl fmt::Debug for FormToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FormToken")
    }
}

/// What the fields inside a form know of it.
#[derive(Clone, Debug, Default)]
pub struct FormScope {
    state: FormState,
}

impl FormScope {
    /// The form that is being rendered.
    #[must_use]
    pub fn from_context() -> Self {
        use_context().unwrap_or_default()
    }

    /// What is wrong with a field.
    #[must_use]
    pub fn error(&self, name: &str) -> Option<String> {
        self.state.errors.get(name).cloned()
    }

    /// Whether the form comes back, with what was typed.
    #[must_use]
    pub fn came_back(&self) -> bool {
        !self.state.function.is_empty()
    }

    /// Whether the control of this id has the focus, because a button has changed the form around it.
    #[must_use]
    pub fn focus_is_on(&self, id: &str) -> bool {
        self.state.focus == id && self.take_focus()
    }

    /// What was typed into a field before.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<String> {
        self.state
            .values
            .get(name)
            .and_then(|values| values.first())
            .cloned()
    }

    /// What was typed into fields of one name, in their order.
    #[must_use]
    pub fn values(&self, name: &str) -> Vec<String> {
        self.state.values.get(name).cloned().unwrap_or_default()
    }

    /// Whether a choice was picked before.
    #[must_use]
    pub fn picked(&self, name: &str, value: &str) -> bool {
        self.state
            .values
            .get(name)
            .is_some_and(|values| values.iter().any(|picked| picked == value))
    }

    /// True for the first field of the page that asks. Where a form comes back, only its own fields may have the focus.
    #[must_use]
    pub fn take_focus(&self) -> bool {
        (self.came_back() || use_context::<FormState>().is_none())
            && PageMeta::from_context().take_focus()
    }
}

/// A form for a server function, given by its path such as `Login::PATH`.
#[component]
pub fn Form(
    /// The path of the server function.
    action: &'static str,
    /// A class for the look.
    #[prop(default = "form")]
    class: &'static str,
    /// What a script says when the answer is lost, where there is something better to do than to load the page again.
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
    // The message has the focus after a refusal where no field is to blame.
    let focus = message.is_some() && scope.state.errors.is_empty() && scope.take_focus();
    view! {
        <form method="post" class=class novalidate data-lost=lost>
            <input type="hidden" name=FUNCTION value=function/>
            <input type="hidden" name=TOKEN value=token/>
            {use_context::<Whose>().map(|whose| view! { <input type="hidden" name=WHOSE value=whose.0/> })}
            {message.map(|message| view! { <p class=class_of_message role="alert" tabindex="-1" autofocus=focus><Told words=message/></p> })}
            <Provider value=scope>{children()}</Provider>
        </form>
    }
}

/// Carries the nonce by which the same form sent twice is known. A form that comes back keeps the one it was sent with.
#[component]
pub fn NonceField(
    /// The nonce of a form that is shown for the first time.
    fresh: String,
) -> impl IntoView {
    let nonce = FormScope::from_context()
        .value(NONCE)
        .filter(|sent| !sent.is_empty())
        .unwrap_or(fresh);
    view! { <input type="hidden" name=NONCE value=nonce/> }
}

/// Carries along where a person wants to be afterwards.
#[component]
pub fn NextField() -> impl IntoView {
    let next = Location::from_context()
        .query("next")
        .and_then(NextPath::parse);
    next.map(|next| view! { <input type="hidden" name="next" value=next.as_str().to_owned()/> })
}

/// Where a person wants to be afterwards, if it is on this site; home is no wish.
#[must_use]
pub fn next_path(text: &str) -> Option<NextPath> {
    NextPath::parse(text).filter(|next| next.as_str() != "/")
}

/// The path to a page on the way to where a person wants to be, as a form says.
#[must_use]
pub fn after(next: &str, page: &str) -> String {
    next_path(next).map_or_else(|| page.to_owned(), |next| next.after(page))
}

/// The path to where a person wants to be, as a form says; this page, where it says nothing.
#[must_use]
pub fn next_or(next: &str, page: &str) -> String {
    next_path(next).map_or_else(|| page.to_owned(), |next| next.as_str().to_owned())
}

/// The path to where a person wants to be, as a form or an address says; home, where neither says it.
#[must_use]
pub fn next_or_home(next: Option<&str>) -> String {
    next.and_then(NextPath::parse)
        .map_or_else(|| "/".to_owned(), |next| next.as_str().to_owned())
}

/// The name of a server function, from its path.
#[must_use]
pub fn function_name(path: &'static str) -> &'static str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Reads a field that may come once or several times, as checkboxes do.
///
/// # Errors
/// When it is neither a text nor a list of texts.
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

/// The way to another page of the entrance, going on to the same place.
#[must_use]
pub fn path_with_next(page: &str) -> String {
    after(
        Location::from_context().query("next").unwrap_or_default(),
        page,
    )
}
