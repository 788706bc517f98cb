//! The public id of a poll.

use crate::platform::base32::{name_of, random_name};
use crate::platform::crypto::Mac32;

/// Generates a random id.
#[must_use]
pub fn new_id() -> String {
    random_name(ID_LENGTH)
}

/// Derives an id from the first bytes of a MAC.
#[must_use]
pub fn id_of(mac: &Mac32) -> String {
    name_of(&std::array::from_fn(|index| mac[index]), ID_LENGTH)
}

/// Whether this is a well-formed id. Ids come from URLs and may contain anything.
#[must_use]
pub fn is_id(id: &str) -> bool {
    id.len() <= 32 && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Length of a poll id: 50 bits in letters that aren't confused when read aloud.
pub(crate) const ID_LENGTH: usize = 10;
