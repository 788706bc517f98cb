//! The results page.

use leptos::prelude::*;

use crate::accounts::guard::render_refusal;
use crate::polls::components::badge::Badge;
use crate::polls::components::introduction::set_poll_meta;
use crate::polls::components::receipt_notice::{ReceiptNotice, read_receipt};
use crate::polls::components::results_table::Results;
use crate::polls::current_poll::poll_id_param;
use crate::polls::model::poll::State;
use crate::polls::results::access::{ResultsView, read_results};
use crate::polls::results::downloads::Downloads;
use crate::web::components::page::layout::Page;
use crate::web::components::page::page_meta::PageMeta;
use crate::web::location::Location;

/// Interval of the optional page refresh, in seconds.
const REFRESH: u32 = 10;

/// The results page.
#[component]
pub fn ResultsPage() -> impl IntoView {
    let id = poll_id_param();
    Suspend::new(async move {
        match read_results(id).await {
            Ok(ResultsView {
                poll,
                count,
                fingerprint,
                voted,
            }) => {
                let receipt = read_receipt(poll.id.clone()).await.ok().flatten();
                set_poll_meta(&poll);
                let back = poll.path();
                // Live until the poll is sealed: the last votes may be counted a moment after the
                // close.
                let moving = fingerprint.is_none();
                let in_poll_order = Location::from_context().query("order") == Some("poll");
                let order = (poll.state == State::Closed && count.ballots > 0).then(|| {
                    if in_poll_order {
                        (format!("{back}/results"), "Show in order of votes")
                    } else {
                        (
                            format!("{back}/results?order=poll"),
                            "Show in the poll's order",
                        )
                    }
                });
                let stream = moving.then(|| format!("{back}/live?after={}", count.version));
                view! {
                    <Page title=poll.question.clone() class="column results-page">
                        {receipt.map(|receipt| view! { <ReceiptNotice poll=poll.clone() receipt/> })}
                        <p class="meta"><Badge state=poll.state opens_at=poll.opens_at closes_at=poll.closes_at zone=poll.zone.clone()/></p>
                        // With scripts, the results update live. If the stream is refused, they
                        // stay as they are.
                        <div
                            class="live"
                            hx-sse:connect=stream
                            hx-sse:close="over"
                            hx-target="this"
                            hx-swap="innerMorph transition:false"
                            hx-indicator="this"
                            hx-status:4xx="swap:none"
                            hx-status:5xx="swap:none"
                        >
                            <Results count state=poll.state in_poll_order/>
                        </div>
                        {order.map(|(path, label)| view! { <p><a href=path>{label}</a></p> })}
                        {(voted && poll.state == State::Open).then(|| view! {
                            <p class="hint">"Your vote is counted. New votes, including yours, appear here within a few seconds."</p>
                        })}
                        {moving.then(|| view! { <Refresh results=format!("{back}/results")/> })}
                        <Downloads poll=poll.clone() fingerprint/>
                        <p class="actions"><a class="button" href=back>"Back to the poll"</a> <a href="/">"All open polls"</a></p>
                    </Page>
                }
                .into_any()
            }
            Err(refusal) => render_refusal(&refusal),
        }
    })
}

/// Explains how the results update: live, or by refreshing the page. Scripts show the note that
/// applies.
#[component]
fn Refresh(results: String) -> impl IntoView {
    let again = format!("{results}?refresh={REFRESH}");
    let on = Location::from_context().query("refresh") == Some(REFRESH.to_string().as_str());
    if on {
        PageMeta::from_context().refresh(REFRESH);
    }
    view! {
        <p class="hint live-note" data-live="on" hidden>"Live: updates automatically."</p>
        <p class="hint live-note" data-live="off">
            <a href=if on { again.clone() } else { results.clone() }>"Refresh"</a>
            {if on {
                view! { <span>"Refreshing every 10 seconds."</span> <a href=results>"Stop"</a> }.into_any()
            } else {
                view! { <a href=again>"Refresh every 10 seconds"</a> }.into_any()
            }}
        </p>
    }
}
