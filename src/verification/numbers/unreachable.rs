//! Number ranges that aren't a person's own phone: satellites, machines, forwarded numbers, VoIP.
//! Codes to them are expensive, or the numbers are cheap to have many of, so they get none unless
//! the operator lists their prefix.

use rlibphonenumber::{PhoneNumber, PhoneNumberType as Kind};

use crate::verification::numbers::phone_error::PhoneError;
use crate::verification::numbers::policy::Policy;

/// Prefixes of ranges that the library considers ordinary numbers.
const RANGES: [(&str, PhoneError); 7] = [
    ("870", PhoneError::Satellite),
    ("881", PhoneError::Satellite),
    // Networks of no country: ships, aircraft and machines as well as satellites.
    ("882", PhoneError::Satellite),
    ("883", PhoneError::Satellite),
    ("3197", PhoneError::Machine),
    ("8212", PhoneError::Machine),
    ("4932", PhoneError::Voip),
];

/// Returns why a number gets no codes, whether it exists or not; `None` if numbers of its kind get
/// codes.
pub(crate) fn shut(number: &PhoneNumber, digits: &str, policy: &Policy) -> Option<PhoneError> {
    if policy.names(digits) {
        return None;
    }
    let range = RANGES
        .iter()
        .find(|(first, _)| digits.starts_with(first))
        .map(|(_, error)| *error);
    range.or_else(|| match number.get_type() {
        Kind::PersonalNumber => Some(PhoneError::Personal),
        Kind::VoIP if !policy.voip => Some(PhoneError::Voip),
        _ => None,
    })
}
