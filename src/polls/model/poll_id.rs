//! The public id of a poll.

use crate::platform::base32::{name_of, random_name};
use crate::platform::crypto::Mac32;

/// A random id.
#[must_use]
pub fn new_id() -> String {
    random_name(ID_LENGTH)
}

/// The id that begins like this.
#[must_use]
pub fn id_of(mac: &Mac32) -> String {
    name_of(&std::array::from_fn(|index| mac[index]), ID_LENGTH)
}

/// Whether this may be an id. It comes out of an address, and may hold anything.
#[must_use]
pub fn is_id(id: &str) -> bool {
    id.len() <= 32 && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// How many letters an id for a poll's address has: 50 bits, in letters that nobody mistakes for each other when reading them aloud.
pub(crate) const ID_LENGTH: usize = 10;
