//! The cookie that keeps what a person picked until they may vote.
//!
//! Only the poll's own pages receive it. It is encrypted for the poll and the browser's visit, has
//! the same size whatever was picked, and ends with the browser's session or after half an hour.

use axum::http::HeaderMap;
use data_encoding::BASE64URL_NOPAD;

use crate::platform::clock::Seconds;
use crate::platform::crypto::Keys;
use crate::polls::model::poll::path;
use crate::polls::model::selection::Selection;
use crate::web::http::cookie;
use crate::web::http::visit::Visit;

/// How long a pick is kept: half an hour.
const LIFE: Seconds = 1_800;
/// Room for the positions or points of all choices that a poll can have.
const ROOM: usize = 64;
/// Added to points, since 0 ends the list.
const RATED: i64 = 1;
const COOKIE: &str = "pick";

/// Returns the `Set-Cookie` value with a pick: its time, and the positions or the points of all
/// choices, padded with zeros.
#[must_use]
pub(crate) fn set(
    keys: &Keys,
    visit: &Visit,
    poll: &str,
    picked: &Selection,
    now: Seconds,
    https: bool,
) -> Option<String> {
    let rated: Vec<i64> = picked.points().map(|(_, points)| points + RATED).collect();
    let positions = if rated.is_empty() {
        picked.positions()
    } else {
        &rated
    };
    let positions = positions.iter().copied().map(u8::try_from);
    let mut bytes = now.to_be_bytes().to_vec();
    bytes.extend(positions.collect::<Result<Vec<u8>, _>>().ok()?);
    if bytes.len() > size_of::<Seconds>() + ROOM {
        return None;
    }
    bytes.resize(size_of::<Seconds>() + ROOM, 0);
    let sealed = BASE64URL_NOPAD.encode(&keys.seal_pick(poll, visit.id(), &bytes));
    let name = cookie::page_name(COOKIE, https);
    Some(cookie::set(&name, &sealed, &path(poll), None, https))
}

/// Reads the picked positions, best first in a ranking; of a rating, what [`points`] takes.
#[must_use]
pub(crate) fn read(
    headers: &HeaderMap,
    keys: &Keys,
    visit: &Visit,
    poll: &str,
    now: Seconds,
    https: bool,
) -> Option<Vec<i64>> {
    let sealed = cookie::get(headers, &cookie::page_name(COOKIE, https))?;
    let sealed = BASE64URL_NOPAD.decode(sealed.as_bytes()).ok()?;
    let bytes = keys.open_pick(poll, visit.id(), &sealed)?;
    let (at, positions) = bytes.split_first_chunk()?;
    let positions = positions.iter().take_while(|position| **position > 0);
    (0..=LIFE)
        .contains(&(now - Seconds::from_be_bytes(*at)))
        .then(|| positions.copied().map(i64::from).collect())
}

/// Returns the points of a rating, in the order of the choices.
pub(crate) fn points(read: &[i64]) -> impl Iterator<Item = i64> {
    read.iter().map(|points| points - RATED)
}

/// Returns the `Set-Cookie` value that clears the pick, if the request carries one.
#[must_use]
pub(crate) fn clear(headers: &HeaderMap, poll: &str, https: bool) -> Option<String> {
    let name = cookie::page_name(COOKIE, https);
    cookie::get(headers, &name).filter(|value| !value.is_empty())?;
    Some(cookie::set(&name, "", &path(poll), Some(0), https))
}
