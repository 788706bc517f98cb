//! Unit tests of `duplicate_ranks`.

use super::*;

#[test]
fn places_become_an_order_and_gaps_are_closed() {
    assert_eq!(
        ranking_from_places([(1, Some(3)), (2, None), (3, Some(1))]),
        Ok(vec![3, 1])
    );
    assert_eq!(ranking_from_places([(1, None)]), Ok(vec![]));
    assert_eq!(
        ranking_from_places([(1, Some(3)), (2, Some(1)), (3, Some(3))]),
        Err(DuplicateRanks(vec![vec![1, 3]]))
    );
}

#[test]
fn all_that_share_a_place_are_named() {
    let names = BTreeMap::from([
        (1, "Tea"),
        (2, "Coffee"),
        (3, "Milk"),
        (4, "Water"),
        (5, "Juice"),
    ]);
    let fields = DuplicateRanks(vec![vec![1, 3], vec![2, 4, 5]])
        .refusal_naming(&names)
        .fields();
    let plain = |text: &str| text.replace(['\u{2068}', '\u{2069}'], "");
    let all = "Some choices have the same rank. Give each its own: “Tea” and “Milk”; “Coffee”, “Water” and “Juice”.";
    assert_eq!(plain(&fields["choice"]), all);
    assert_eq!(
        fields.keys().map(String::as_str).collect::<Vec<_>>(),
        [
            "choice", "place_1", "place_2", "place_3", "place_4", "place_5"
        ]
    );
    assert!(
        fields["place_2"].contains("Water")
            && fields["place_2"].contains("Juice")
            && !fields["place_2"].contains("Coffee")
    );
    let two = DuplicateRanks(vec![vec![5, 2]])
        .refusal_naming(&names)
        .fields();
    assert!(
        plain(&two["choice"]).starts_with(
            "Two choices have the same rank. Give each its own: “Juice” and “Coffee”."
        )
    );
    assert_eq!(
        DuplicateRanks(vec![vec![1, 9]]).refusal_naming(&names),
        Refusal::field("choice", SelectionError::Foreign)
    );
}
