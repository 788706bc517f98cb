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
use pollstr::polls::model::counting::count::{Count, Row, Steps};
use pollstr::polls::model::counting::share::Share;
use pollstr::polls::model::counting::tie_rule::TieRule;
use pollstr::polls::model::kind::Kind;
use pollstr::polls::model::poll::{Choice, Poll, ResultsRule, State};
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
