//! Unit tests of `stages`.

use super::*;
use crate::polls::model::counting::count::{Standing, Steps};
use crate::polls::model::counting::tie_rule::TieRule;
use crate::polls::model::kind::Kind;

#[test]
fn units_are_written_as_votes() {
    for (units, decimals, text) in [
        (0, 5, "0"),
        (100_000, 5, "1"),
        (120_450_000, 5, "1,204.5"),
        (33_333, 5, "0.33333"),
        (199_999, 2, "1.99"),
        (100_999, 2, "1"),
    ] {
        assert_eq!(votes_text(units, decimals), text);
    }
}

#[test]
fn a_stage_says_what_follows_from_it() {
    let count = Count {
        kind: Kind::Seats { seats: 2 },
        ballots: 5,
        version: 5,
        rows: Vec::new(),
        rounds: Vec::new(),
        tie_rule: TieRule::Draw,
        steps: Steps::default(),
    };
    let stage = Stage {
        standing: (1..=3)
            .map(|choice| Standing {
                choice,
                votes: choice * UNITS,
                gained: 0,
            })
            .collect(),
        ..Stage::default()
    };
    let said = |stage: Stage| ending(&count, &stage, true, true);
    assert!(
        said(Stage {
            elected: vec![3],
            surplus: vec![3],
            ..stage.clone()
        })
        .contains("reaches the quota and is elected. The surplus of")
    );
    let out = Stage {
        out: vec![1],
        ..stage.clone()
    };
    assert!(said(out.clone()).ends_with("next choices still in the race."));
    assert!(ending(&count, &out, true, false).ends_with("is out."));
    let live = Stage {
        elected: vec![2, 3],
        remaining: vec![1],
        ..stage.clone()
    };
    let live = ending(&count, &live, false, true);
    assert_eq!(live.matches("would be elected.").count(), 2, "{live}");
    assert!(!live.contains("are elected") && !live.contains("is elected"));
    let last = Stage {
        remaining: vec![2],
        ..stage
    };
    let last = said(last);
    assert!(last.starts_with("As many are left as seats, so"), "{last}");
    assert!(last.ends_with("is elected."), "{last}");
    let drawn = Stage {
        tie: Some(Tie::Drawn),
        ..out
    };
    assert!(said(drawn).contains("drawn by lot"));
}
