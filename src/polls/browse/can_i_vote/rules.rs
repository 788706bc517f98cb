//! The poll that the page is about, and what it takes to vote in it.

use std::sync::Arc;

use leptos::prelude::*;

use crate::polls::model::poll::{Poll, State};
use crate::polls::model::poll_view::{LANDLINE_MESSAGE, foreign};
use crate::web::components::sentence::{Sentence, quote};
use crate::web::time::Time;

#[cfg(feature = "ssr")]
use {crate::polls::current_poll::load_poll, crate::web::hypermedia::outcome::Refusal};

/// Returns the poll with this ID; `None` if there is none that the viewer may see.
#[cfg(feature = "ssr")]
pub(super) async fn asked_about(id: &str) -> Result<Option<Arc<Poll>>, Refusal> {
    if id.is_empty() {
        return Ok(None);
    }
    match load_poll(id).await {
        Ok(found) => Ok(Some(found.seen.poll)),
        Err(Refusal::NotFound) => Ok(None),
        Err(refusal) => Err(refusal),
    }
}

/// When a poll is open, and which numbers can vote in it.
#[component]
pub(super) fn PollRules(
    /// The poll.
    poll: Arc<Poll>,
) -> impl IntoView {
    let zone = || poll.zone.clone();
    let begins = poll.state == State::NotOpenYet;
    let ends = poll.closes_at.filter(|_| poll.state != State::Closed);
    let rules = [
        poll.mobile_only.then(|| LANDLINE_MESSAGE.to_owned()),
        (!poll.countries.is_empty()).then(|| foreign(&poll)),
        poll.per_account
            .then(|| "Each account gets one vote here, too.".to_owned()),
    ];
    let rules = rules.into_iter().flatten();
    view! {
        <section class="notice" aria-labelledby="rules-heading">
            <h2 id="rules-heading" class="rules"><Sentence words=format!("To vote in {}", quote(&poll.question))/></h2>
            <ul class="points">
                {begins.then(|| view! { <li>"Voting begins on " <Time at=poll.opens_at zone=zone()/> "."</li> })}
                {ends.map(|at| view! { <li>"Voting ends on " <Time at zone=zone()/> "."</li> })}
                {(poll.state == State::Closed).then(|| view! { <li>"Voting has ended."</li> })}
                {rules.map(|rule| view! { <li>{rule}</li> }).collect_view()}
                <li>"You need an account, and a phone that gets our code."</li>
            </ul>
            <p><a href=poll.path()>"Back to the poll"</a></p>
        </section>
    }
}
