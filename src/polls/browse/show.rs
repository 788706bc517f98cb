//! The poll page: question, choices, and links to the ballot and the results.

use std::sync::Arc;

use leptos::either::Either;
use leptos::prelude::*;

use crate::accounts::guard::render_refusal;
use crate::polls::components::badge::Badge;
use crate::polls::components::draw_note::DrawNote;
use crate::polls::components::receipt_notice::{ReceiptNotice, read_receipt};
use crate::polls::current_poll::{poll_id_param, read_poll};
use crate::polls::manage::controls::OwnerControls;
use crate::polls::model::poll::{Kind, Poll, ResultsRule};
use crate::polls::model::poll_view::PollView;
use crate::polls::results::early::CalendarLink;
use crate::polls::results::turnout::TurnoutLine;
use crate::polls::sharing::share::Share;
use crate::web::components::page::layout::Page;
use crate::web::components::prose::Prose;
use crate::web::time::Time;

/// The poll page.
#[component]
pub fn PollPage() -> impl IntoView {
    let id = poll_id_param();
    Suspend::new(async move {
        match read_poll(id.clone()).await {
            Ok(seen) => {
                let receipt = read_receipt(id).await.ok().flatten();
                view! { <PollDetails seen receipt/> }.into_any()
            }
            Err(refusal) => render_refusal(&refusal),
        }
    })
}

#[component]
fn PollDetails(seen: PollView, receipt: Option<String>) -> impl IntoView {
    let share = view! { <Share seen=seen.clone()/> };
    let turnout = view! { <TurnoutLine seen=seen.clone()/> };
    let (results, may_vote, known) = (
        seen.results_open(),
        seen.may_vote(),
        seen.voted && receipt.is_none(),
    );
    let ineligible_reason = seen.ineligible_reason();
    let PollView {
        poll,
        voted,
        owner,
        hidden,
        ..
    } = seen;
    let strip = owner.then(|| view! { <OwnerControls id=poll.id.clone()/> });
    let (vote, see) = (poll.path() + "/vote", poll.path() + "/results");
    view! {
        <Page title=poll.question.clone() class="column poll">
            {receipt.map(|receipt| view! { <ReceiptNotice id=poll.id.clone() receipt changeable=poll.changeable/> })}
            <p class="meta">
                <Badge state=poll.state opens_at=poll.opens_at closes_at=poll.closes_at zone=poll.zone.clone()/>
                {how(poll.kind).map(|how| view! { <span class="badge">{how}</span> })}
                {(!poll.listed).then(|| view! { <span class="badge">"Unlisted"</span> })}
                {poll.mobile_only.then(|| view! { <span class="badge">"Mobile numbers only"</span> })}
            </p>
            {hidden.map(|reason| view! {
                <p class="notice bad">"This poll was taken down. Only you can see it. Reason: " <q dir="auto">{reason}</q></p>
            })}
            {(!poll.description.is_empty()).then(|| view! { <Prose text=poll.description.clone()/> })}
            <ul class="choices" aria-label="Choices">
                {poll.choices.iter().map(|choice| view! { <li dir="auto">{choice.text.clone()}</li> }).collect_view()}
            </ul>
            {known.then(|| view! { <p class="notice good">"You have voted in this poll."</p> })}
            {ineligible_reason.map(|why| view! { <p class="notice">{why}</p> })}
            <p class="actions">
                {may_vote.then(|| view! { <a class="button primary" href=vote>{if voted { "Change my vote" } else { "Vote" }}</a> })}
                {if results {
                    Either::Left(view! { <a class="button" class:primary=!may_vote href=see>"See the results"</a> })
                } else {
                    Either::Right(view! { <span class="hint"><When poll=poll.clone()/></span> })
                }}
            </p>
            {turnout}
            {voted.then(|| view! { <p><a href=format!("{}/receipt", poll.path())>"Check a receipt"</a></p> })}
            {poll.draw.clone().map(|seed_hash| view! { <DrawNote seed_hash/> })}
            {share}
            {strip}
        </Page>
    }
}

/// The label for a voting method other than single choice.
fn how(kind: Kind) -> Option<String> {
    match kind {
        Kind::Single => None,
        Kind::Multiple { most } => Some(format!("Up to {most} choices")),
        Kind::Ranked => Some("Ranked".to_owned()),
    }
}

/// Says when the results will show.
#[component]
fn When(poll: Arc<Poll>) -> impl IntoView {
    match (poll.results, poll.closes_at) {
        (ResultsRule::Always, _) => "".into_any(),
        (ResultsRule::AfterVote, _) => "You'll see the results after you vote.".into_any(),
        (ResultsRule::AfterClose, None) => {
            "Results are published when the poll closes.".into_any()
        }
        (ResultsRule::AfterClose, Some(closes_at)) => view! {
            "Results are published when the poll closes, on " <Time at=closes_at zone=poll.zone.clone()/> ". "
            <CalendarLink path=poll.path()/>
        }
        .into_any(),
    }
}
