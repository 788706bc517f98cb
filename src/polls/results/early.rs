//! The results page before the close, in a poll whose results are published then.

use leptos::prelude::*;

use crate::accounts::guard::render_refusal;
use crate::polls::components::badge::Badge;
use crate::polls::components::introduction::set_poll_meta;
use crate::polls::components::texts::corrections::Corrections;
use crate::polls::current_poll::read_poll;
use crate::polls::model::poll_view::PollView;
use crate::polls::results::turnout::TurnoutLine;
use crate::web::components::page::layout::Page;
use crate::web::components::page::page_meta::{Instead, PageMeta};
use crate::web::time::{Time, TimeLeft, seconds_until};

/// Says when the results will be published.
#[component]
pub fn EarlyResults(
    /// The poll's id.
    id: String,
) -> impl IntoView {
    Suspend::new(async move {
        match read_poll(id).await {
            // The poll has closed just now.
            Ok(seen) if seen.results_open() => {
                let results = format!("{}/results", seen.poll.path());
                PageMeta::from_context().instead(Instead::Path(results));
                ().into_any()
            }
            Ok(seen) => view! { <Waiting seen/> }.into_any(),
            Err(refusal) => render_refusal(&refusal),
        }
    })
}

#[component]
fn Waiting(seen: PollView) -> impl IntoView {
    let turnout = view! { <TurnoutLine seen=seen.clone()/> };
    let (may_vote, voted, poll) = (seen.may_vote(), seen.voted, seen.poll);
    set_poll_meta(&poll);
    let back = poll.path();
    let (results, vote) = (format!("{back}/results"), format!("{back}/vote"));
    let left = poll
        .closes_at
        .and_then(|closes_at| Some((closes_at, seconds_until(closes_at)?)));
    view! {
        <Page title=poll.question.clone() class="column early-results">
            <p class="meta"><Badge state=poll.state opens_at=poll.opens_at closes_at=poll.closes_at zone=poll.zone.clone()/></p>
            <Corrections corrections=poll.corrections.clone() zone=poll.zone.clone()/>
            <p class="lead">
                "Results will be published when the poll closes"
                {poll.closes_at.map(|closes_at| view! { ", on " <Time at=closes_at zone=poll.zone.clone()/> })}
                "."
            </p>
            {left.map(|(closes_at, seconds)| view! {
                <p>"That's " <TimeLeft at=closes_at seconds ends="poll"/> "."</p>
            })}
            {poll.closes_at.map(|_| view! { <p><CalendarLink path=back.clone()/></p> })}
            {turnout}
            <p class="actions">
                <a class="button primary" href=results data-after="poll" hidden>"See the results"</a>
                {may_vote.then(|| view! {
                    <a class="button primary" href=vote data-until="poll">{if voted { "Change my vote" } else { "Vote" }}</a>
                })}
                <a class="button" href=back.clone()>"Back to the poll"</a>
            </p>
        </Page>
    }
}

/// A link to the calendar file with a poll's closing time.
#[component]
pub fn CalendarLink(
    /// The path of the poll's page.
    path: String,
) -> impl IntoView {
    // A file isn't a page, so htmx must not boost the link.
    view! { <a href=format!("{path}/closes.ics") download hx-boost="false">"Add to calendar"</a> }
}
