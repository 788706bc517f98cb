//! The poll page: the question, the choices to vote or to pick from, and a link to the results.

use std::sync::Arc;

use leptos::either::Either;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::accounts::guard::render_refusal;
use crate::accounts::viewer::Viewer;
use crate::polls::components::badge::Badge;
use crate::polls::components::draw_note::DrawNote;
use crate::polls::components::receipt_notice::{ReceiptNotice, read_receipt};
use crate::polls::components::texts::choices::ChoiceList;
use crate::polls::components::texts::corrections::Corrections;
use crate::polls::current_poll::{poll_id_param, read_poll};
use crate::polls::manage::controls::OwnerControls;
use crate::polls::model::kind::Kind;
use crate::polls::model::poll::{Poll, ResultsRule, State};
use crate::polls::model::poll_view::PollView;
use crate::polls::results::early::CalendarLink;
use crate::polls::results::turnout::TurnoutLine;
use crate::polls::sharing::share::{Share, is_just_opened};
use crate::polls::voting::page::{BallotSheet, BlankBallot, CastVote, blank_ballot};
use crate::polls::voting::picks::pick::{Pick, PickPaper};
use crate::web::components::form::{FormState, function_name};
use crate::web::components::page::layout::Page;
use crate::web::components::page::page_meta::PageMeta;
use crate::web::components::prose::Prose;
use crate::web::time::Time;

/// The poll page.
#[component]
pub fn PollPage() -> impl IntoView {
    let id = poll_id_param();
    Suspend::new(async move {
        match read_poll(id.clone()).await {
            Ok(seen) => {
                let receipt = read_receipt(id.clone()).await.ok().flatten();
                let paper = paper(&seen);
                view! { <PollDetails seen receipt paper/> }.into_any()
            }
            Err(refusal) => render_refusal(&refusal),
        }
    })
}

/// What the page has for voting.
enum Paper {
    /// A ballot, for a verified voter.
    Ballot(BlankBallot),
    /// The choices, for a viewer who must sign up or verify a number first.
    Pick,
    /// Neither, and why the form just sent was refused.
    Nothing(Option<String>),
}

/// Returns what this viewer votes on. A ballot that can be sent again is shown as it was sent,
/// whether or not it was counted.
fn paper(seen: &PollView) -> Paper {
    let sent = |path| FormState::of(function_name(path));
    let (cast, picked) = (sent(CastVote::PATH), sent(Pick::PATH));
    let verified = matches!(Viewer::from_context(), Viewer::Verified(_));
    let again = verified && cast.as_ref().is_some_and(|state| state.resubmission);
    let open = seen.may_vote() && !seen.voted;
    if !open && !again {
        let refused = cast.or(picked).map(|state| state.message);
        return Paper::Nothing(refused.filter(|message| !message.is_empty()));
    }
    if !verified || picked.is_some() {
        return Paper::Pick;
    }
    // Refused to those who must choose a new password first: the ballot page leads there.
    blank_ballot(seen.clone()).map_or(Paper::Pick, |mut ballot| {
        ballot.seen.voted = false;
        Paper::Ballot(ballot)
    })
}

#[component]
fn PollDetails(seen: PollView, receipt: Option<String>, paper: Paper) -> impl IntoView {
    let live = is_just_opened(&seen);
    let share = view! { <Share seen=seen.clone() live/> };
    let (share, share_below) = if live {
        (Some(share), None)
    } else {
        (None, Some(share))
    };
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
            {receipt.map(|receipt| view! { <ReceiptNotice poll=poll.clone() receipt/> })}
            <p class="meta">
                <Badge state=poll.state opens_at=poll.opens_at closes_at=poll.closes_at zone=poll.zone.clone()/>
                {how(poll.kind).map(|how| view! { <span class="badge">{how}</span> })}
                {(!poll.listed).then(|| view! { <span class="badge">"Unlisted"</span> })}
                {poll.mobile_only.then(|| view! { <span class="badge">"Mobile numbers only"</span> })}
            </p>
            {hidden.map(|reason| view! {
                <p class="notice bad">"This poll was taken down. Only you can see it. Reason: " <q dir="auto">{reason}</q></p>
            })}
            {share}
            {(!poll.description.is_empty()).then(|| view! { <Prose text=poll.description.clone()/> })}
            <Corrections corrections=poll.corrections.clone() zone=poll.zone.clone()/>
            {match paper {
                Paper::Ballot(BlankBallot { seen, nonce }) => view! { <BallotSheet seen nonce/> }.into_any(),
                Paper::Pick => view! { <PickPaper poll=poll.clone()/> }.into_any(),
                Paper::Nothing(refused) => view! { <Choices poll=poll.clone() refused/> }.into_any(),
            }}
            {known.then(|| view! { <p class="notice good">"You have voted in this poll."</p> })}
            {ineligible_reason.map(|why| view! { <p class="notice">{why}</p> })}
            <p class="actions">
                {(may_vote && voted).then(|| view! { <a class="button primary" href=vote>"Change my vote"</a> })}
                {if results {
                    Either::Left(view! { <a class="button" class:primary=!may_vote href=see>"See the results"</a> })
                } else {
                    Either::Right(view! { <span class="hint"><When poll=poll.clone()/></span> })
                }}
            </p>
            {turnout}
            {voted.then(|| view! { <p><a href=format!("{}/receipt", poll.path())>"Check a receipt"</a></p> })}
            {poll.draw.clone().map(|seed_hash| view! { <DrawNote kind=poll.kind seed_hash/> })}
            {share_below}
            {strip}
        </Page>
    }
}

/// The choices for viewers who can't pick one, and why a form was refused.
#[component]
fn Choices(poll: Arc<Poll>, refused: Option<String>) -> impl IntoView {
    let focus = refused.is_some() && PageMeta::from_context().take_focus();
    view! {
        {refused.map(|message| view! { <p class="notice bad" role="alert" tabindex="-1" autofocus=focus>{message}</p> })}
        {poll.counted_by().map(|counted| view! { <p class="hint">{counted}</p> })}
        <ChoiceList texts=poll.choice_texts()/>
        {(poll.state == State::NotOpenYet).then(|| view! {
            <p><a href=format!("/can-i-vote?poll={}", poll.id)>"Check now whether you can vote"</a></p>
        })}
    }
}

/// The label for a voting method other than single choice.
fn how(kind: Kind) -> Option<String> {
    match kind {
        Kind::Single => None,
        Kind::Motion => Some("Motion".to_owned()),
        Kind::Multiple { most } => Some(format!("Up to {most} choices")),
        Kind::Ranked => Some("Ranked".to_owned()),
        Kind::Pairs => Some("Ranked, each against each".to_owned()),
        Kind::Seats { seats } => Some(format!("Ranked, {seats} winners")),
        Kind::Score => Some("Rated".to_owned()),
        Kind::Star => Some("Rated, with a final".to_owned()),
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
