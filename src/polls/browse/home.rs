//! The home page: open or closed polls, newest first.

use leptos::either::Either;
use leptos::prelude::*;
use leptos::server_fn::codec::{GetUrl, Json};
use serde::{Deserialize, Serialize};

use crate::accounts::guard::render_refusal;
use crate::accounts::viewer::Viewer;
use crate::polls::components::badge::Badge;
use crate::polls::model::poll::{State, path};
use crate::web::components::page::layout::Page;
use crate::web::components::page::page_meta::{Instead, PageMeta};
use crate::web::hypermedia::outcome::Refusal;
use crate::web::location::{Location, encode};

#[cfg(feature = "ssr")]
use {
    crate::polls::model::poll_id::is_id, crate::polls::store::cache::PollCache,
    crate::polls::store::search::Which, crate::web::context::Ctx, crate::web::pagination::cut,
};

/// Polls per page.
#[cfg(feature = "ssr")]
const PAGE: usize = 20;
/// Number of pages reached by an offset. Later pages continue after the last poll of the previous
/// page.
const MAX_OFFSET_PAGES: usize = 50;

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
    /// The current state.
    pub state: State,
    /// When voting begins, in Unix seconds.
    pub opens_at: i64,
    /// When voting ends, in Unix seconds; `None` without a closing time.
    pub closes_at: Option<i64>,
    /// The time zone in which the organiser entered these times.
    pub zone: String,
    /// Whether the viewer has voted.
    pub voted: bool,
}

/// Lists open or closed polls that match a search: those after the poll with the id `after`, or one
/// of the first fifty pages.
#[server(endpoint = "polls", input = GetUrl, output = Json)]
pub async fn list_polls(
    q: Option<String>,
    page: Option<String>,
    after: Option<String>,
    show: Option<String>,
) -> Result<PollList, Refusal> {
    let ctx = Ctx::from_context();
    let now = ctx.now();
    let search = q
        .map(|q| q.trim().replace('\0', ""))
        .filter(|q| !q.is_empty());
    let after = after.filter(|after| is_id(after));
    let skip = if after.is_some() {
        0
    } else {
        PAGE * (number(page.as_deref()).min(MAX_OFFSET_PAGES) - 1)
    };
    let which = Which {
        closed: show.as_deref() == Some("closed"),
        search,
        after,
        skip,
        limit: PAGE + 1,
    };
    let cache = expect_context::<PollCache>();
    let mut rows = Vec::clone(&*cache.list(&which).await?);
    let more = cut(&mut rows, PAGE, |row| row.id).is_some();
    let ids: Vec<_> = rows
        .iter()
        .map(|row| (row.id, row.public_id.as_str()))
        .collect();
    let voted = cache
        .voters()
        .voted_in(&ctx.db, &ctx.keys, &Viewer::from_context(), &ids)
        .await?;
    let polls = rows.into_iter().map(|row| Card {
        state: State::at(row.opens_at, row.closes_at, now),
        voted: voted.contains(&row.id),
        id: row.public_id,
        question: row.question,
        opens_at: row.opens_at,
        closes_at: row.closes_at,
        zone: row.zone,
    });
    Ok(PollList {
        polls: polls.collect(),
        more,
    })
}

/// Parses the page number of a URL.
fn number(page: Option<&str>) -> usize {
    page.and_then(|page| page.parse().ok()).unwrap_or(1).max(1)
}

/// The home page.
#[component]
pub fn HomePage() -> impl IntoView {
    let here = Location::from_context();
    let query = |name: &str| {
        here.query(name)
            .map(str::to_owned)
            .filter(|value| !value.trim().is_empty())
    };
    let (q, page, after, show) = (query("q"), query("page"), query("after"), query("show"));
    if q.is_none() && here.query("q").is_some() {
        // An empty search redirects to the plain list.
        let show = show
            .map(|show| ("show", show))
            .into_iter()
            .collect::<Vec<_>>();
        PageMeta::from_context().instead(Instead::Path(with_query("/", &show)));
        return ().into_any();
    }
    Suspend::new(async move {
        match list_polls(q.clone(), page.clone(), after, show.clone()).await {
            Ok(list) => view! { <Polls list page=number(page.as_deref()) q closed=show.as_deref() == Some("closed")/> }.into_any(),
            Err(refusal) => render_refusal(&refusal),
        }
    })
    .into_any()
}

#[component]
fn Polls(list: PollList, page: usize, q: Option<String>, closed: bool) -> impl IntoView {
    let (nothing, words) = (list.polls.is_empty(), q.clone());
    let searched = words.is_some();
    let among = move |closed: bool, place: Vec<(&'static str, String)>| {
        let show = closed.then(|| ("show", "closed".to_owned()));
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
            "Newer polls",
        ),
        _ => (among(closed, vec![]), "Newest polls"),
    });
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
                <a class="button small" href="polls/new">"Create a poll"</a>
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
                {if nothing {
                    Either::Left(view! { <Nothing elsewhere=searched.then(|| among(!closed, vec![])) closed/> })
                } else {
                    let cards = list.polls.into_iter().map(|card| view! { <PollCard card/> });
                    Either::Right(view! { <ul class="cards">{cards.collect_view()}</ul> })
                }}
                {(older.is_some() || newer.is_some()).then(|| view! {
                    <nav class="pager" aria-label="Pages">
                        {newer.map(|(path, words)| view! { <a class="button" href=path rel="prev">{words}</a> })}
                        {older.map(|path| view! { <a class="button" href=path rel="next">"Older polls"</a> })}
                    </nav>
                })}
            </div>
        </Page>
    }
}

#[component]
pub fn PollCard(
    /// The poll.
    card: Card,
) -> impl IntoView {
    view! {
        <li class="card">
            <h2 dir="auto"><a href=path(&card.id)>{card.question}</a></h2>
            <p class="meta">
                <Badge state=card.state opens_at=card.opens_at closes_at=card.closes_at zone=card.zone/>
                {card.voted.then(|| view! { <span class="badge voted">"You voted"</span> })}
            </p>
        </li>
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
fn with_query(path: &str, query: &[(&str, String)]) -> String {
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
