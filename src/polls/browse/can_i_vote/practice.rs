//! Practice ballots, and the `practise` server function that says what would have been counted.

#![cfg_attr(
    feature = "ssr",
    expect(
        clippy::unused_async,
        reason = "a server function is async, though reading a ballot waits for nothing"
    )
)]

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::server_fn::codec::Json;
use serde::{Deserialize, Serialize};

use crate::polls::model::kind::{BallotKind, Kind};
use crate::polls::model::poll::{Choice, Poll, ResultsRule, State};
use crate::polls::voting::fields::BallotFields;
use crate::web::components::form::{Form, list};
use crate::web::hypermedia::outcome::{Next, Refusal};
use crate::web::location::encode;

#[cfg(feature = "ssr")]
use {
    crate::polls::model::selection::Selection, crate::polls::voting::ratings::form::filled_in,
    crate::polls::voting::vote::VoteError, crate::web::components::sentence::quote,
    crate::web::components::sentence::quote_all,
};

/// The kinds of practice ballots: the name in the address, the label, and how it is counted.
const KINDS: [(&str, &str, Kind); 4] = [
    ("one", "One", Kind::Single),
    ("several", "Several", Kind::Multiple { most: 2 }),
    ("ranked", "Ranked", Kind::Ranked),
    ("rated", "Rated", Kind::Score),
];
const QUESTION: &str = "What shall we take on our walk?";
const CHOICES: [&str; 4] = ["A ball", "A blanket", "Biscuits", "Water"];

/// A poll per kind that exists on this page only.
static POLLS: LazyLock<[Arc<Poll>; 4]> =
    LazyLock::new(|| KINDS.map(|(name, _, kind)| Arc::new(practice_poll(name, kind))));

fn practice_poll(name: &str, kind: Kind) -> Poll {
    let choices = CHOICES.iter().zip(1..).map(|(text, position)| Choice {
        position,
        text: (*text).to_owned(),
    });
    Poll {
        id: name.to_owned(),
        question: QUESTION.to_owned(),
        description: String::new(),
        kind,
        results: ResultsRule::AfterClose,
        choices: choices.collect(),
        opens_at: 0,
        closes_at: None,
        zone: "UTC".to_owned(),
        state: State::Open,
        listed: false,
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

/// Returns the practice poll with this name; the first one if there is none.
fn named(name: &str) -> &'static Arc<Poll> {
    let [first, ..] = &*POLLS;
    POLLS.iter().find(|poll| poll.id == name).unwrap_or(first)
}

/// Returns the name of the practice poll whose ballot is filled in like those of this kind.
pub(super) fn like(kind: Kind) -> &'static str {
    match kind.ballot() {
        BallotKind::Marks { most: 1 } => "one",
        BallotKind::Marks { .. } => "several",
        BallotKind::Ranking => "ranked",
        BallotKind::Rating => "rated",
    }
}

/// A practice ballot as filled in.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PracticeForm {
    kind: String,
    #[serde(deserialize_with = "list")]
    choice: Vec<String>,
    /// The rank or points of each choice, as in the ballot form.
    #[serde(flatten)]
    places: BTreeMap<String, String>,
}

/// Says what a ballot would have counted for. Stores nothing.
///
/// # Errors
/// If a vote with this ballot would be refused.
#[server(endpoint = "practise", input = Json, output = Json)]
pub async fn practise(form: PracticeForm) -> Result<Next, Refusal> {
    let poll = named(&form.kind);
    let texts: BTreeMap<i64, &str> = poll
        .choices
        .iter()
        .map(|choice| (choice.position, choice.text.as_str()))
        .collect();
    let filled_in = filled_in(&form.choice, &form.places)
        .map_err(|same_place| same_place.refusal_naming(&texts))?;
    let choices = texts.keys().copied().collect();
    let ballot = Selection::new(poll.kind, &choices, filled_in).map_err(VoteError::from)?;
    let text = |position: &i64| texts.get(position).copied().unwrap_or_default();
    let counted = match poll.kind.ballot() {
        BallotKind::Marks { .. } => {
            let chosen: Vec<&str> = ballot.positions().iter().map(text).collect();
            quote_all(&chosen)
        }
        BallotKind::Ranking => {
            let ranked = ballot.positions().iter().zip(1..);
            let ranked = ranked.map(|(choice, place)| format!("{place}. {}", quote(text(choice))));
            ranked.collect::<Vec<_>>().join(", ")
        }
        BallotKind::Rating => {
            let rated = ballot.points();
            let rated = rated.map(|(choice, points)| format!("{} {points}", quote(text(&choice))));
            rated.collect::<Vec<_>>().join(", ")
        }
    };
    Ok(Next::here(format!(
        "Your practice ballot: {counted}. Nothing was stored."
    )))
}

/// A practice ballot, and links to those of the other kinds.
#[component]
pub fn PracticeBallot(
    /// The name of its kind.
    kind: String,
    /// The poll that the page is about, which the links keep.
    poll: Option<String>,
) -> impl IntoView {
    let shown = named(&kind);
    let query = poll.map_or_else(String::new, |poll| format!("&poll={}", encode(&poll)));
    let tabs = KINDS.map(|(name, label, _)| {
        let href = format!("/can-i-vote?ballot={name}{query}#practice");
        view! { <a href=href aria-current=(name == shown.id).then_some("page")>{label}</a> }
    });
    view! {
        <p>"A poll has one of these ballots. Fill in each as often as you like."</p>
        <nav class="tabs" aria-label="Kind of ballot">{tabs.into_iter().collect_view()}</nav>
        <h3>{QUESTION}</h3>
        <Form action=Practise::PATH class="ballot-form">
            <input type="hidden" name="kind" value=shown.id.clone()/>
            <BallotFields poll=Arc::clone(shown)/>
            <button>"Try this ballot"</button>
        </Form>
    }
}
