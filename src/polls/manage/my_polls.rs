//! The "Your polls" page: an account's polls and drafts.

use leptos::either::Either;
use leptos::prelude::*;
use leptos::server_fn::codec::{GetUrl, Json};
use serde::{Deserialize, Serialize};

use crate::accounts::guard::{Guard, render_refusal};
use crate::accounts::viewer::Level;
use crate::polls::components::badge::{FactBadges, PollFacts};
use crate::polls::model::poll::{State, path};
use crate::web::components::page::layout::Page;
use crate::web::hypermedia::outcome::Refusal;
use crate::web::location::Location;

#[cfg(feature = "ssr")]
use {
    crate::accounts::guard::require, crate::polls::manage::commands::Organiser,
    crate::web::pagination::cut, sea_orm::DbErr,
};

/// Polls per page.
#[cfg(feature = "ssr")]
const PAGE: usize = 20;

/// One page of the organiser's polls.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct MyPolls {
    /// The polls, newest first.
    pub polls: Vec<MyPoll>,
    /// The `page` value of the next page; `None` on the last.
    pub next_page: Option<String>,
}

/// A poll in the organiser's list.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MyPoll {
    /// The id.
    pub id: String,
    /// The question.
    pub question: String,
    /// Its state, times, voting method and number of votes.
    #[serde(flatten)]
    pub facts: PollFacts,
    /// Whether it is listed.
    pub listed: bool,
    /// The reason why an admin took it down.
    pub hidden: Option<String>,
}

/// Returns the caller's polls, newest first.
///
/// # Errors
/// When the caller has no verified number.
#[server(endpoint = "own_polls", input = GetUrl, output = Json)]
pub async fn read_my_polls(page: Option<String>) -> Result<MyPolls, Refusal> {
    let organiser = Organiser::of(require(Level::Verified)?.id);
    let now = organiser.now();
    let mut rows = organiser
        .mine(page.and_then(|page| page.parse().ok()), PAGE as u64 + 1)
        .await?;
    let next_page = cut(&mut rows, PAGE, |row| row.id);
    let votes = organiser.public_votes(&rows).await?;
    let polls = rows.into_iter().map(|row| {
        Ok(MyPoll {
            facts: PollFacts {
                state: State::of(row.draft, row.opens_at, row.closes_at, now),
                kind: row.kind()?,
                votes: votes.get(&row.id).copied(),
                opens_at: row.opens_at,
                closes_at: row.closes_at,
                zone: row.time_zone,
            },
            id: row.public_id,
            question: row.question,
            listed: row.listed,
            hidden: row.hidden_reason,
        })
    });
    Ok(MyPolls {
        polls: polls.collect::<Result<_, DbErr>>()?,
        next_page,
    })
}

/// The "Your polls" page.
#[component]
pub fn MyPollsPage() -> impl IntoView {
    view! { <Guard level=Level::Verified><Listed/></Guard> }
}

#[component]
fn Listed() -> impl IntoView {
    let page = Location::from_context().query("page").map(str::to_owned);
    Suspend::new(async move {
        match read_my_polls(page).await {
            Ok(list) => view! { <List list/> }.into_any(),
            Err(refusal) => render_refusal(&refusal),
        }
    })
}

#[component]
fn List(list: MyPolls) -> impl IntoView {
    let more = list
        .next_page
        .map(|page| format!("/account/polls?page={page}"));
    view! {
        <Page title="Your polls" class="wide">
            <p class="actions"><a class="button primary" href="/polls/new">"Create a poll"</a></p>
            {if list.polls.is_empty() {
                Either::Left(view! {
                    <div class="empty">
                        <p class="lead">"No polls yet."</p>
                        <p>"Your polls and drafts will appear here."</p>
                    </div>
                })
            } else {
                Either::Right(view! { <ul class="cards">{list.polls.into_iter().map(|poll| view! { <MyPollCard poll/> }).collect_view()}</ul> })
            }}
            {more.map(|more| view! { <nav class="pager" aria-label="Pages"><a class="button" href=more rel="next">"Older polls"</a></nav> })}
        </Page>
    }
}

#[component]
fn MyPollCard(poll: MyPoll) -> impl IntoView {
    let note = match &poll.hidden {
        Some(reason) => Some(format!("Taken down: {reason}")),
        None => (!poll.listed && poll.facts.state != State::Draft).then(|| "Unlisted".to_owned()),
    };
    view! {
        <li class="card">
            <h2 dir="auto"><a href=path(&poll.id)>{poll.question}</a></h2>
            <p class="meta">
                <FactBadges facts=poll.facts/>
                {note.map(|note| view! { <span class="hint" dir="auto">{note}</span> })}
            </p>
        </li>
    }
}
