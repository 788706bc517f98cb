//! What voting requires, shown before sign-up, and what to do without a phone.

use std::pin::Pin;

use leptos::prelude::*;

use crate::web::components::form::next_path;
use crate::web::components::sentence::{Sentence, quote};
use crate::web::location::Location;

/// Whether this site accepts votes from mobile numbers only.
#[derive(Clone, Copy, Debug, Default)]
pub struct MobileOnly(pub bool);

impl MobileOnly {
    /// Returns the current site's setting.
    #[must_use]
    pub fn from_context() -> bool {
        use_context::<Self>().unwrap_or_default().0
    }
}

/// Finds the question of the poll whose ballot a path leads to. Provided by the server, since
/// accounts know nothing of polls.
#[derive(Clone, Copy, Debug)]
pub struct BallotQuestion(pub fn(String) -> Found);

/// A question that is being looked up.
type Found = Pin<Box<dyn Future<Output = Option<String>> + Send>>;

/// Returns the question of the poll in which the viewer wants to vote after logging in.
fn question() -> Found {
    let next = Location::from_context()
        .query("next")
        .and_then(next_path)
        .zip(use_context::<BallotQuestion>());
    match next {
        Some((next, BallotQuestion(find))) => find(next.as_str().to_owned()),
        None => Box::pin(std::future::ready(None)),
    }
}

/// Says which poll the viewer is about to vote in, and what that takes.
#[component]
pub fn VotingPurpose(
    /// What it says to viewers who come from elsewhere.
    #[prop(optional)]
    otherwise: &'static str,
) -> impl IntoView {
    let phone = if MobileOnly::from_context() {
        "a mobile phone"
    } else {
        "a phone"
    };
    Suspend::new(async move {
        let words = match question().await {
            Some(question) => format!(
                "To vote in {} you need an account and {phone} that gets texts. It takes about a minute.",
                quote(&question)
            ),
            None => otherwise.to_owned(),
        };
        (!words.is_empty()).then(|| view! { <p class="lead"><Sentence words/></p> })
    })
}

/// Renders the requirements for voting.
#[component]
pub fn VotingRequirements() -> impl IntoView {
    let phone = if MobileOnly::from_context() {
        "a mobile phone that gets texts or calls"
    } else {
        "a phone that gets texts or calls"
    };
    // [`VotingPurpose`] says this if it names a poll.
    let needs = Suspend::new(async move {
        let elsewhere = question().await.is_none();
        elsewhere.then(|| format!("An account, {phone}, and about a minute. "))
    });
    view! {
        <aside class="aside">
            <h2>"What you need to vote"</h2>
            <p>{needs} "We'll send a code to your number to check it's yours."</p>
            <p>"No phone? You can't vote here without one. Ask the poll's organiser about other options."</p>
            <p><a href="/can-i-vote">"Check your phone and browser first"</a></p>
        </aside>
    }
}
