//! The home page: open or closed polls, newest first, and open polls in the order in which they close.

use leptos::prelude::*;
use leptos::server_fn::codec::{GetUrl, Json};

use crate::accounts::guard::render_refusal;
use crate::polls::browse::list::{PollList, Polls, with_query};
use crate::web::components::page::page_meta::{Instead, PageMeta};
use crate::web::hypermedia::outcome::Refusal;
use crate::web::location::Location;

#[cfg(feature = "ssr")]
use {
    crate::accounts::viewer::Viewer,
    crate::polls::browse::list::{Card, MAX_OFFSET_PAGES},
    crate::polls::components::badge::PollFacts,
    crate::polls::model::poll::State,
    crate::polls::model::poll_id::is_id,
    crate::polls::store::cache::PollCache,
    crate::polls::store::search::Which,
    crate::web::context::Ctx,
    crate::web::pagination::cut,
    sea_orm::DbErr,
};

/// Polls per page.
#[cfg(feature = "ssr")]
const PAGE: usize = 20;

/// Lists open or closed polls that match a search: those after the poll with the id `after`, or one
/// of the first fifty pages. With the order `closing`, open polls that close first come first; a
/// search and closed polls are listed newest first all the same.
#[server(endpoint = "polls", input = GetUrl, output = Json)]
pub async fn list_polls(
    q: Option<String>,
    page: Option<String>,
    after: Option<String>,
    show: Option<String>,
    order: Option<String>,
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
    let closed = show.as_deref() == Some("closed");
    let which = Which {
        closed,
        closing_first: is_closing_first(order.as_deref(), closed, search.is_some()),
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
    let polls = rows.into_iter().map(|row| {
        Ok(Card {
            facts: PollFacts {
                state: State::at(row.opens_at, row.closes_at, now),
                kind: row.kind()?,
                votes: row.votes,
                opens_at: row.opens_at,
                closes_at: row.closes_at,
                zone: row.zone,
            },
            voted: voted.contains(&row.id),
            id: row.public_id,
            question: row.question,
        })
    });
    Ok(PollList {
        polls: polls.collect::<Result<_, DbErr>>()?,
        more,
    })
}

/// Parses the page number of a URL.
fn number(page: Option<&str>) -> usize {
    page.and_then(|page| page.parse().ok()).unwrap_or(1).max(1)
}

/// Whether a list is in the order of closing times: if the URL says so, and it is of open polls and
/// no search.
fn is_closing_first(order: Option<&str>, closed: bool, searched: bool) -> bool {
    order == Some("closing") && !closed && !searched
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
    let closed = show.as_deref() == Some("closed");
    let order = query("order");
    let closing_first = is_closing_first(order.as_deref(), closed, q.is_some());
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
        match list_polls(q.clone(), page.clone(), after, show.clone(), order).await {
            Ok(list) => view! { <Polls list page=number(page.as_deref()) q closed closing_first/> }
                .into_any(),
            Err(refusal) => render_refusal(&refusal),
        }
    })
    .into_any()
}
