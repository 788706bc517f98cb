//! The cookie that keeps a poll that was written before sign-up.
//!
//! Only the pages for new polls receive it. It is encrypted for the browser's visit, and ends with
//! the browser's session or after half an hour.

use axum::http::HeaderMap;
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Map, Value};

use crate::platform::clock::Seconds;
use crate::platform::crypto::Keys;
use crate::polls::manage::poll_form::fields::PollForm;
use crate::polls::model::poll::NEW_POLL;
use crate::web::http::cookie;
use crate::web::http::visit::Visit;

/// How long a poll is kept: half an hour.
const LIFE: Seconds = 1_800;
/// The longest value that browsers keep: 4096 bytes with name and attributes.
const LONGEST: usize = 3_900;
const COOKIE: &str = "draft";

/// Returns the `Set-Cookie` value with a poll; `None` if it is too long for a cookie.
#[must_use]
pub(crate) fn set(
    keys: &Keys,
    visit: &Visit,
    form: &PollForm,
    now: Seconds,
    https: bool,
) -> Option<String> {
    let mut fields = serde_json::to_value(form).ok()?;
    if let Some(fields) = fields.as_object_mut() {
        *fields = filled_in(std::mem::take(fields));
    }
    let mut bytes = now.to_be_bytes().to_vec();
    bytes.extend(serde_json::to_vec(&fields).ok()?);
    let sealed = BASE64URL_NOPAD.encode(&keys.seal_kept_form(visit.id(), &bytes));
    let name = cookie::page_name(COOKIE, https);
    (sealed.len() <= LONGEST).then(|| cookie::set(&name, &sealed, NEW_POLL, None, https))
}

/// Leaves out the fields that are empty.
fn filled_in(fields: Map<String, Value>) -> Map<String, Value> {
    let is_empty =
        |value: &Value| value.as_str() == Some("") || value.as_array().is_some_and(Vec::is_empty);
    fields
        .into_iter()
        .filter(|(_, value)| !is_empty(value))
        .collect()
}

/// Reads the kept poll; `None` if there is none of this visit, or it is too old.
#[must_use]
pub(crate) fn read(
    headers: &HeaderMap,
    keys: &Keys,
    visit: &Visit,
    now: Seconds,
    https: bool,
) -> Option<PollForm> {
    let sealed = cookie::get(headers, &cookie::page_name(COOKIE, https))?;
    let sealed = BASE64URL_NOPAD.decode(sealed.as_bytes()).ok()?;
    let bytes = keys.open_kept_form(visit.id(), &sealed)?;
    let (at, form) = bytes.split_first_chunk()?;
    (0..=LIFE)
        .contains(&(now - Seconds::from_be_bytes(*at)))
        .then(|| serde_json::from_slice(form).ok())
        .flatten()
}

/// Returns the `Set-Cookie` value that clears the kept poll, if the request carries one.
#[must_use]
pub(crate) fn clear(headers: &HeaderMap, https: bool) -> Option<String> {
    let name = cookie::page_name(COOKIE, https);
    cookie::get(headers, &name).filter(|value| !value.is_empty())?;
    Some(cookie::set(&name, "", NEW_POLL, Some(0), https))
}
