//! What a server function answers: where to go next, or why not.
//!
//! The errors of the use-cases end here, in the few kinds that differ for whoever asked: what to mend, where to go first, when to
//! come back. `hypermedia` turns each into what a browser, htmx or a JSON caller understands.

use std::collections::BTreeMap;

use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Where a person is after a form was accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Next {
    /// A path on this site.
    #[serde(rename = "next")]
    pub path: String,
    /// Whether more than the main part of the page has changed, so that it must be loaded anew.
    #[serde(default)]
    pub reload: bool,
    /// Set where the form stays on its page, with something to say or with other values in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stay: Option<Stay>,
}

/// A form that was taken and stays where it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stay {
    /// What was found or done; may be empty.
    pub message: String,
    /// What fields hold now, where that is not what was sent.
    pub values: BTreeMap<String, Vec<String>>,
    /// The id of the control that has the focus; may be empty.
    pub focus: String,
}

impl Next {
    /// On to another page.
    #[must_use]
    pub fn to(path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            reload: false,
            stay: None,
        }
    }

    /// On to another page, whose header has changed as well.
    #[must_use]
    pub fn reload(path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            reload: true,
            stay: None,
        }
    }

    /// On the same page, with a word about what was found.
    #[must_use]
    pub fn here(message: impl Into<String>) -> Self {
        Self {
            path: String::new(),
            reload: false,
            stay: Some(Stay {
                message: message.into(),
                ..Stay::default()
            }),
        }
    }

    /// On the same page, with other values in fields of its form, and the focus on the control of this id.
    #[must_use]
    pub fn with_values(values: BTreeMap<String, Vec<String>>, focus: String) -> Self {
        Self {
            path: String::new(),
            reload: false,
            stay: Some(Stay {
                message: String::new(),
                values,
                focus,
            }),
        }
    }
}

/// Messages by field name.
pub type FieldErrors = BTreeMap<String, String>;

/// Why not. Every message is for a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Error)]
pub enum Refusal {
    /// Something typed must be mended.
    #[error("{message}")]
    Invalid {
        /// What to do, for the form as a whole; may be empty where the fields say all.
        message: String,
        /// What to do, field by field.
        fields: FieldErrors,
    },
    /// Only after logging in.
    #[error("Please log in first.")]
    LogIn,
    /// Only after proving a number.
    #[error("To continue we need to verify your phone number.")]
    Verify,
    /// Not for this person, whatever they do.
    #[error("{message}")]
    Forbidden {
        /// Why, and what is possible instead.
        message: String,
    },
    /// Something else comes first, and there is a page for it.
    #[error("{message}")]
    Elsewhere {
        /// Why.
        message: String,
        /// The page, a path on this site.
        path: String,
    },
    /// There is no such thing.
    #[error("There is nothing here.")]
    NotFound,
    /// Not so soon.
    #[error("{message}")]
    TooSoon {
        /// What happened and when to come back.
        message: String,
        /// Seconds until it is worth trying again.
        wait: i64,
    },
    /// Not our person's fault: something that Pollstr needs does not work just now.
    #[error("{message}")]
    Unavailable {
        /// What happened and what to do.
        message: String,
        /// Seconds until it is worth trying again.
        wait: i64,
    },
}

impl Refusal {
    /// One field must be mended.
    #[must_use]
    pub fn field(name: &str, message: impl ToString) -> Self {
        Self::Invalid {
            message: String::new(),
            fields: BTreeMap::from([(name.to_owned(), message.to_string())]),
        }
    }

    /// The form as a whole must be mended.
    #[must_use]
    pub fn form(message: impl ToString) -> Self {
        Self::Invalid {
            message: message.to_string(),
            fields: BTreeMap::new(),
        }
    }

    /// Something that Pollstr needs does not work just now.
    #[must_use]
    pub fn unavailable() -> Self {
        Self::Unavailable {
            message: "Something on our side does not work just now. Please try again in a moment."
                .to_owned(),
            wait: 5,
        }
    }

    /// The HTTP status for whoever asked by JSON.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::Invalid { .. } => 422,
            Self::LogIn => 401,
            Self::Verify | Self::Forbidden { .. } | Self::Elsewhere { .. } => 403,
            Self::NotFound => 404,
            Self::TooSoon { .. } => 429,
            Self::Unavailable { .. } => 503,
        }
    }

    /// Seconds until it is worth trying again, where that is known.
    #[must_use]
    pub fn wait(&self) -> Option<i64> {
        match self {
            Self::TooSoon { wait, .. } | Self::Unavailable { wait, .. } => Some(*wait),
            _ => None,
        }
    }

    /// The messages by field.
    #[must_use]
    pub fn fields(&self) -> FieldErrors {
        match self {
            Self::Invalid { fields, .. } => fields.clone(),
            _ => FieldErrors::new(),
        }
    }
}

impl FromServerFnError for Refusal {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(_)
            | ServerFnErrorErr::MissingArg(_)
            | ServerFnErrorErr::Deserialization(_) => {
                Self::form("We could not read that form. Please try again.")
            }
            _ => Self::unavailable(),
        }
    }
}

/// Gathers what is wrong with the fields of a form, so that a person is told everything at once.
#[derive(Debug, Default)]
pub struct Faults(FieldErrors);

impl Faults {
    /// Takes the value of a field that parsed; remembers the message of one that did not.
    pub fn check<T, E: ToString>(&mut self, name: &str, parsed: Result<T, E>) -> Option<T> {
        parsed
            .map_err(|error| self.0.insert(name.to_owned(), error.to_string()))
            .ok()
    }

    /// Whether nothing was wrong.
    #[must_use]
    pub fn none(&self) -> bool {
        self.0.is_empty()
    }

    /// The refusal for all that was wrong.
    #[must_use]
    pub fn refusal(self) -> Refusal {
        Refusal::Invalid {
            message: String::new(),
            fields: self.0,
        }
    }
}
