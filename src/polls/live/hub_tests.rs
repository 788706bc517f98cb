//! Unit tests of `hub`.

use std::sync::Arc;

use crate::polls::live::frame::event;
use crate::polls::model::counting::count::Row;
use crate::polls::model::counting::count::{Count, Steps};
use crate::polls::model::counting::share::Share;
use crate::polls::model::counting::tie_rule::TieRule;
use crate::polls::model::kind::Kind;

#[test]
fn the_text_of_a_choice_cannot_end_its_event() {
    let text = "\u{feff}one\rtwo\r\nevent: over\n\ndata: <b>three".to_owned();
    let rows = vec![Row {
        position: 1,
        text,
        votes: 1,
        percent: Share::of(1, 1),
        leads: true,
    }];
    let count = Count {
        kind: Kind::Single,
        ballots: 1,
        version: 7,
        rows,
        rounds: Vec::new(),
        tie_rule: TieRule::default(),
        steps: Steps::default(),
    };
    let event = String::from_utf8(event(&Arc::new(count), false).to_vec()).unwrap();
    let (head, rest) = event.split_at(event.find("data: ").unwrap());
    assert_eq!(head, "id: 7\nretry: 2000\n");
    let (data, after) = rest.split_once("\n\n").unwrap();
    assert_eq!(after, "");
    assert!(
        !event.contains('\r') && data.lines().all(|line| line.starts_with("data: ")),
        "{event}"
    );
    assert!(data.contains("&lt;b&gt;three"));
}
