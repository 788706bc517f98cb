//! Reads the body of a post once and normalises it.
//!
//! A page's form and a JSON call become the same map of names to strings. Repeated keys become
//! lists; names that begin with `_` are internal and removed. Bodies that are too large, malformed
//! or of another type are refused here.

use std::collections::BTreeMap;

use axum::body::{Body, to_bytes};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use serde_json::{Map, Value};
use thiserror::Error;
use url::form_urlencoded;

use crate::web::components::form::{FUNCTION, TOKEN, WHOSE};
use crate::web::http::body_deadline::is_deadline_exceeded;
use crate::web::http::csrf::{Csrf, FormNonce};

/// Maximum body size, in bytes.
pub const MAX_BODY: usize = 64 * 1024;
/// Maximum number of fields.
const MAX_FIELDS: usize = 100;
/// Fields that are never sent back.
const SECRETS: [&str; 4] = ["password", "new_password", "code", "recovery_code"];

/// A parsed post.
#[derive(Debug)]
pub struct Submission {
    /// The server function named by a page's form.
    pub function: String,
    /// Whether the CSRF token was valid for this browser.
    pub genuine: bool,
    /// The nonce of the form; `None` if the token did not come in a form field.
    pub nonce: Option<FormNonce>,
    /// The account tag that the form carries.
    pub whose: String,
    /// Fields that contained NUL, which no database accepts. It has been removed.
    pub odd: Vec<String>,
    fields: BTreeMap<String, Vec<String>>,
}

/// Why a body was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum BodyError {
    /// Neither a form nor JSON.
    #[error("neither a form nor JSON")]
    Type,
    /// Larger than [`MAX_BODY`].
    #[error("too large")]
    Size,
    /// Incomplete at its deadline.
    #[error("late")]
    DeadlineExceeded,
    /// Malformed, with too many fields, or with a NUL in a field name.
    #[error("malformed")]
    Form,
}

impl BodyError {
    /// The HTTP status.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::DeadlineExceeded => 408,
            Self::Type => 415,
            Self::Size => 413,
            Self::Form => 422,
        }
    }
}

impl Submission {
    /// Reads the body of a post.
    pub async fn read(parts: &Parts, body: Body) -> Result<Self, BodyError> {
        let kind = parts
            .headers
            .get(CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok())
            .unwrap_or_default();
        let kind = kind
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        let json = match kind.as_str() {
            "application/x-www-form-urlencoded" => false,
            "application/json" => true,
            _ => return Err(BodyError::Type),
        };
        let body = to_bytes(body, MAX_BODY).await.map_err(|error| {
            let too_large = std::error::Error::source(&error)
                .is_some_and(<dyn std::error::Error>::is::<http_body_util::LengthLimitError>);
            match () {
                () if too_large => BodyError::Size,
                () if is_deadline_exceeded(&error) => BodyError::DeadlineExceeded,
                () => BodyError::Form,
            }
        })?;
        let pairs = if json {
            from_json(&body)?
        } else {
            form_urlencoded::parse(&body).into_owned().collect()
        };
        Self::gather(pairs, parts)
    }

    fn gather(pairs: Vec<(String, String)>, parts: &Parts) -> Result<Self, BodyError> {
        if pairs.len() > MAX_FIELDS || pairs.iter().any(|(name, _)| name.contains('\0')) {
            return Err(BodyError::Form);
        }
        let (mut fields, mut odd) = (BTreeMap::<String, Vec<String>>::new(), Vec::new());
        for (name, value) in pairs {
            if value.contains('\0') {
                odd.push(name.clone());
            }
            fields
                .entry(name)
                .or_default()
                .push(value.replace('\0', ""));
        }
        let mut take = |name: &str| fields.remove(name).and_then(|mut values| values.pop());
        let function = take(FUNCTION).unwrap_or_default();
        let (token, whose) = (take(TOKEN), take(WHOSE).unwrap_or_default());
        fields.retain(|name, _| !name.starts_with('_'));
        let header = || {
            parts
                .headers
                .get("x-csrf-token")
                .and_then(|token| token.to_str().ok())
                .map(str::to_owned)
        };
        let in_form = token.is_some();
        let token = token.or_else(header).unwrap_or_default();
        let nonce = parts
            .extensions
            .get::<Csrf>()
            .and_then(|csrf| csrf.accepts(&token));
        Ok(Self {
            function,
            genuine: nonce.is_some(),
            nonce: nonce.filter(|_| in_form),
            whose,
            odd,
            fields,
        })
    }

    /// Returns the arguments of the server function as JSON: a single value as a string, several as
    /// a list.
    #[must_use]
    pub fn arguments(&self) -> Value {
        let form = self.fields.iter().map(|(name, values)| {
            let value = match values.as_slice() {
                [one] => Value::from(one.as_str()),
                many => Value::from(many),
            };
            (name.clone(), value)
        });
        Value::from(Map::from_iter([(
            "form".to_owned(),
            Value::Object(form.collect()),
        )]))
    }

    /// Returns what must be typed again when the form is shown again, since secrets are never sent
    /// back.
    #[must_use]
    pub fn secret(&self) -> Option<&'static str> {
        let typed = |name: &str| {
            self.fields
                .get(name)
                .is_some_and(|values| values.iter().any(|value| !value.is_empty()))
        };
        let words = [
            ("password", "password"),
            ("new_password", "password"),
            ("code", "code"),
            ("recovery_code", "code"),
        ];
        words
            .into_iter()
            .find_map(|(name, word)| typed(name).then_some(word))
    }

    /// Returns the submitted values to send back, without secrets.
    #[must_use]
    pub fn values(mut self) -> BTreeMap<String, Vec<String>> {
        self.fields
            .retain(|name, _| !SECRETS.contains(&name.as_str()));
        self.fields
    }
}

/// Parses a flat JSON object. Numbers and booleans become strings, `null` is skipped.
fn from_json(body: &[u8]) -> Result<Vec<(String, String)>, BodyError> {
    let Ok(Value::Object(object)) = serde_json::from_slice(body) else {
        return Err(BodyError::Form);
    };
    let mut pairs = Vec::new();
    for (name, value) in object {
        let values = match value {
            Value::Array(values) => values,
            Value::Null => continue,
            value => vec![value],
        };
        for value in values {
            let text = match value {
                Value::String(text) => text,
                Value::Number(number) => number.to_string(),
                Value::Bool(switch) => switch.to_string(),
                _ => return Err(BodyError::Form),
            };
            pairs.push((name.clone(), text));
        }
    }
    Ok(pairs)
}

#[cfg(test)]
#[path = "submission_tests.rs"]
mod tests;
