//! The choices on the poll page for viewers who can't vote yet, and the `pick` server function that
//! keeps what they picked until they can. A pick is not a vote: it fills in the ballot, no more.

#![cfg_attr(
    not(feature = "ssr"),
    expect(unused_variables, reason = "without the server nothing is picked")
)]

use std::collections::BTreeMap;
use std::sync::Arc;

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::server_fn::codec::Json;
use serde::{Deserialize, Serialize};

use crate::accounts::viewer::Viewer;
use crate::polls::model::poll::Poll;
use crate::polls::voting::fields::{BallotFields, FieldValues, VoteBar};
use crate::web::components::form::{Form, list};
use crate::web::hypermedia::outcome::{Next, Refusal};

#[cfg(feature = "ssr")]
use {
    crate::polls::current_poll::load_poll,
    crate::polls::model::kind::BallotKind,
    crate::polls::model::poll::State,
    crate::polls::model::selection::Selection,
    crate::polls::voting::fields::PLACE,
    crate::polls::voting::picks::{cookie, order},
    crate::polls::voting::ratings::fields::RATE,
    crate::polls::voting::ratings::form::filled_in,
    crate::polls::voting::vote::VoteError,
    crate::web::components::form::after,
    crate::web::context::Ctx,
    crate::web::http::visit::Visit,
    axum::http::HeaderValue,
    axum::http::header::SET_COOKIE,
    axum::http::request::Parts,
    leptos_axum::ResponseOptions,
};

/// The form on the poll page.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PickForm {
    poll: String,
    /// The chosen positions; best first in a ranking that has no `places`.
    #[serde(deserialize_with = "list")]
    choice: Vec<String>,
    /// The rank or points of each choice, as in the ballot form.
    #[serde(flatten)]
    places: BTreeMap<String, String>,
}

/// Keeps the picked choices in a cookie, and goes on to what is missing: an account, a verified
/// number, or just the ballot.
///
/// # Errors
/// If the poll isn't open, or the choices aren't a valid ballot of it.
#[server(endpoint = "pick", input = Json, output = Json)]
pub async fn pick(form: PickForm) -> Result<Next, Refusal> {
    let seen = load_poll(&form.poll).await?.seen;
    let poll = &seen.poll;
    match poll.state {
        State::Open if seen.hidden.is_none() => {}
        State::NotOpenYet => return Err(VoteError::NotOpenYet.into()),
        State::Closed => return Err(VoteError::Closed.into()),
        State::Open | State::Draft => return Err(VoteError::NoPoll.into()),
    }
    let picked = match filled_in(&form.choice, &form.places) {
        Ok(picked) => picked,
        Err(same_place) => return Err(same_place.refusal(&poll.id).await),
    };
    let choices = poll.choices.iter().map(|choice| choice.position).collect();
    let picked = Selection::new(poll.kind, &choices, picked).map_err(VoteError::from)?;
    keep(&poll.id, &picked);
    let ballot = poll.path() + "/vote";
    Ok(Next::to(match Viewer::from_context() {
        Viewer::Anonymous => after(&ballot, "/register"),
        Viewer::LoggedIn(_) => after(&ballot, "/verify"),
        Viewer::Verified(_) => ballot,
    }))
}

/// Sets the cookie with the pick, and starts a visit if the browser has none.
#[cfg(feature = "ssr")]
fn keep(poll: &str, picked: &Selection) {
    let Some(Parts { headers, .. }) = use_context() else {
        return;
    };
    let (ctx, viewer) = (Ctx::from_context(), viewer());
    let (https, keys) = (ctx.is_https(), &ctx.keys);
    let known = Visit::carried(&headers, keys, https, viewer);
    let started = known.is_none().then(|| Visit::start(viewer));
    if let Some(visit) = known.as_ref().or(started.as_ref()) {
        let pick = cookie::set(keys, visit, poll, picked, ctx.now(), https);
        let visit = started.as_ref().map(|visit| visit.cookie(keys, https));
        pick.into_iter().chain(visit).for_each(add_cookie);
    }
}

/// Returns what this browser picked in the poll, as values of the ballot's fields; empty if nothing.
/// Clears a pick that is too old, or not of this poll, browser and account.
#[cfg(feature = "ssr")]
pub(crate) fn picked(poll: &Poll) -> FieldValues {
    let Some(Parts { headers, .. }) = use_context() else {
        return FieldValues::new();
    };
    let ctx = Ctx::from_context();
    let Some(clear) = cookie::clear(&headers, &poll.id, ctx.is_https()) else {
        return FieldValues::new();
    };
    let positions =
        Visit::carried(&headers, &ctx.keys, ctx.is_https(), viewer()).and_then(|visit| {
            cookie::read(
                &headers,
                &ctx.keys,
                &visit,
                &poll.id,
                ctx.now(),
                ctx.is_https(),
            )
        });
    let Some(positions) = positions else {
        add_cookie(clear);
        return FieldValues::new();
    };
    let field = |prefix: &str, choice: i64, value: i64| {
        (format!("{prefix}{choice}"), vec![value.to_string()])
    };
    match poll.kind.ballot() {
        BallotKind::Ranking => {
            let ranked = positions.into_iter().zip(1..);
            ranked
                .map(|(choice, place)| field(PLACE, choice, place))
                .collect()
        }
        BallotKind::Rating => {
            let mut choices: Vec<i64> = poll.choices.iter().map(|choice| choice.position).collect();
            choices.sort_unstable();
            let rated = choices.into_iter().zip(cookie::points(&positions));
            rated
                .map(|(choice, points)| field(RATE, choice, points))
                .collect()
        }
        BallotKind::Marks { .. } => {
            let positions = positions.iter().map(ToString::to_string);
            FieldValues::from([("choice".to_owned(), positions.collect())])
        }
    }
}

#[cfg(not(feature = "ssr"))]
pub(crate) fn picked(poll: &Poll) -> FieldValues {
    FieldValues::new()
}

#[cfg(feature = "ssr")]
fn in_order(poll: Arc<Poll>) -> Arc<Poll> {
    order::for_viewer(poll, &Ctx::from_context().keys, &Viewer::from_context())
}

#[cfg(not(feature = "ssr"))]
fn in_order(poll: Arc<Poll>) -> Arc<Poll> {
    poll
}

/// Clears what was picked in a poll, since it has been voted.
#[cfg(feature = "ssr")]
pub(crate) fn forget(poll: &str) {
    let parts = use_context::<Parts>();
    let https = Ctx::from_context().is_https();
    if let Some(clear) = parts.and_then(|parts| cookie::clear(&parts.headers, poll, https)) {
        add_cookie(clear);
    }
}

#[cfg(feature = "ssr")]
fn viewer() -> Option<i64> {
    Viewer::from_context().person().map(|person| person.id)
}

#[cfg(feature = "ssr")]
fn add_cookie(cookie: String) {
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        expect_context::<ResponseOptions>().append_header(SET_COOKIE, cookie);
    }
}

/// The choices of a poll for a viewer who must sign up or verify a number before voting.
#[component]
pub fn PickPaper(
    /// The poll.
    poll: Arc<Poll>,
) -> impl IntoView {
    let poll = in_order(poll);
    let next = if Viewer::from_context().person().is_some() {
        "Next, we verify your phone number."
    } else {
        "Next, you sign up and verify your phone number."
    };
    let filled = picked(&poll);
    view! {
        <Form action=Pick::PATH class="ballot-form">
            <input type="hidden" name="poll" value=poll.id.clone()/>
            <BallotFields poll=poll.clone() filled/>
            <VoteBar poll/>
            <p class="hint">{next} " We keep your choice for 30 minutes, and it counts when you press Vote on your ballot."</p>
        </Form>
    }
}
