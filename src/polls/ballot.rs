//! Voting: the ballot, and casting it.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::server_fn::codec::{GetUrl, Json};
use serde::{Deserialize, Serialize};

use super::poll::{Poll, State};
use super::show::{PollForViewer, id_here};
use crate::accounts::guard::{Guard, turn_away};
use crate::accounts::viewer::Level;
use crate::web::form::{Form, FormScope, FormState, function_name, list};
use crate::web::layout::Page;
use crate::web::refusal::{Next, Refusal};
use crate::web::time::Time;

/// What is chosen on a ballot.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct BallotForm {
    poll: String,
    #[serde(deserialize_with = "list")]
    choice: Vec<String>,
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
    // What is no number is no choice of any poll.
    let chosen = form.choice.iter().map(|choice| choice.parse().unwrap_or(0)).collect();
    let vote = Vote { session, poll: form.poll.clone(), chosen, receipt: receipt.hash(), replaces: None };
    expect_context::<BallotBox>().cast(vote).await?;
    let https = expect_context::<Arc<Config>>().origin.is_https();
    if let Ok(cookie) = HeaderValue::from_str(&receipt.cookie(&form.poll, https)) {
        expect_context::<ResponseOptions>().append_header(SET_COOKIE, cookie);
    }
    Ok(Next::to(format!("{}/results", super::poll::path(&form.poll))))
}

/// The ballot of a poll, for whoever may vote.
///
/// # Errors
/// To strangers and the unverified; when there is no such poll, or the database fails.
#[server(endpoint = "ballot", input = GetUrl, output = Json)]
pub async fn read_ballot(id: String) -> Result<PollForViewer, Refusal> {
    crate::accounts::guard::require(Level::Verified)?;
    Ok(super::store::for_viewer(&id).await?.seen)
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
            Ok(PollForViewer { poll, voted: false, .. }) if poll.state == State::Open => view! { <BallotPaper poll/> }.into_any(),
            Ok(seen) => view! { <NoBallot seen/> }.into_any(),
            Err(refusal) => turn_away(&refusal),
        }
    })
}

#[component]
fn BallotPaper(poll: Poll) -> impl IntoView {
    view! {
        <Page title=poll.question.clone() class="column ballot">
            {(!poll.description.is_empty()).then(|| view! { <p class="description" dir="auto">{poll.description.clone()}</p> })}
            <Form action=CastVote::PATH class="ballot-form">
                <input type="hidden" name="poll" value=poll.id.clone()/>
                <Choices poll/>
                <button class="primary">"Vote"</button>
            </Form>
            <p class="hint">"Your vote is final. It is kept without your name or your number."</p>
        </Page>
    }
}

#[component]
fn Choices(poll: Poll) -> impl IntoView {
    let scope = FormScope::now();
    let error = scope.error("choice");
    let wrong = error.is_some();
    let choices = poll.choices.into_iter().map(|choice| {
        let (id, value) = (format!("choice-{}", choice.position), choice.position.to_string());
        let picked = scope.picked("choice", &value);
        let focus = wrong && scope.take_focus();
        view! {
            <div class="choice">
                <input type="radio" name="choice" id=id.clone() value=value checked=picked autofocus=focus/>
                <label for=id dir="auto">{choice.text}</label>
            </div>
        }
    });
    view! {
        <fieldset class="choice-set" aria-describedby=wrong.then_some("choice-error")>
            <legend class="visually-hidden">"Your choice"</legend>
            {error.map(|error| view! { <p class="error" id="choice-error">{error}</p> })}
            {choices.collect_view()}
        </fieldset>
    }
}

/// What stands in place of the ballot for whoever cannot vote: why, and what to do instead.
#[component]
fn NoBallot(seen: PollForViewer) -> impl IntoView {
    let results = seen.results_open();
    let PollForViewer { poll, voted, .. } = seen;
    let refused = FormState::of(function_name(CastVote::PATH)).map(|state| state.message);
    let why = match poll.state {
        _ if voted => "You have voted in this poll already. Your first vote counts.".into_any(),
        State::NotOpenYet => view! { "Voting begins on " <Time at=poll.opens_at/> "." }.into_any(),
        State::Draft | State::Closed | State::Open => "Voting has ended.".into_any(),
    };
    let (here, see) = (poll.path(), format!("{}/results", poll.path()));
    view! {
        <Page title=poll.question class="column">
            {match refused {
                Some(message) => view! { <p class="notice bad" role="alert">{message}</p> }.into_any(),
                None => view! { <p class="lead">{why}</p> }.into_any(),
            }}
            <p class="actions">
                {results.then(|| view! { <a class="button primary" href=see>"See the results"</a> })}
                <a class="button" href=here>"Back to the poll"</a>
            </p>
        </Page>
    }
}
