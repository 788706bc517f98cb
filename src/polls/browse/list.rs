//! A list of polls: its tabs, search, order, cards and pages.

use leptos::either::Either;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::accounts::viewer::Viewer;
use crate::polls::components::badge::{FactBadges, PollFacts};
use crate::polls::model::poll::{NEW_POLL, WRITE_FIRST, path};
use crate::web::components::page::layout::Page;
use crate::web::location::encode;

/// Number of pages reached by an offset. Later pages continue after the last poll of the previous
/// page.
pub(super) const MAX_OFFSET_PAGES: usize = 50;

/// A page of the list of polls.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct PollList {
    /// The polls on this page.
    pub polls: Vec<Card>,
    /// Whether there are more polls; request them with `after` and the last id of this page.
    pub more: bool,
}

/// A poll in a list.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Card {
    /// The public id, as used in the URL.
    pub id: String,
    /// The question.
    pub question: String,
    /// Its state, times, voting method and number of votes.
    #[serde(flatten)]
    pub facts: PollFacts,
    /// Whether the viewer has voted.
    pub voted: bool,
}

/// The list with its tabs, search, order and pages.
#[component]
pub(super) fn Polls(
    list: PollList,
    page: usize,
    q: Option<String>,
    closed: bool,
    closing_first: bool,
) -> impl IntoView {
    let (nothing, words) = (list.polls.is_empty(), q.clone());
    let searched = words.is_some();
    let ordered = !closed && !searched && (page > 1 || !nothing);
    let among = move |closed: bool, mut place: Vec<(&'static str, String)>| {
        let show = closed.then(|| ("show", "closed".to_owned()));
        if closing_first && !closed {
            place.insert(0, ("order", "closing".to_owned()));
        }
        with_query(
            "/",
            &q.clone()
                .map(|q| ("q", q))
                .into_iter()
                .chain(show)
                .chain(place)
                .collect::<Vec<_>>(),
        )
    };
    let older = list.polls.last().filter(|_| list.more).map(|last| {
        among(
            closed,
            vec![("page", (page + 1).to_string()), ("after", last.id.clone())],
        )
    });
    let newer = (page > 1).then(|| match page - 1 {
        number @ 2..=MAX_OFFSET_PAGES => (
            among(closed, vec![("page", number.to_string())]),
            if closing_first {
                "Previous page"
            } else {
                "Newer polls"
            },
        ),
        _ => (
            among(closed, vec![]),
            if closing_first {
                "First page"
            } else {
                "Newest polls"
            },
        ),
    });
    let further = if closing_first {
        "Next page"
    } else {
        "Older polls"
    };
    let create = match Viewer::from_context() {
        Viewer::Verified(_) => NEW_POLL,
        Viewer::Anonymous | Viewer::LoggedIn(_) => WRITE_FIRST,
    };
    view! {
        <Page title=if closed { "Closed polls" } else { "Open polls" } class="wide">
            {matches!(Viewer::from_context(), Viewer::Anonymous).then(|| view! {
                <p class="lead">"Fair polls: one vote per phone number, and no names on ballots."</p>
            })}
            <div class="toolbar">
                <nav id="which" class="tabs" aria-label="Which polls">
                    <a href=among(false, vec![]) aria-current=(!closed).then_some("page")>"Open"</a>
                    <a href=among(true, vec![]) aria-current=closed.then_some("page")>"Closed"</a>
                </nav>
                // Relative, so that every link here that starts with `/polls/` is a poll's.
                <a class="button small" href=create.trim_start_matches('/')>"Create a poll"</a>
                <form method="get" role="search" class="search">
                    <label for="q" class="visually-hidden">"Search polls"</label>
                    // The results update while typing; without scripts, on submit.
                    <input
                        id="q"
                        name="q"
                        type="search"
                        value=words
                        placeholder="Search polls"
                        autocomplete="off"
                        hx-get="/"
                        hx-include="closest form"
                        hx-trigger="input changed delay:250ms"
                        hx-target="#found"
                        hx-select="#found"
                        hx-select-oob="#which"
                        hx-replace-url="true"
                    />
                    {closed.then(|| view! { <input type="hidden" name="show" value="closed"/> })}
                    <button>"Search"</button>
                </form>
            </div>
            <div id="found" class="found" aria-live="polite">
                {ordered.then(|| view! { <Order closing_first/> })}
                {if nothing {
                    Either::Left(view! { <Nothing elsewhere=searched.then(|| among(!closed, vec![])) closed/> })
                } else {
                    let cards = list.polls.into_iter().map(|card| view! { <PollCard card/> });
                    Either::Right(view! { <ul class="cards">{cards.collect_view()}</ul> })
                }}
                {(older.is_some() || newer.is_some()).then(|| view! {
                    <nav class="pager" aria-label="Pages">
                        {newer.map(|(path, words)| view! { <a class="button" href=path rel="prev">{words}</a> })}
                        {older.map(|path| view! { <a class="button" href=path rel="next">{further}</a> })}
                    </nav>
                })}
            </div>
        </Page>
    }
}

/// A poll in the list.
#[component]
pub fn PollCard(
    /// The poll.
    card: Card,
) -> impl IntoView {
    view! {
        <li class="card">
            <h2 dir="auto"><a href=path(&card.id)>{card.question}</a></h2>
            <p class="meta">
                <FactBadges facts=card.facts/>
                {card.voted.then(|| view! { <span class="badge voted">"You voted"</span> })}
            </p>
        </li>
    }
}

/// The order of open polls, and a link to the other one.
#[component]
fn Order(closing_first: bool) -> impl IntoView {
    let order = |closing: bool, path: &'static str, words: &'static str| {
        if closing == closing_first {
            view! { <strong aria-current="true">{words}</strong> }.into_any()
        } else {
            view! { <a href=path>{words}</a> }.into_any()
        }
    };
    view! {
        <nav class="order" aria-label="Order">
            {order(false, "/", "Newest")} {order(true, "/?order=closing", "Closing soon")}
        </nav>
    }
}

#[component]
fn Nothing(
    /// Link to the same search in the other list, if there was a search.
    elsewhere: Option<String>,
    /// Whether this is the list of closed polls.
    closed: bool,
) -> impl IntoView {
    let others = if closed {
        "Search open polls"
    } else {
        "Search closed polls"
    };
    view! {
        <div class="empty">
            <p class="lead">"No polls are available."</p>
            {elsewhere.map(|path| view! { <p>"Nothing matches. " <a href=path>{others}</a></p> })}
        </div>
    }
}

/// Appends a query to a path.
pub(super) fn with_query(path: &str, query: &[(&str, String)]) -> String {
    let pairs: Vec<String> = query
        .iter()
        .map(|(name, value)| format!("{name}={}", encode(value)))
        .collect();
    if pairs.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{}", pairs.join("&"))
    }
}
