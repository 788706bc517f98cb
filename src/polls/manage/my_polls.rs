//! The polls that somebody has made, drafts among them.

use leptos::either::Either;
use leptos::prelude::*;
use leptos::server_fn::codec::{GetUrl, Json};
use serde::{Deserialize, Serialize};

use crate::accounts::guard::{Guard, turn_away};
use crate::accounts::viewer::Level;
use crate::polls::components::badge::Badge;
use crate::polls::model::poll::{State, path};
use crate::web::components::layout::Page;
use crate::web::hypermedia::outcome::Refusal;
use crate::web::location::Location;

#[cfg(feature = "ssr")]
use {
    crate::accounts::guard::require, crate::polls::manage::commands::Organiser,
    crate::web::pagination::cut,
};

/// How many polls a page lists.
#[cfg(feature = "ssr")]
const PAGE: usize = 20;

/// A page of one's own polls.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct OwnPolls {
    /// The polls, newest first.
    pub polls: Vec<OwnPoll>,
    /// What `page` must be to go on; none on the last page.
    pub next_page: Option<String>,
}

/// A poll of one's own.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OwnPoll {
    /// The id in its address.
    pub id: String,
    /// What is asked.
    pub question: String,
    /// Where it stands.
    pub state: State,
    /// When voting begins, in seconds since 1970.
    pub opens_at: i64,
    /// When voting ends.
    pub closes_at: Option<i64>,
    /// The time zone in which these times were chosen.
    pub zone: String,
    /// Whether it is in the lists.
    pub listed: bool,
    /// Why an administrator took it down.
    pub hidden: Option<String>,
}

/// Lists the polls that the caller has made.
///
/// # Errors
/// To strangers and the unverified; when the database fails.
#[server(endpoint = "own_polls", input = GetUrl, output = Json)]
pub async fn read_own_polls(page: Option<String>) -> Result<OwnPolls, Refusal> {
    let organiser = Organiser::of(require(Level::Verified)?.id);
    let now = organiser.now();
    let mut rows = organiser
        .mine(page.and_then(|page| page.parse().ok()), PAGE as u64 + 1)
        .await?;
    let next_page = cut(&mut rows, PAGE, |row| row.id);
    let polls = rows.into_iter().map(|row| OwnPoll {
        state: State::of(row.draft, row.opens_at, row.closes_at, now),
        id: row.public_id,
        question: row.question,
        opens_at: row.opens_at,
        closes_at: row.closes_at,
        zone: row.time_zone,
        listed: row.listed,
        hidden: row.hidden_reason,
    });
    Ok(OwnPolls {
        polls: polls.collect(),
        next_page,
    })
}

/// The page of one's own polls.
#[component]
pub fn OwnPollsPage() -> impl IntoView {
    view! { <Guard level=Level::Verified><Listed/></Guard> }
}

#[component]
fn Listed() -> impl IntoView {
    let page = Location::from_context().query("page").map(str::to_owned);
    Suspend::new(async move {
        match read_own_polls(page).await {
            Ok(list) => view! { <List list/> }.into_any(),
            Err(refusal) => turn_away(&refusal),
        }
    })
}

#[component]
fn List(list: OwnPolls) -> impl IntoView {
    let more = list
        .next_page
        .map(|page| format!("/account/polls?page={page}"));
    view! {
        <Page title="Your polls" class="wide">
            <p class="actions"><a class="button primary" href="/polls/new">"Create a poll"</a></p>
            {if list.polls.is_empty() {
                Either::Left(view! {
                    <div class="empty">
                        <p class="lead">"You have not made a poll yet."</p>
                        <p>"Your polls and drafts will be here, with everything to run them."</p>
                    </div>
                })
            } else {
                Either::Right(view! { <ul class="cards">{list.polls.into_iter().map(|poll| view! { <OwnCard poll/> }).collect_view()}</ul> })
            }}
            {more.map(|more| view! { <nav class="pager" aria-label="Pages"><a class="button" href=more rel="next">"Older polls"</a></nav> })}
        </Page>
    }
}

#[component]
fn OwnCard(poll: OwnPoll) -> impl IntoView {
    let note = match &poll.hidden {
        Some(reason) => Some(format!("Taken down: {reason}")),
        None => (!poll.listed && poll.state != State::Draft).then(|| "By link only".to_owned()),
    };
    view! {
        <li class="card">
            <h2 dir="auto"><a href=path(&poll.id)>{poll.question}</a></h2>
            <p class="meta">
                <Badge state=poll.state opens_at=poll.opens_at closes_at=poll.closes_at zone=poll.zone/>
                {note.map(|note| view! { <span class="hint" dir="auto">{note}</span> })}
            </p>
        </li>
    }
}
