//! Ranges of numbers that are no person's own phone: satellites, machines, numbers that are led elsewhere or ring on the internet. Codes
//! to them are dear, or cheap to have many of, so they get none unless the operator names their first digits.

use rlibphonenumber::{PhoneNumber, PhoneNumberType as Kind};

use crate::verification::numbers::phone_error::PhoneError;
use crate::verification::numbers::policy::Policy;

/// What the digits of such numbers begin with, where the library takes them for ordinary ones.
const RANGES: [(&str, PhoneError); 7] = [
    ("870", PhoneError::Satellite),
    ("881", PhoneError::Satellite),
    // Networks of no country: of ships, aircraft and things as well as of satellites.
    ("882", PhoneError::Satellite),
    ("883", PhoneError::Satellite),
    ("3197", PhoneError::Machine),
    ("8212", PhoneError::Machine),
    ("4932", PhoneError::Voip),
];

/// Why a number gets no codes here, whether it exists or not; `None` where its sort does.
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
