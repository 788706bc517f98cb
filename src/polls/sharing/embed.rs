//! The embed: a poll in a frame on another site, with its question, its results if they are public,
//! and links to the site. It is always anonymous.

use std::sync::Arc;

use leptos::either::Either;
use leptos::prelude::*;

use crate::polls::components::badge::Badge;
use crate::polls::components::results_table::Results;
use crate::polls::components::texts::choices::ChoiceList;
use crate::polls::components::texts::corrections::Corrections;
use crate::polls::current_poll::read_poll;
use crate::polls::model::poll::{Poll, ResultsRule, State};
use crate::polls::results::access::{ResultsView, read_results};
use crate::web::components::page::layout::{AssetPaths, logo};
use crate::web::components::page::page_meta::PageMeta;
use crate::web::hypermedia::outcome::Refusal;

/// The HTML document of an embed, without the site's header and footer.
#[must_use]
pub fn document(page: AnyView) -> AnyView {
    let assets = use_context::<AssetPaths>().unwrap_or_default();
    view! {
        <!DOCTYPE html>
        <html lang="en" class="embedded">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="robots" content="noindex"/>
                <link rel="icon" href=assets.icon type="image/svg+xml"/>
                <link rel="stylesheet" href=assets.style/>
                <script defer src=assets.script></script>
            </head>
            <body>{page}</body>
        </html>
    }
    .into_any()
}

/// The content of an embed.
#[component]
pub fn Embed(
    /// The poll's id.
    id: String,
) -> impl IntoView {
    Suspend::new(async move {
        match open(id).await {
            Ok((poll, results)) => view! { <Framed poll results/> }.into_any(),
            Err(refusal) => view! { <Missing refusal/> }.into_any(),
        }
    })
}

/// Reads the poll, and its results if they are public.
pub(super) async fn open(id: String) -> Result<(Arc<Poll>, Option<ResultsView>), Refusal> {
    let seen = read_poll(id.clone()).await?;
    let results = if seen.results_open() {
        Some(read_results(id).await?)
    } else {
        None
    };
    Ok((seen.poll, results))
}

#[component]
fn Framed(poll: Arc<Poll>, results: Option<ResultsView>) -> impl IntoView {
    PageMeta::from_context().title(&poll.question);
    let (link, vote) = (poll.path(), format!("{}/vote", poll.path()));
    let state = poll.state;
    let to_vote = state == State::Open;
    view! {
        <main class="embed">
            <h1 dir="auto">{poll.question.clone()}</h1>
            <p class="meta"><Badge state opens_at=poll.opens_at closes_at=poll.closes_at zone=poll.zone.clone()/></p>
            <Corrections corrections=poll.corrections.clone() zone=poll.zone.clone()/>
            {match results {
                Some(ResultsView { count, .. }) => Either::Left(view! { <Results count state/> }),
                None => Either::Right(view! {
                    <ChoiceList texts=poll.choice_texts()/>
                    <p class="hint">{when(poll.results)}</p>
                }),
            }}
            <p class="embed-foot">
                {if to_vote {
                    view! { <a class="button primary" href=vote target="_blank" rel="noopener">"Vote on Pollstr" {new_tab()}</a> }
                } else {
                    view! { <a class="button" href=link target="_blank" rel="noopener">"View on Pollstr" {new_tab()}</a> }
                }}
                <a class="brand" href="/" target="_blank" rel="noopener">{logo()} "Pollstr" {new_tab()}</a>
            </p>
        </main>
    }
}

/// Says when the results become public. Readers of an embed count as not having voted.
fn when(rule: ResultsRule) -> &'static str {
    match rule {
        ResultsRule::Always => "",
        ResultsRule::AfterVote => "Vote to see the results.",
        ResultsRule::AfterClose => "Results are published when the poll closes.",
    }
}

/// Tells screen readers that a link opens a new tab.
fn new_tab() -> impl IntoView {
    view! { <span class="visually-hidden">" (in a new tab)"</span> }
}

#[component]
fn Missing(refusal: Refusal) -> impl IntoView {
    PageMeta::from_context().status(refusal.status());
    let words = if refusal == Refusal::NotFound {
        "This poll is no longer available."
    } else {
        "This poll can't be shown right now."
    };
    PageMeta::from_context().title(words);
    view! {
        <main class="embed">
            <h1>{words}</h1>
            <p class="embed-foot">
                <a class="button" href="/" target="_blank" rel="noopener">"See open polls" {new_tab()}</a>
            </p>
        </main>
    }
}
