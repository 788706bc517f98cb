//! The hall view: a poll for a projector, with a code to scan and its live results, if the viewer
//! may see them.

use std::sync::Arc;

use leptos::either::Either;
use leptos::prelude::*;

use crate::accounts::guard::render_refusal;
use crate::polls::components::badge::Badge;
use crate::polls::components::introduction::set_poll_meta;
use crate::polls::components::texts::choices::ChoiceList;
use crate::polls::current_poll::{poll_id_param, read_poll};
use crate::polls::model::poll::{Poll, ResultsRule, State};
use crate::polls::model::poll_view::PollView;
use crate::polls::results::access::{ResultsView, admit, read_results};
use crate::polls::results::live_results::{LiveResults, Refresh};
use crate::web::components::page::layout::Page;
use crate::web::components::qr::Qr;
use crate::web::hypermedia::outcome::Refusal;
use crate::web::location::Origin;
use crate::web::time::{machine, seconds_until, wait};

/// A question of more characters is set smaller.
const LONG_QUESTION: usize = 70;
/// A close further away has no countdown, in seconds.
const COUNTDOWN_FROM: i64 = 24 * 3_600;

/// The hall view.
#[component]
pub fn ScreenPage() -> impl IntoView {
    let id = poll_id_param();
    Suspend::new(async move {
        match read_screen(id).await {
            Ok((seen, results)) => view! { <Screen seen results/> }.into_any(),
            Err(refusal) => render_refusal(&refusal),
        }
    })
}

/// Reads the poll, and its results if this viewer may see them.
async fn read_screen(id: String) -> Result<(PollView, Option<ResultsView>), Refusal> {
    let seen = read_poll(id.clone()).await?;
    let results = match admit(&seen) {
        Ok(()) => Some(read_results(id).await?),
        Err(_) => None,
    };
    Ok((seen, results))
}

#[component]
fn Screen(seen: PollView, results: Option<ResultsView>) -> impl IntoView {
    let PollView { poll, hidden, .. } = seen;
    let here = format!("{}/screen", poll.path());
    let public = poll.state != State::Draft && hidden.is_none();
    if public {
        set_poll_meta(&poll);
    }
    let closed = poll.state == State::Closed;
    let moving = results
        .as_ref()
        .is_some_and(|results| results.fingerprint.is_none());
    let live = moving && matches!(poll.state, State::Open | State::Closed);
    // When the stream is over, the page shows what has changed: mostly that the poll has closed.
    // Without a stream, it looks now and then.
    let again = match (closed, live) {
        (true, _) => None,
        (false, true) => Some("over delay:1s"),
        (false, false) => Some("every 10s"),
    };
    let join = public.then(|| view! { <Join poll=poll.clone()/> });
    let refresh = (!closed || live).then(|| view! { <Refresh page=here.clone()/> });
    let content = match results {
        Some(ResultsView { count, .. }) => {
            Either::Left(view! { <LiveResults poll=poll.clone() count moving=live/> })
        }
        None => Either::Right(view! {
            <ChoiceList texts=poll.choice_texts()/>
            <p class="hall-hidden">{when(&poll)}</p>
        }),
    };
    view! {
        <Page title=poll.question.clone() class=class(&poll)>
            <div
                id="hall"
                class="hall-body"
                class:hall-quiet=closed || !live
                hx-get=again.map(|_| here.clone())
                hx-trigger=again
                hx-select="#hall"
                hx-target="this"
                hx-swap="outerHTML transition:false"
                hx-indicator="this"
                hx-status:4xx="swap:none"
                hx-status:5xx="swap:none"
            >
                {hidden.map(|_| view! { <p class="notice bad">"This poll was taken down. Only you can see it."</p> })}
                <Standing poll=poll.clone() here=here.clone() again=live && !closed/>
                <div class="hall-results">{content}</div>
                {join}
                {refresh}
            </div>
            <p class="hall-back"><a href=poll.path()>"Back to the poll"</a></p>
        </Page>
    }
}

/// The poll's state, and the time left.
#[component]
fn Standing(
    poll: Arc<Poll>,
    here: String,
    /// Looks now and then, since the close may be put off.
    again: bool,
) -> impl IntoView {
    let left = poll
        .closes_at
        .filter(|_| poll.state == State::Open)
        .and_then(|at| Some((at, seconds_until(at)?)))
        .filter(|(_, left)| *left <= COUNTDOWN_FROM);
    view! {
        <p
            id="hall-state"
            class="meta hall-state"
            hx-get=again.then_some(here)
            hx-trigger=again.then_some("every 30s")
            hx-select="#hall-state"
            hx-target="this"
            hx-swap="outerHTML transition:false"
            hx-indicator="this"
            hx-status:4xx="swap:none"
            hx-status:5xx="swap:none"
        >
            <Badge state=poll.state opens_at=poll.opens_at closes_at=poll.closes_at zone=poll.zone.clone()/>
            {left.map(|(at, left)| view! {
                <span class="hall-left">
                    "Closes " <time datetime=machine(at) data-short=true data-countdown=left>{format!("in {}", wait(left))}</time>
                </span>
            })}
        </p>
    }
}

/// The poll's address, to scan and to type.
#[component]
fn Join(poll: Arc<Poll>) -> impl IntoView {
    let link = Origin::from_context().of(&poll.path());
    let address = link
        .split_once("://")
        .map_or(link.as_str(), |(_, rest)| rest);
    let site = address.trim_end_matches(poll.id.as_str()).to_owned();
    let what = match poll.state {
        State::Open => "Scan to vote",
        State::Closed => "Scan for the results",
        State::Draft | State::NotOpenYet => "Scan for the poll",
    };
    view! {
        <aside class="hall-join" aria-label="Address of the poll">
            <Qr text=link label="QR code of the link to this poll"/>
            <p class="hall-scan">{what}</p>
            <p class="hall-address" translate="no" dir="ltr">{site}<wbr/>{poll.id.clone()}</p>
        </aside>
    }
}

/// Says when the results show. The readers in a hall have voted or not, so "you" would not do.
fn when(poll: &Poll) -> &'static str {
    if poll.results == ResultsRule::AfterVote {
        "People who vote see the results on their own screens. They show here when the poll closes."
    } else {
        "The results show here when the poll closes."
    }
}

/// The CSS class: a long question is set smaller.
fn class(poll: &Poll) -> &'static str {
    if poll.question.chars().count() > LONG_QUESTION {
        "hall hall-long"
    } else {
        "hall"
    }
}
