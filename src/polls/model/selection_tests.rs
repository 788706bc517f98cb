//! Unit tests of `selection`.

use super::*;
use SelectionError::DuplicateRank;
use SelectionError::Foreign;
use SelectionError::Nothing;
use SelectionError::TooMany;

fn of(kind: Kind, chosen: &[i64]) -> Result<String, SelectionError> {
    Selection::new(kind, &(1..=5).collect(), chosen.to_vec()).map(|selection| selection.text(kind))
}

#[test]
fn a_ballot_fits_the_kind_of_its_poll() {
    assert_eq!(of(Kind::Single, &[5]).as_deref(), Ok("5"));
    assert_eq!(of(Kind::Single, &[5, 5]).as_deref(), Ok("5"));
    assert_eq!(of(Kind::Single, &[5, 1]), Err(TooMany(1)));
    let two = Kind::Multiple { most: 2 };
    assert_eq!(of(two, &[5, 2]).as_deref(), Ok("2,5"));
    assert_eq!(of(two, &[5, 2, 1]), Err(TooMany(2)));
    assert_eq!(of(Kind::Ranked, &[5, 2, 1]).as_deref(), Ok("5>2>1"));
    assert_eq!(of(Kind::Ranked, &[5, 2, 5]), Err(DuplicateRank));
    for kind in [Kind::Single, two, Kind::Ranked] {
        assert_eq!(of(kind, &[]), Err(Nothing));
        assert_eq!(of(kind, &[0]), Err(Foreign));
        assert_eq!(of(kind, &[6]), Err(Foreign));
    }
}

#[test]
fn what_was_stored_is_read_again() {
    for text in ["3", "1,2,5", "5>2>1"] {
        let kind = if text.contains('>') {
            Kind::Ranked
        } else {
            Kind::Multiple { most: 3 }
        };
        assert_eq!(
            Selection::read(text)
                .map(|selection| selection.text(kind))
                .as_deref(),
            Some(text)
        );
    }
    assert_eq!(Selection::read("a"), None);
    assert_eq!(Selection::read(""), None);
}
