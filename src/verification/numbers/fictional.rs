//! Numbers reserved for fiction, which the simulator accepts.

use crate::verification::channel::Channel;

/// Ranges that regulators reserve for fiction: prefix, number of digits after it, and how such a
/// number would be reached. Published by Ofcom (UK), Arcep (France) and ACMA (Australia).
pub(crate) const FICTIONAL_RANGES: [(&str, usize, Channel); 10] = [
    ("447700900", 3, Channel::Sms),
    ("441632960", 3, Channel::Voice),
    ("442079460", 3, Channel::Voice),
    ("3319900", 4, Channel::Voice),
    ("3326191", 4, Channel::Voice),
    ("3335301", 4, Channel::Voice),
    ("3346571", 4, Channel::Voice),
    ("3353649", 4, Channel::Voice),
    ("3363998", 4, Channel::Sms),
    ("61491570", 3, Channel::Sms),
];

/// Returns how a fictional number would be reached if it were real, or `None` for any other number.
/// Expects digits without `+`.
pub(crate) fn fictional(digits: &str) -> Option<Channel> {
    if let Some(national) = digits.strip_prefix('1') {
        return fictional_in_north_america(national).then_some(Channel::Sms);
    }
    let kept = |(prefix, free, _): &&(&str, usize, Channel)| {
        digits
            .strip_prefix(*prefix)
            .is_some_and(|rest| rest.len() == *free)
    };
    FICTIONAL_RANGES
        .iter()
        .find(kept)
        .map(|(_, _, channel)| *channel)
}

/// Whether this is a number from 555-0100 to 555-0199 in an ordinary area code, which the
/// administrator of the North American Numbering Plan reserves for fiction.
pub(crate) fn fictional_in_north_america(national: &str) -> bool {
    let (Some(area), Some(local)) = (national.get(..3), national.get(3..)) else {
        return false;
    };
    let ordinary = area.starts_with(|c: char| ('2'..='9').contains(&c))
        && !area.ends_with("11")
        && !SPECIAL_AREAS.contains(&area);
    ordinary && local.len() == 7 && local.starts_with("55501")
}

/// North American area codes that are toll-free or premium rate: never fictional, even at 555-01xx.
pub(super) const SPECIAL_AREAS: [&str; 8] =
    ["800", "833", "844", "855", "866", "877", "888", "900"];
