//! Unit tests of `provider`.

use super::*;
use NumberRefusal::Blocked;
use NumberRefusal::Country;
use NumberRefusal::Invalid;
use NumberRefusal::NoTexts;
use NumberRefusal::Unreachable;
use NumberRefusal::Unsupported;

#[test]
fn every_refusal_is_a_sentence_without_internals() {
    let numbers = [Unreachable, Blocked, Unsupported, Country, NoTexts, Invalid];
    let faults = [
        Fault::Busy,
        Fault::AccountAdmin,
        Fault::Unreachable,
        Fault::UnexpectedResponse,
    ];
    let sentences = numbers
        .map(|refusal| refusal.to_string())
        .into_iter()
        .chain(faults.map(|fault| fault.to_string()));
    for sentence in sentences {
        assert!(
            sentence.ends_with('.') && sentence.starts_with(char::is_uppercase),
            "{sentence}"
        );
        for internal in [
            "Vonage", "Twilio", "HTTP", "status", "API", "JSON", "timeout",
        ] {
            assert!(!sentence.contains(internal), "{sentence}");
        }
    }
}
