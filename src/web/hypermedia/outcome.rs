//! Outcome of a server function: where to go next, or why it was refused.
//!
//! The errors of the use cases are mapped here to the few kinds that differ for the client: what to
//! correct, where to go first, when to retry. `hypermedia` renders each for browsers, htmx and JSON
//! clients.

use std::collections::BTreeMap;

use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Where to go after a form was accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Next {
    /// A path on this site.
    #[serde(rename = "next")]
    pub path: String,
    /// Whether the whole document must be reloaded, since more than the main part has changed.
    #[serde(default)]
    pub reload: bool,
    /// Set if the form stays on its page, with a message or changed values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stay: Option<Stay>,
}

/// An accepted form that stays on its page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stay {
    /// The message; may be empty.
    pub message: String,
    /// New values of fields, where they differ from the submitted ones.
    pub values: BTreeMap<String, Vec<String>>,
    /// The id of the control to focus; may be empty.
    pub focus: String,
}

impl Next {
    /// Goes to another page.
    #[must_use]
    pub fn to(path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            reload: false,
            stay: None,
        }
    }

    /// Goes to another page and reloads the document, since the header has changed.
    #[must_use]
    pub fn reload(path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            reload: true,
            stay: None,
        }
    }

    /// Stays on the page and shows a message.
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

    /// Stays on the page with changed field values, and focuses the control with this id.
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

/// Why a request was refused. Every message is shown to the user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Error)]
pub enum Refusal {
    /// Invalid input.
    #[error("{message}")]
    Invalid {
        /// The message for the form as a whole; may be empty if the fields say everything.
        message: String,
        /// The messages by field.
        fields: FieldErrors,
    },
    /// Login required.
    #[error("Please log in first.")]
    LogIn,
    /// Verified phone number required.
    #[error("To continue we need to verify your phone number.")]
    Verify,
    /// Never allowed for this account.
    #[error("{message}")]
    Forbidden {
        /// The reason, and what is possible instead.
        message: String,
    },
    /// Another step must come first, and it has a page.
    #[error("{message}")]
    Elsewhere {
        /// The reason.
        message: String,
        /// The page's path on this site.
        path: String,
    },
    /// Not found.
    #[error("Page not found.")]
    NotFound,
    /// Rate limited.
    #[error("{message}")]
    TooSoon {
        /// What happened and when to retry.
        message: String,
        /// Seconds until a retry makes sense.
        wait: i64,
    },
    /// A temporary failure on the server's side.
    #[error("{message}")]
    Unavailable {
        /// What happened and what to do.
        message: String,
        /// Seconds until a retry makes sense.
        wait: i64,
    },
}

impl Refusal {
    /// Refuses one field.
    #[must_use]
    pub fn field(name: &str, message: impl ToString) -> Self {
        Self::Invalid {
            message: String::new(),
            fields: BTreeMap::from([(name.to_owned(), message.to_string())]),
        }
    }

    /// Refuses the form as a whole.
    #[must_use]
    pub fn form(message: impl ToString) -> Self {
        Self::Invalid {
            message: message.to_string(),
            fields: BTreeMap::new(),
        }
    }

    /// Returns the refusal for a temporary failure on the server's side.
    #[must_use]
    pub fn unavailable() -> Self {
        Self::Unavailable {
            message: "Something isn't working on our side right now. Please try again in a moment."
                .to_owned(),
            wait: 5,
        }
    }

    /// Returns the HTTP status.
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

    /// Returns the seconds until a retry makes sense, if known.
    #[must_use]
    pub fn wait(&self) -> Option<i64> {
        match self {
            Self::TooSoon { wait, .. } | Self::Unavailable { wait, .. } => Some(*wait),
            _ => None,
        }
    }

    /// Returns the messages by field.
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
                Self::form("We couldn't read that form. Please try again.")
            }
            _ => Self::unavailable(),
        }
    }
}

/// Collects the field errors of a form, so that all are reported together.
#[derive(Debug, Default)]
pub struct Faults(FieldErrors);

impl Faults {
    /// Returns the value of a field that parsed; records the message otherwise.
    pub fn check<T, E: ToString>(&mut self, name: &str, parsed: Result<T, E>) -> Option<T> {
        parsed
            .map_err(|error| self.0.insert(name.to_owned(), error.to_string()))
            .ok()
    }

    /// Returns whether there are no errors.
    #[must_use]
    pub fn none(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the refusal with all errors.
    #[must_use]
    pub fn refusal(self) -> Refusal {
        Refusal::Invalid {
            message: String::new(),
            fields: self.0,
        }
    }
}
