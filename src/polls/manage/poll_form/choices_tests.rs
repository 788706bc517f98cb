//! Unit tests of `choices`.

use super::*;

fn after(change: &str, choices: &[&str]) -> (String, String) {
    let next = changed(
        change,
        choices.iter().map(|&choice| choice.to_owned()).collect(),
        "",
    )
    .unwrap();
    let stay = next.stay.unwrap();
    (stay.values["choice"].join(","), stay.focus)
}

fn expected(choices: &str, focus: &str) -> (String, String) {
    (choices.to_owned(), focus.to_owned())
}

#[test]
fn each_button_changes_the_list_and_the_focus_goes_along() {
    let abc = &["a", "b", "c"];
    assert_eq!(after("add", abc), expected("a,b,c,", "choice-4"));
    assert_eq!(after("remove 2", abc), expected("a,c", "remove-2"));
    assert_eq!(after("remove 3", abc), expected("a,b", "remove-2"));
    assert_eq!(after("remove 1", &["a", "b"]), expected("b,", "remove-1"));
    assert_eq!(after("up 3", abc), expected("a,c,b", "up-2"));
    assert_eq!(after("up 2", abc), expected("b,a,c", "down-1"));
    assert_eq!(after("down 1", abc), expected("b,a,c", "down-2"));
    assert_eq!(after("down 2", abc), expected("a,c,b", "up-3"));
}

#[test]
fn the_enter_key_goes_on_to_the_next_choice_and_sends_nothing() {
    assert_eq!(
        after("next", &["a", " ", "c"]),
        expected("a, ,c", "choice-2")
    );
    assert_eq!(after("next", &["a", "b"]), expected("a,b,", "choice-3"));
}

#[test]
fn a_button_that_fits_no_choice_loses_nothing() {
    for change in [
        "up 1",
        "down 2",
        "remove 3",
        "remove 0",
        "up",
        "down x",
        "explode 1",
        "up -1",
        "remove 99999999999999999999",
    ] {
        assert_eq!(
            after(change, &["a", "b"]),
            expected("a,b", "choice-1"),
            "{change}"
        );
    }
    assert_eq!(after("add", &[]), expected(",,", "choice-3"));
    assert!(changed("", vec![], "").is_none());
}

#[test]
fn there_are_never_more_choices_than_a_poll_takes() {
    let full = vec!["a"; MAX_CHOICES];
    assert_eq!(after("add", &full).1, format!("choice-{MAX_CHOICES}"));
    assert_eq!(after("add", &full).0.split(',').count(), MAX_CHOICES);
}

#[test]
fn a_pasted_list_fills_empty_choices_and_what_does_not_fit_stays() {
    let pasted = |choices: &[&str], lines: &str| {
        let choices = choices.iter().map(|&choice| choice.to_owned()).collect();
        let stay = changed("lines", choices, lines).unwrap().stay.unwrap();
        (
            stay.values["choice"].join(","),
            stay.values["lines"].join(","),
            stay.focus,
        )
    };
    let expected = |choices: &str, left: &str, focus: &str| {
        (choices.to_owned(), left.to_owned(), focus.to_owned())
    };
    assert_eq!(
        pasted(&["a", "", ""], "b\r\n\n  c \nd\n"),
        expected("a,b,c,d", "", "choice-4")
    );
    assert_eq!(pasted(&["", ""], ""), expected(",", "", "choice-2"));
    let full = vec!["a"; MAX_CHOICES - 1];
    let (choices, left, focus) = pasted(&full, "b\nc\nd");
    assert_eq!(choices.split(',').count(), MAX_CHOICES);
    assert_eq!((left.as_str(), focus.as_str()), ("c\nd", "lines"));
}
