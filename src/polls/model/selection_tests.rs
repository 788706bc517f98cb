//! Unit tests of `selection`.

use super::*;
use SelectionError::DuplicateRank;
use SelectionError::Foreign;
use SelectionError::Nothing;
use SelectionError::NothingRated;
use SelectionError::Points;
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

fn rated(rated: &[(i64, i64)]) -> Result<String, SelectionError> {
    let rated = FilledIn::Rated(rated.to_vec());
    let selection = Selection::new(Kind::Score, &(1..=3).collect(), rated);
    selection.map(|selection| selection.text(Kind::Star))
}

#[test]
fn a_rating_has_every_choice_and_0_for_those_left_blank() {
    assert_eq!(rated(&[(3, 2), (1, 5)]).as_deref(), Ok("1:5,2:0,3:2"));
    assert_eq!(rated(&[(2, 0)]).as_deref(), Ok("1:0,2:0,3:0"));
    assert_eq!(rated(&[]), Err(NothingRated));
    assert_eq!(rated(&[(4, 1)]), Err(Foreign));
    for points in [-1, 6] {
        assert_eq!(rated(&[(1, 5), (2, points)]), Err(Points(2)));
    }
}

#[test]
fn a_ballot_of_another_form_is_refused() {
    let choices = (1..=3).collect();
    let new = |kind, filled_in: FilledIn| Selection::new(kind, &choices, filled_in);
    for kind in [Kind::Score, Kind::Star] {
        assert_eq!(new(kind, vec![1].into()), Err(NothingRated));
    }
    for kind in [Kind::Single, Kind::Multiple { most: 3 }, Kind::Ranked] {
        assert_eq!(new(kind, FilledIn::Rated(vec![(1, 5)])), Err(Nothing));
    }
}

#[test]
fn what_was_stored_is_read_again() {
    for text in ["3", "1,2,5", "5>2>1", "1:5,2:0,3:2"] {
        let kind = if text.contains('>') {
            Kind::Ranked
        } else if text.contains(':') {
            Kind::Star
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
    for text in ["1:", ":1", "1:5,2", "1:5>2:1", "1:2:3"] {
        assert_eq!(Selection::read(text), None, "{text}");
    }
}
