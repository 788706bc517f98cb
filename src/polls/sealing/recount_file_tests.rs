//! Unit tests of `recount_file`.

use super::*;

const RECEIPT: &str = "00000000000000000000000000000000000000000000000000000000000000";

fn bundle(kind: &str, rankings: bool, count: &str, receipts: usize, ballots: &str) -> String {
    let receipts: Vec<String> = (0..receipts)
        .map(|number| format!("\n\"{RECEIPT}{number:02x}\""))
        .collect();
    format!(
        r#"{{"format":"pollstr bundle 1","poll":{{"id":"dogs","question":"?","description":"","kind":{kind},"choices":[{{"position":1,"text":"A"}},{{"position":2,"text":"B"}},{{"position":3,"text":"C"}}],"opens_at":1,"closes_at":2,"results":"always","changeable":false,"rankings":{rankings},"countries":[]}},"count":{count},{ballots},"receipts":[{}]}}"#,
        receipts.join(",")
    )
}

fn single(count: &str, receipts: usize, ballots: &str) -> Result<Right, Wrong> {
    check(bundle("\"single\"", false, count, receipts, ballots).as_bytes())
}

const COUNT: &str = r#"{"ballots":6,"votes":[{"choice":1,"votes":3},{"choice":2,"votes":1},{"choice":3,"votes":2}],"rounds":[],"winners":[1]}"#;

#[test]
fn a_right_bundle_is_counted_again() {
    let right = single(
        COUNT,
        6,
        r#""left_out":null,"ballots":["1","1","1","2","3","3"]"#,
    )
    .unwrap();
    assert_eq!(
        (right.poll.as_str(), right.ballots, right.omit_reason),
        ("dogs", 6, None)
    );
    assert_eq!(right.fingerprint.len(), 64);
}

#[test]
fn every_kind_of_mistake_is_found() {
    let listed = |ballots: &str| {
        single(
            COUNT,
            6,
            &format!("\"left_out\":null,\"ballots\":{ballots}"),
        )
    };
    assert!(matches!(
        listed(r#"["1","1","2","2","3","3"]"#),
        Err(Wrong::Results)
    ));
    assert!(matches!(
        listed(r#"["1","1","1","2","3"]"#),
        Err(Wrong::Ballots {
            listed: 5,
            counted: 6
        })
    ));
    assert!(matches!(
        listed(r#"["1","2","1","1","3","3"]"#),
        Err(Wrong::Order("ballots"))
    ));
    assert!(
        matches!(listed(r#"["1","1","1","2","3","4"]"#), Err(Wrong::Foreign(says)) if says == "4")
    );
    assert!(matches!(
        listed(r#"["1","1","1","2","3","3,3"]"#),
        Err(Wrong::Foreign(_))
    ));
    assert!(matches!(listed("null"), Err(Wrong::OmitReason)));
    assert!(matches!(
        single(COUNT, 6, r#""left_out":"few_voters","ballots":null"#),
        Err(Wrong::OmitReason)
    ));
    let six = r#""left_out":null,"ballots":["1","1","1","2","3","3"]"#;
    assert!(matches!(
        single(COUNT, 5, six),
        Err(Wrong::Receipts {
            ballots: 6,
            receipts: 5
        })
    ));
    let text = bundle("\"single\"", false, COUNT, 6, six);
    assert!(matches!(
        check(text.replace("bundle 1", "bundle 9").as_bytes()),
        Err(Wrong::Format(_))
    ));
    assert!(matches!(
        check(text.replace("0005", "0001").as_bytes()),
        Err(Wrong::Order("receipts"))
    ));
    assert!(matches!(
        check(text.replace("0005", "000G").as_bytes()),
        Err(Wrong::Receipt)
    ));
    assert!(matches!(
        check(&text.as_bytes()[..text.len() - 1]),
        Err(Wrong::BodyError(_))
    ));
    assert!(matches!(
        check(format!("{text} x").as_bytes()),
        Err(Wrong::BodyError(_))
    ));
}

#[test]
fn rankings_are_run_off_again_or_left_out() {
    let count = r#"{"ballots":5,"votes":[{"choice":1,"votes":2},{"choice":2,"votes":2},{"choice":3,"votes":1}],"rounds":[
        {"standing":[{"choice":1,"votes":2,"gained":0},{"choice":2,"votes":2,"gained":0},{"choice":3,"votes":1,"gained":0}],"exhausted":0,"out":[3],"tie":null},
        {"standing":[{"choice":1,"votes":2,"gained":0},{"choice":2,"votes":3,"gained":1}],"exhausted":0,"out":[],"tie":null}],"winners":[2]}"#;
    let listed = r#""left_out":null,"ballots":["1","1","2","2","3>2"]"#;
    assert!(check(bundle("\"ranked\"", true, count, 5, listed).as_bytes()).is_ok());
    assert!(matches!(
        check(bundle("\"ranked\"", true, count, 5, &listed.replace("3>2", "3>1")).as_bytes()),
        Err(Wrong::Results)
    ));
    assert!(matches!(
        check(bundle("\"ranked\"", false, count, 5, listed).as_bytes()),
        Err(Wrong::OmitReason)
    ));
    let omit_reason = r#""left_out":"rankings","ballots":null"#;
    assert!(check(bundle("\"ranked\"", false, count, 5, omit_reason).as_bytes()).is_ok());
}

#[test]
fn up_to_three_corrections_are_part_of_a_bundle_and_of_its_hash() {
    let six = r#""left_out":null,"ballots":["1","1","1","2","3","3"]"#;
    let plain = bundle("\"single\"", false, COUNT, 6, six);
    let with = |corrections: &str| {
        let list = format!("\"corrections\":[{corrections}],\"count\":");
        check(plain.replace("\"count\":", &list).as_bytes())
    };
    let one = r#"{"at":1,"text":"A is open"}"#;
    let fingerprints = [
        check(plain.as_bytes()),
        with(one),
        with(&one.replace("open", "shut")),
        with(&one.replace(":1,", ":2,")),
    ]
    .map(|right| right.unwrap().fingerprint);
    let different: std::collections::BTreeSet<_> = fingerprints.iter().collect();
    assert_eq!(different.len(), 4);
    assert!(with(&[one; 3].join(",")).is_ok());
    assert!(matches!(
        with(&[one; 4].join(",")),
        Err(Wrong::Corrections(4))
    ));
    assert!(matches!(with("1"), Err(Wrong::BodyError(_))));
}
