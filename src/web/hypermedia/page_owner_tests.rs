//! Unit tests of `page_owner`.

use super::*;

#[test]
fn a_page_is_told_from_one_for_another_person_or_another_level() {
    let (amy, ben) = (
        PageOwner::person([1; 32], false),
        PageOwner::person([2; 32], true),
    );
    let headers = |tag: &PageOwner| {
        let pairs = [
            ("hx-request", "true"),
            ("hx-boosted", "true"),
            (HEADER, tag.as_str()),
        ];
        pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect::<HeaderMap>()
    };
    assert!(!amy.differs_from_document(&headers(&amy)));
    assert!(PageOwner::person([1; 32], true).differs_from_document(&headers(&amy)));
    assert!(
        ben.differs_from_document(&headers(&amy))
            && PageOwner::default().differs_from_document(&headers(&amy))
            && amy.differs_from_document(&headers(&PageOwner::default()))
    );
    let mut stream = headers(&amy);
    stream.remove("hx-boosted");
    assert!(!ben.differs_from_document(&stream));
    assert!(!ben.differs_from_document(&HeaderMap::new()));
}

#[test]
fn a_form_acts_for_the_person_it_was_made_for_and_a_strangers_for_anybody() {
    let (amy, ben) = (
        PageOwner::person([1; 32], false),
        PageOwner::person([2; 32], true),
    );
    assert!(ben.differs_from_form(amy.as_str()));
    assert!(!amy.differs_from_form(PageOwner::person([1; 32], true).as_str()));
    for (viewer, form) in [
        (&ben, ""),
        (&ben, ANONYMOUS),
        (&PageOwner::default(), amy.as_str()),
    ] {
        assert!(!viewer.differs_from_form(form), "{form}");
    }
}
