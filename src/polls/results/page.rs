//! The results page.

use leptos::prelude::*;

use crate::accounts::guard::render_refusal;
use crate::polls::components::badge::Badge;
use crate::polls::components::introduction::{set_poll_meta, set_result_meta};
use crate::polls::components::receipt_notice::{ReceiptNotice, read_receipt};
use crate::polls::components::summary::verdict;
use crate::polls::components::texts::corrections::Corrections;
use crate::polls::current_poll::poll_id_param;
use crate::polls::model::kind::Kind;
use crate::polls::model::poll::State;
use crate::polls::results::access::{ResultsView, read_results};
use crate::polls::results::downloads::Downloads;
use crate::polls::results::early::EarlyResults;
use crate::polls::results::live_results::{LiveResults, Refresh};
use crate::web::components::page::layout::Page;
use crate::web::hypermedia::outcome::Refusal;
use crate::web::location::Location;

/// The results page.
#[component]
pub fn ResultsPage() -> impl IntoView {
    let id = poll_id_param();
    let again = id.clone();
    Suspend::new(async move {
        match read_results(id).await {
            Ok(ResultsView {
                poll,
                count,
                fingerprint,
                voted,
            }) => {
                let receipt = read_receipt(poll.id.clone()).await.ok().flatten();
                let back = poll.path();
                // Live until the poll is sealed: the last votes may be counted a moment after the
                // close.
                let moving = fingerprint.is_none();
                if moving {
                    set_poll_meta(&poll);
                } else {
                    set_result_meta(&poll, verdict(&count, true));
                }
                let in_poll_order = Location::from_context().query("order") == Some("poll");
                let sorted = poll.state == State::Closed && poll.kind != Kind::Motion;
                let order = (sorted && count.ballots > 0).then(|| {
                    if in_poll_order {
                        (format!("{back}/results"), "Show in order of votes")
                    } else {
                        (
                            format!("{back}/results?order=poll"),
                            "Show in the poll's order",
                        )
                    }
                });
                view! {
                    <Page title=poll.question.clone() class="column results-page">
                        {receipt.map(|receipt| view! { <ReceiptNotice poll=poll.clone() receipt/> })}
                        <p class="meta"><Badge state=poll.state opens_at=poll.opens_at closes_at=poll.closes_at zone=poll.zone.clone()/></p>
                        <Corrections corrections=poll.corrections.clone() zone=poll.zone.clone()/>
                        <LiveResults poll=poll.clone() count moving in_poll_order/>
                        {order.map(|(path, label)| view! { <p><a href=path>{label}</a></p> })}
                        {(voted && poll.state == State::Open).then(|| view! {
                            <p class="hint">"Your vote is counted. New votes, including yours, appear here within a few seconds."</p>
                        })}
                        {moving.then(|| view! { <Refresh page=format!("{back}/results")/> })}
                        <Downloads poll=poll.clone() fingerprint/>
                        <p class="actions"><a class="button" href=back>"Back to the poll"</a> <a href="/">"All open polls"</a></p>
                    </Page>
                }
                .into_any()
            }
            Err(Refusal::Forbidden { .. }) if !Location::from_context().program => {
                view! { <EarlyResults id=again/> }.into_any()
            }
            Err(refusal) => render_refusal(&refusal),
        }
    })
}
