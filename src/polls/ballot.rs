//! Voting: the ballot, and casting it.

use std::collections::BTreeMap;

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::server_fn::codec::{GetUrl, Json};
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use super::paper::PLACE;
use super::paper::Paper;
use super::poll::{Kind, Poll, State};
use super::show::{PollForViewer, id_here};
use crate::accounts::guard::{Guard, turn_away};
use crate::accounts::viewer::Level;
use crate::web::answer::Answer;
use crate::web::field::Field;
use crate::web::form::{Form, FormState, function_name, list};
use crate::web::layout::Page;
use crate::web::refusal::{Next, Refusal};
use crate::web::text::Prose;
use crate::web::time::Time;

/// What is chosen on a ballot.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct BallotForm {
    poll: String,
    /// What is chosen; in a ranking without places, the best first.
    #[serde(deserialize_with = "list")]
    choice: Vec<String>,
    /// `yes` to put this ballot in the place of an earlier one, which is found by its receipt.
    change: String,
    receipt: String,
    /// In a ranking, the place of each choice: `place_2` is that of choice 2. One field each, for a form holds only so many.
    #[serde(flatten)]
    places: BTreeMap<String, String>,
}

#[cfg(feature = "ssr")]
impl BallotForm {
    /// The positions that were chosen, the best first in a ranking.
    fn chosen(&self) -> Result<Vec<i64>, super::same_place::SamePlace> {
        // What is no number is no choice of any poll.
        let position = |choice: &str| choice.parse().unwrap_or(0);
        let places = self.places.iter().filter_map(|(name, place)| Some((position(name.strip_prefix(PLACE)?), place.parse().ok())));
        let places: Vec<(i64, Option<i64>)> = places.collect();
        if places.is_empty() {
            return Ok(self.choice.iter().map(|choice| position(choice)).collect());
        }
        super::same_place::by_place(places)
    }

    /// The hash of the receipt of the ballot that this one takes the place of.
    fn replaces(&self) -> Result<Option<[u8; 32]>, Refusal> {
        use super::ballot_box::VoteError;
        use super::receipt::Receipt;

        if self.change.is_empty() {
            return Ok(None);
        }
        if self.receipt.trim().is_empty() {
            return Err(Refusal::field("receipt", "Enter the receipt of your vote."));
        }
        Ok(Some(Receipt::parse(&self.receipt).ok_or(VoteError::WrongReceipt)?.hash()))
    }
}

/// Casts a vote. When it is accepted it is stored, and counted once, whatever is sent at the same time.
///
/// # Errors
/// Why it does not count.
#[server(endpoint = "cast_vote", input = Json, output = Json)]
pub async fn cast_vote(form: BallotForm) -> Result<Next, Refusal> {
    use std::sync::Arc;

    use axum::http::{HeaderValue, header::SET_COOKIE};
    use leptos_axum::ResponseOptions;

    use super::ballot_box::{BallotBox, Vote};
    use super::receipt::Receipt;
    use crate::accounts::guard::require;
    use crate::accounts::session::Current;
    use crate::config::Config;

    require(Level::Verified)?;
    let session = Current::now()?.key().ok_or(Refusal::LogIn)?;
    let receipt = Receipt::new();
    let chosen = match form.chosen() {
        Ok(chosen) => chosen,
        Err(same_place) => return Err(same_place.refusal(&form.poll).await),
    };
    let vote = Vote { session, poll: form.poll.clone(), chosen, receipt: receipt.hash(), replaces: form.replaces()? };
    expect_context::<BallotBox>().cast(vote).await?;
    let https = expect_context::<Arc<Config>>().origin.is_https();
    if let Ok(cookie) = HeaderValue::from_str(&receipt.cookie(&form.poll, https)) {
        expect_context::<ResponseOptions>().append_header(SET_COOKIE, cookie);
    }
    // Where the results come after the close, the poll's own page shows the receipt.
    let here = super::poll::path(&form.poll);
    let seen = super::store::for_viewer(&form.poll).await;
    Ok(Next::to(if seen.is_ok_and(|found| found.seen.results_open()) { format!("{here}/results") } else { here }))
}

/// The ballot of a poll, for whoever may vote. Where the poll says so, the choices are in an order that is this voter's own, and the
/// same each time.
///
/// # Errors
/// To strangers and the unverified; when there is no such poll, or the database fails.
#[server(endpoint = "ballot", input = GetUrl, output = Json)]
pub async fn read_ballot(id: String) -> Result<PollForViewer, Refusal> {
    use crate::keys::{Keys, digest};

    let person = crate::accounts::guard::require(Level::Verified)?;
    let mut seen = super::store::for_viewer(&id).await?.seen;
    if seen.poll.shuffled {
        let own = expect_context::<Keys>().voter(&seen.poll.id, &person.id.to_string());
        seen.poll.choices.sort_by_cached_key(|choice| digest(&[own.as_slice(), &choice.position.to_be_bytes()].concat()));
    }
    Ok(seen)
}

/// The page to vote on.
#[component]
pub fn BallotPage() -> impl IntoView {
    view! { <Guard level=Level::Verified><Ballot/></Guard> }
}

#[component]
fn Ballot() -> impl IntoView {
    let id = id_here();
    Suspend::new(async move {
        match read_ballot(id).await {
            Ok(seen) if seen.may_vote() || seen.may_preview() => view! { <BallotPaper seen/> }.into_any(),
            Ok(seen) => view! { <NoBallot seen/> }.into_any(),
            Err(refusal) => turn_away(&refusal),
        }
    })
}

#[component]
fn BallotPaper(seen: PollForViewer) -> impl IntoView {
    let (preview, per_account) = (seen.may_preview(), seen.poll.per_account);
    let PollForViewer { poll, voted, .. } = seen;
    let promise = match (poll.changeable, poll.rankings && poll.kind == Kind::Ranked) {
        (false, false) => "Your vote is final. It is kept without your name or your number.",
        (true, false) => "You can change your vote with your receipt until the poll closes. It is kept without your name or your number.",
        (_, true) => {
            "Whole rankings of this poll are published after the close, without names. An unusual order of many choices may tell who \
             ranked so."
        }
    };
    view! {
        <Page title=poll.question.clone() class="column ballot">
            {preview.then(|| view! {
                <p class="notice">"This is a preview: the ballot as your voters will see it. "<a href=poll.path()>"Back to the poll"</a></p>
            })}
            {(!poll.description.is_empty()).then(|| view! { <Prose text=poll.description.clone()/> })}
            {voted.then(|| view! {
                <p class="notice">"You have voted. To change your vote, choose anew and enter the receipt that you were given."</p>
            })}
            <Form
                action=CastVote::PATH
                class="ballot-form"
                lost="We don't know whether your vote arrived. Press the button again: it is counted once."
            >
                <input type="hidden" name="poll" value=poll.id.clone()/>
                <Paper poll/>
                {voted.then(|| view! {
                    <input type="hidden" name="change" value="yes"/>
                    <Field name="receipt" label="Receipt" hint="The sixteen letters and digits shown after you voted." autocomplete="off"/>
                })}
                <button class="primary" disabled=preview>{if voted { "Change my vote" } else { "Vote" }}</button>
            </Form>
            <p class="hint">{promise}</p>
            {per_account.then(|| view! { <p class="hint">"Each account has one vote here, too. We note that yours has voted, not how."</p> })}
        </Page>
    }
}

/// What stands in place of the ballot for whoever cannot vote: why, and what to do instead.
#[component]
fn NoBallot(seen: PollForViewer) -> impl IntoView {
    let results = seen.results_open();
    let refused = FormState::of(function_name(CastVote::PATH)).map(|state| state.message);
    let focus = refused.is_some() && Answer::now().take_focus();
    let (here, see, title) = (seen.poll.path(), format!("{}/results", seen.poll.path()), seen.poll.question.clone());
    view! {
        <Page title class="column">
            {match refused {
                Some(message) => view! { <p class="notice bad" role="alert" tabindex="-1" autofocus=focus>{message}</p> }.into_any(),
                None => view! { <p class="lead">{why_not(seen)}</p> }.into_any(),
            }}
            <p class="actions">
                {results.then(|| view! { <a class="button primary" href=see>"See the results"</a> })}
                <a class="button" href=here>"Back to the poll"</a>
            </p>
        </Page>
    }
}

/// Why somebody cannot vote.
fn why_not(seen: PollForViewer) -> AnyView {
    let shut_out = seen.shut_out();
    let PollForViewer { poll, voted, hidden, .. } = seen;
    match poll.state {
        _ if hidden.is_some() => "This poll was taken down, so nobody can vote in it.".into_any(),
        _ if voted => "You have voted in this poll already. Your first vote counts.".into_any(),
        State::NotOpenYet => view! { "Voting begins on " <Time at=poll.opens_at zone=poll.zone/> "." }.into_any(),
        State::Open => shut_out.unwrap_or_default().into_any(),
        State::Draft => "This poll is not published yet.".into_any(),
        State::Closed => "Voting has ended.".into_any(),
    }
}

/// Told to whoever has a landline, where these have no vote.
pub(super) const LANDLINE: &str = "Only mobile numbers can vote in this poll.";

/// Whose numbers may vote, told to whoever has another.
pub(super) fn foreign(poll: &Poll) -> String {
    let codes: Vec<String> = poll.countries.iter().map(|code| format!("+{code}")).collect();
    format!("Only numbers that begin with {} can vote in this poll.", codes.join(" or "))
}
