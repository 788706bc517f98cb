//! The components compile and render without the server. Run with `cargo test --no-default-features
//! --features hydrate --test isomorphic`. `INSTA_UPDATE=always` accepts changed markup.

use std::sync::Arc;

use leptos::prelude::*;
use pollstr::accounts::factors::recovery::offer::RecoveryOffer;
use pollstr::accounts::guard::Guard;
use pollstr::accounts::viewer::{Level, Person, Viewer};
use pollstr::polls::browse::can_i_vote::practice::PracticeBallot;
use pollstr::polls::browse::list::{Card, PollCard};
use pollstr::polls::components::badge::PollFacts;
use pollstr::polls::components::results_table::Results;
use pollstr::polls::components::texts::corrections::Corrections;
use pollstr::polls::model::counting::count::{Count, Row, Seats, Stage, Standing, Steps};
use pollstr::polls::model::counting::rankings::stages::UNITS;
use pollstr::polls::model::counting::share::Share;
use pollstr::polls::model::counting::tie_rule::TieRule;
use pollstr::polls::model::kind::Kind;
use pollstr::polls::model::poll::{Choice, Correction, Poll, ResultsRule, State};
use pollstr::polls::voting::fields::BallotFields;
use pollstr::web::components::page::page_meta::PageMeta;

/// Renders a view outside of any request.
fn html<V: IntoView>(view: impl FnOnce() -> V) -> String {
    let owner = Owner::new();
    let html = owner.with(|| view().into_view().to_html());
    owner.unset_with_forced_cleanup();
    // Without hydration markers, whose number depends on how components are compiled.
    html.replace("<!>", "").replace("><", ">\n<")
}

fn poll() -> Poll {
    let choices = ["A beagle", "A cat"].iter().zip(1..);
    Poll {
        id: "dogs".to_owned(),
        question: "What kind of dog?".to_owned(),
        description: String::new(),
        kind: Kind::Single,
        results: ResultsRule::Always,
        choices: choices
            .map(|(text, position)| Choice {
                position,
                text: (*text).to_owned(),
            })
            .collect(),
        opens_at: 0,
        closes_at: None,
        zone: "UTC".to_owned(),
        state: State::Open,
        listed: true,
        changeable: false,
        shuffled: false,
        rankings: false,
        countries: Vec::new(),
        mobile_only: false,
        per_account: false,
        draw: None,
        turnout: false,
        corrections: Vec::new(),
    }
}

#[test]
fn the_results_render() {
    let row = |position, text: &str, votes| Row {
        position,
        text: text.to_owned(),
        votes,
        percent: Share::of(votes, 4),
        leads: votes > 1,
    };
    let count = Count {
        kind: Kind::Single,
        ballots: 4,
        version: 4,
        rows: vec![row(1, "A beagle", 3), row(2, "A cat", 1)],
        rounds: Vec::new(),
        tie_rule: TieRule::default(),
        steps: Steps::default(),
    };
    let html = html(|| view! { <Results count=Arc::new(count) state=State::Open/> });
    assert!(
        html.contains("A beagle") && html.contains("75\u{a0}%"),
        "{html}"
    );
    insta::assert_snapshot!("results", html);
}

/// Two of three choices reach the quota at once.
fn seats() -> Count {
    let choices = [("A beagle", 3), ("A cat", 2), ("A poodle", 4)];
    let standing = (1..).zip(choices).map(|(choice, (_, votes))| Standing {
        choice,
        votes: votes * UNITS,
        gained: 0,
    });
    let stage = Stage {
        standing: standing.collect(),
        elected: vec![3],
        remaining: vec![1],
        ..Stage::default()
    };
    let rows = (1..).zip(choices).map(|(position, (text, votes))| Row {
        position,
        text: text.to_owned(),
        votes,
        percent: Share::of(votes, 9),
        leads: position != 2,
    });
    Count {
        kind: Kind::Seats { seats: 2 },
        ballots: 9,
        version: 9,
        rows: rows.collect(),
        rounds: Vec::new(),
        tie_rule: TieRule::default(),
        steps: Steps {
            seats: Some(Seats {
                seats: 2,
                quota: 4,
                stages: vec![stage],
            }),
            ..Steps::default()
        },
    }
}

#[test]
fn before_the_close_no_choice_is_elected() {
    let results = |state| html(|| view! { <Results count=Arc::new(seats()) state/> });
    let (live, closed) = (results(State::Open), results(State::Closed));
    insta::assert_snapshot!("seats_live", live);
    insta::assert_snapshot!("seats_closed", closed);
    // The rule and the note on the quota say in general when a choice is elected.
    let hints = live.split("class=\"hint\">").skip(1);
    let general = hints.filter_map(|hint| hint.split_once("</p>"));
    let general: usize = general
        .map(|(hint, _)| hint.matches("elected").count())
        .sum();
    let said = live.to_lowercase().replace("would be elected", "");
    assert_eq!(said.matches("elected").count(), general, "{live}");
}

#[test]
fn the_ballot_renders() {
    let html = html(|| view! { <BallotFields poll=Arc::new(poll())/> });
    assert_eq!(html.matches("type=\"radio\"").count(), 2, "{html}");
    insta::assert_snapshot!("ballot", html);
}

#[test]
fn a_rated_ballot_renders() {
    let poll = Poll {
        kind: Kind::Star,
        ..poll()
    };
    let html = html(|| view! { <BallotFields poll=Arc::new(poll)/> });
    assert_eq!(html.matches("type=\"radio\"").count(), 12, "{html}");
    insta::assert_snapshot!("rated_ballot", html);
}

#[test]
fn a_practice_ballot_renders() {
    let poll = Some("dogs".to_owned());
    let html = html(|| view! { <PracticeBallot kind="several".to_owned() poll/> });
    assert_eq!(html.matches("type=\"checkbox\"").count(), 4, "{html}");
    insta::assert_snapshot!("practice_ballot", html);
}

#[test]
fn the_offer_of_recovery_codes_renders() {
    let html = html(|| view! { <RecoveryOffer/> });
    assert!(html.contains("Not now"), "{html}");
    insta::assert_snapshot!("recovery_offer", html);
}

#[test]
fn a_card_in_the_list_renders() {
    let card = Card {
        id: "dogs".to_owned(),
        question: "What kind of dog?".to_owned(),
        facts: PollFacts {
            state: State::Open,
            opens_at: 0,
            closes_at: None,
            zone: "UTC".to_owned(),
            kind: Kind::Ranked,
            votes: Some(1_234),
        },
        voted: true,
    };
    let html = html(|| view! { <PollCard card/> });
    assert!(
        html.contains("href=\"/polls/dogs\"") && html.contains("1,234 votes"),
        "{html}"
    );
    insta::assert_snapshot!("card", html);
}

#[test]
fn the_corrections_render() {
    let corrections = |texts: &[&str]| {
        let corrections = texts.iter().zip(0..).map(|(text, day)| Correction {
            at: 1_795_521_930 + 86_400 * day,
            text: (*text).to_owned(),
        });
        let corrections = corrections.collect::<Vec<_>>();
        html(|| view! { <Corrections corrections zone="UTC".to_owned()/> })
    };
    assert_eq!(corrections(&[]), "");
    insta::assert_snapshot!("corrections", corrections(&["Cats < dogs.", "חתול"]));
}

#[test]
fn the_guard_renders_its_children_for_the_verified_alone() {
    let page = |viewer: Viewer| {
        html(move || {
            provide_context(viewer);
            provide_context(PageMeta::default());
            view! { <Guard level=Level::Verified><p>"the ballot"</p></Guard> }
        })
    };
    assert!(page(Viewer::Verified(Person::default())).contains("the ballot"));
    assert!(!page(Viewer::LoggedIn(Person::default())).contains("the ballot"));
    assert!(!page(Viewer::Anonymous).contains("the ballot"));
}
