//! Unit tests of `check_error`.

use super::*;

#[test]
fn the_tries_left_are_told_in_good_english() {
    assert_eq!(
        CheckError::Wrong { left: 2 }.to_string(),
        "That code is not right. You have 2 tries left."
    );
    assert_eq!(
        CheckError::Wrong { left: 1 }.to_string(),
        "That code is not right. You have 1 try left."
    );
}
