//! Badges of a poll: its state, and what a list says about it.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::polls::model::kind::Kind;
use crate::polls::model::poll::State;
use crate::web::number::of;
use crate::web::time::{Time, brief, closes_in, seconds_until};

/// Renders the badge of a poll's state.
#[component]
pub fn Badge(
    /// The poll's state.
    state: State,
    /// When voting begins.
    opens_at: i64,
    /// When voting ends.
    closes_at: Option<i64>,
    /// The time zone in which these times were entered.
    #[prop(optional, into)]
    zone: String,
) -> impl IntoView {
    let (class, words) = match state {
        State::Draft => ("badge waiting", "Draft".into_any()),
        State::NotOpenYet => (
            "badge waiting",
            view! { "Opens " <Time at=opens_at zone/> }.into_any(),
        ),
        State::Closed => ("badge closed", "Closed".into_any()),
        State::Open => match closes_at {
            Some(closes_at) => (
                "badge open",
                view! { "Open until " <Time at=closes_at zone/> }.into_any(),
            ),
            None => ("badge open", "Open".into_any()),
        },
    };
    view! { <span class=class><span>{words}</span></span> }
}

/// What a list says about a poll.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PollFacts {
    /// The current state.
    pub state: State,
    /// When voting begins, in Unix seconds.
    pub opens_at: i64,
    /// When voting ends, in Unix seconds; `None` without a closing time.
    pub closes_at: Option<i64>,
    /// The time zone in which the organiser entered these times.
    pub zone: String,
    /// The voting method.
    pub kind: Kind,
    /// The number of votes, if everyone may see the results now.
    pub votes: Option<i64>,
}

/// Renders the badges of a poll in a list: the time left, the number of votes if it is public, and
/// how to vote.
#[component]
pub fn FactBadges(
    /// What they say.
    facts: PollFacts,
) -> impl IntoView {
    let PollFacts {
        state,
        opens_at,
        closes_at,
        zone,
        kind,
        votes,
    } = facts;
    let left = closes_at
        .filter(|_| state == State::Open)
        .and_then(|at| Some((at, seconds_until(at)?)));
    let votes = votes.map(|votes| match votes {
        0 => "No votes".to_owned(),
        votes => of(votes, "vote"),
    });
    view! {
        {match left {
            Some((at, seconds)) => view! { <span class="badge open" title=brief(at, &zone)><span>{closes_in(seconds)}</span></span> }.into_any(),
            None => view! { <Badge state opens_at closes_at zone/> }.into_any(),
        }}
        {votes.map(|votes| view! { <span class="badge">{votes}</span> })}
        {in_words(kind).map(|kind| view! { <span class="badge">{kind}</span> })}
    }
}

/// How to vote, unless each voter picks one choice.
fn in_words(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Single => None,
        Kind::Motion => Some("A motion"),
        Kind::Multiple { .. } => Some("Several choices"),
        Kind::Ranked | Kind::Pairs | Kind::Seats { .. } => Some("A ranking"),
        Kind::Score | Kind::Star => Some("A rating"),
    }
}
