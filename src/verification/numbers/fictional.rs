//! Numbers reserved for fiction, which the simulator accepts.

use crate::verification::channel::Channel;

/// Ranges that regulators keep for books and films, so that nobody is rung up: the digits every such number begins with, how many
/// follow, and how it would be reached. Published by Ofcom (UK), Arcep (France) and ACMA (Australia).
pub(crate) const FICTION: [(&str, usize, Channel); 10] = [
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

/// How a number kept for fiction would be reached, if it were real; `None` for every other number. Digits without `+`.
pub(crate) fn fictional(digits: &str) -> Option<Channel> {
    if let Some(national) = digits.strip_prefix('1') {
        return fictional_in_north_america(national).then_some(Channel::Sms);
    }
    let kept = |(prefix, free, _): &&(&str, usize, Channel)| {
        digits
            .strip_prefix(*prefix)
            .is_some_and(|rest| rest.len() == *free)
    };
    FICTION.iter().find(kept).map(|(_, _, channel)| *channel)
}

/// 555 0100 to 555 0199 in every ordinary area code, after the North American numbering plan's administrator.
pub(crate) fn fictional_in_north_america(national: &str) -> bool {
    let (Some(area), Some(local)) = (national.get(..3), national.get(3..)) else {
        return false;
    };
    let ordinary = area.starts_with(|c: char| ('2'..='9').contains(&c))
        && !area.ends_with("11")
        && !SPECIAL_AREAS.contains(&area);
    ordinary && local.len() == 7 && local.starts_with("55501")
}

/// North American area codes whose calls are free or dear: never fiction, even at 555 01xx.
pub(super) const SPECIAL_AREAS: [&str; 8] =
    ["800", "833", "844", "855", "866", "877", "888", "900"];
