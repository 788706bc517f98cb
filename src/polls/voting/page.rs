//! The ballot page and the `cast_vote` server function.

use std::collections::BTreeMap;

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::server_fn::codec::{GetUrl, Json};
use serde::{Deserialize, Serialize};

use crate::accounts::guard::{Guard, render_refusal};
use crate::accounts::viewer::Level;
use crate::polls::components::texts::corrections::Corrections;
use crate::polls::current_poll::poll_id_param;
use crate::polls::model::poll_view::PollView;
use crate::polls::voting::fields::{BallotFields, VoteBar};
use crate::polls::voting::picks::pick::picked;
use crate::polls::voting::unavailable::BallotUnavailable;
use crate::web::components::field::Field;
use crate::web::components::form::{Form, FormState, NonceField, function_name, list};
use crate::web::components::page::layout::Page;
use crate::web::components::prose::Prose;
use crate::web::hypermedia::outcome::{Next, Refusal};

#[cfg(feature = "ssr")]
use {
    crate::accounts::guard::require,
    crate::accounts::sessions::current::CurrentSession,
    crate::accounts::viewer::Viewer,
    crate::polls::components::receipt_cookie,
    crate::polls::current_poll::load_poll,
    crate::polls::model::nonce::Nonce,
    crate::polls::model::poll::path,
    crate::polls::model::receipt::Receipt,
    crate::polls::model::selection::SelectionError,
    crate::polls::store::cache::PollCache,
    crate::polls::voting::picks::{order, pick},
    crate::polls::voting::ratings::form::filled_in,
    crate::polls::voting::vote::{AcceptedVote, Vote, VoteError},
    crate::polls::voting::writer::VoteWriter,
    crate::web::context::Ctx,
    axum::http::HeaderValue,
    axum::http::header::SET_COOKIE,
    leptos_axum::ResponseOptions,
};

/// The ballot form.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct BallotForm {
    poll: String,
    /// The chosen positions; best first in a ranking that has no `places`.
    #[serde(deserialize_with = "list")]
    choice: Vec<String>,
    /// Set to `yes` to replace an earlier ballot, identified by `receipt`.
    change: String,
    receipt: String,
    /// The sealed nonce of the page, which identifies a ballot that is sent twice.
    nonce: String,
    /// The rank or points of each choice: `place_2` or `rate_2` is that of choice 2. One field per choice, since the
    /// number of form fields is limited.
    #[serde(flatten)]
    places: BTreeMap<String, String>,
}

#[cfg(feature = "ssr")]
impl BallotForm {
    /// The receipt hash of the ballot to be replaced.
    fn replaces(&self) -> Option<Result<[u8; 32], VoteError>> {
        let missing = if self.receipt.trim().is_empty() {
            VoteError::MissingReceipt
        } else {
            VoteError::WrongReceipt
        };
        (!self.change.is_empty()).then(|| {
            Receipt::parse(&self.receipt)
                .map(|receipt| receipt.hash())
                .ok_or(missing)
        })
    }
}

/// Casts a vote. An accepted vote is stored and counted once, whatever is sent concurrently. The
/// same vote sent again is recognised by the page's nonce and gets the same answer.
#[server(endpoint = "cast_vote", input = Json, output = Json)]
pub async fn cast_vote(form: BallotForm) -> Result<Next, Refusal> {
    require(Level::Verified)?;
    let session = CurrentSession::from_context()?
        .key()
        .ok_or(Refusal::LogIn)?;
    let (chosen, same_place) = match filled_in(&form.choice, &form.places) {
        Ok(chosen) => (Ok(chosen), None),
        Err(same_place) => (Err(SelectionError::DuplicateRank), Some(same_place)),
    };
    let replaces = form.replaces();
    let vote = Vote {
        session,
        poll: form.poll.clone(),
        chosen,
        nonce: form.nonce,
        replaces,
    };
    let AcceptedVote { receipt, stands } =
        match (expect_context::<VoteWriter>().cast(vote).await, same_place) {
            (Err(VoteError::Selection(SelectionError::DuplicateRank)), Some(same_place)) => {
                return Err(same_place.refusal(&form.poll).await);
            }
            (outcome, _) => outcome?,
        };
    let https = Ctx::from_context().is_https();
    let stands = stands.then(|| receipt_cookie::set_stands(&receipt, &form.poll, https));
    for cookie in stands
        .into_iter()
        .chain([receipt_cookie::set(&receipt, &form.poll, https)])
    {
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            expect_context::<ResponseOptions>().append_header(SET_COOKIE, cookie);
        }
    }
    pick::forget(&form.poll);
    // If the results aren't visible yet, the poll page shows the receipt.
    let poll = expect_context::<PollCache>().poll(&form.poll).await;
    let open = poll
        .ok()
        .flatten()
        .is_some_and(|stored| stored.public() && stored.poll.results_open(true));
    let here = path(&form.poll);
    Ok(Next::to(if open {
        format!("{here}/results")
    } else {
        here
    }))
}

/// A blank ballot.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BlankBallot {
    /// The poll, as this voter sees it.
    #[serde(flatten)]
    pub seen: PollView,
    /// The nonce to send with the vote, so that it can be sent again safely.
    pub nonce: String,
}

/// Returns a blank ballot with a fresh nonce. If the poll shuffles its choices, their order depends
/// on the voter and is the same each time.
#[server(endpoint = "ballot", input = GetUrl, output = Json)]
pub async fn read_ballot(id: String) -> Result<BlankBallot, Refusal> {
    require(Level::Verified)?;
    blank_ballot(load_poll(&id).await?.seen)
}

/// Returns the blank ballot of a poll that was read already.
#[cfg(feature = "ssr")]
pub(crate) fn blank_ballot(mut seen: PollView) -> Result<BlankBallot, Refusal> {
    require(Level::Verified)?;
    let session = CurrentSession::from_context()?
        .key()
        .ok_or(Refusal::LogIn)?;
    let keys = Ctx::from_context().keys;
    let nonce = Nonce::fresh().seal(&keys, &seen.poll.id, &session);
    seen.poll = order::for_viewer(seen.poll, &keys, &Viewer::from_context());
    Ok(BlankBallot { seen, nonce })
}

/// Nonces are made on the server only.
#[cfg(not(feature = "ssr"))]
pub(crate) fn blank_ballot(_: PollView) -> Result<BlankBallot, Refusal> {
    Err(Refusal::LogIn)
}

/// The ballot page.
#[component]
pub fn BallotPage() -> impl IntoView {
    view! { <Guard level=Level::Verified><Ballot/></Guard> }
}

#[component]
pub(super) fn Ballot() -> impl IntoView {
    let id = poll_id_param();
    let sent = FormState::of(function_name(CastVote::PATH));
    let refused = sent.as_ref().map(|state| state.message.clone());
    let resubmission = sent.filter(|state| state.resubmission);
    Suspend::new(async move {
        match read_ballot(id).await {
            // Show the ballot as it was sent, whether or not it was counted; sent again, it is
            // counted once.
            Ok(BlankBallot { mut seen, nonce }) if let Some(state) = resubmission => {
                seen.voted = state.values.contains_key("change");
                view! { <BallotPaper seen nonce/> }.into_any()
            }
            Ok(BlankBallot { seen, nonce }) if seen.may_vote() || seen.can_preview() => {
                view! { <BallotPaper seen nonce/> }.into_any()
            }
            Ok(BlankBallot { seen, .. }) => view! { <BallotUnavailable seen refused/> }.into_any(),
            Err(refusal) => render_refusal(&refusal),
        }
    })
}

#[component]
fn BallotPaper(seen: PollView, nonce: String) -> impl IntoView {
    let (poll, preview, voted) = (seen.poll.clone(), seen.can_preview(), seen.voted);
    view! {
        <Page title=poll.question.clone() class="column ballot">
            {preview.then(|| view! {
                <p class="notice">"This is a preview of the ballot as your voters will see it. "<a href=poll.path()>"Back to the poll"</a></p>
            })}
            {(!poll.description.is_empty()).then(|| view! { <Prose text=poll.description.clone()/> })}
            <Corrections corrections=poll.corrections.clone() zone=poll.zone.clone()/>
            {voted.then(|| view! {
                <p class="notice">"You've voted. To change your vote, choose again and enter your receipt."</p>
            })}
            <BallotSheet seen nonce/>
        </Page>
    }
}

/// The form of a ballot, and what becomes of the vote.
#[component]
pub fn BallotSheet(
    /// The poll as the voter sees it.
    seen: PollView,
    /// The sealed nonce to send with the vote.
    nonce: String,
) -> impl IntoView {
    let (preview, per_account) = (seen.can_preview(), seen.poll.per_account);
    let PollView { poll, voted, .. } = seen;
    let filled = picked(&poll);
    let promise = match (
        poll.changeable,
        poll.rankings && poll.kind.tallies_whole_ballots(),
    ) {
        (false, false) => "You can't change your vote. We store it without your name or number.",
        (true, false) => {
            "You can change your vote until the poll closes, using your receipt. We store it without your name or number."
        }
        (_, true) if poll.kind.is_rating() => {
            "All ballots are published after closing, without names. If your ratings are unusual, people may be able to \
             tell they are yours."
        }
        (_, true) => {
            "All ballots are published after closing, without names. If your order is unusual, people may be able to \
             tell it is yours."
        }
    };
    view! {
        <Form
            action=CastVote::PATH
            class="ballot-form"
            lost="We can't tell whether your vote arrived. Press the button again: it only counts once."
        >
            <input type="hidden" name="poll" value=poll.id.clone()/>
            <NonceField fresh=nonce/>
            <BallotFields poll=poll.clone() filled/>
            {voted.then(|| view! {
                <input type="hidden" name="change" value="yes"/>
                <Field name="receipt" label="Receipt" hint="The sixteen letters and digits shown after you voted." autocomplete="off"/>
            })}
            <VoteBar poll words={if voted { "Change my vote" } else { "Vote" }} disabled=preview/>
        </Form>
        <p class="hint">{promise}</p>
        {per_account.then(|| view! { <p class="hint">"Each account gets one vote here, too. We record that yours has voted, but not how."</p> })}
    }
}
