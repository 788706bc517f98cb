//! The page `/can-i-vote`.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::server_fn::codec::{GetUrl, Json};
use serde::{Deserialize, Serialize};

use crate::accounts::guard::render_refusal;
use crate::accounts::phone::field::Countries;
use crate::accounts::viewer::Viewer;
use crate::polls::browse::can_i_vote::browser::BrowserSection;
use crate::polls::browse::can_i_vote::number::NumberSection;
use crate::polls::browse::can_i_vote::practice::{PracticeBallot, like};
use crate::polls::browse::can_i_vote::rules::PollRules;
use crate::polls::model::poll::Poll;
use crate::web::components::page::layout::Page;
use crate::web::components::section::Section;
use crate::web::hypermedia::outcome::Refusal;
use crate::web::location::Location;

#[cfg(feature = "ssr")]
use {
    crate::accounts::phone::field::list_countries,
    crate::polls::browse::can_i_vote::rules::asked_about,
};

/// What the page needs.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct VotingCheck {
    /// All countries, also those that get no codes: the answer to a number says so.
    pub countries: Countries,
    /// The poll that the viewer asks about.
    pub poll: Option<Arc<Poll>>,
}

/// Returns the countries, and the poll with this ID if the viewer may see it.
#[server(endpoint = "can_i_vote", input = GetUrl, output = Json)]
pub async fn read_voting_check(poll: Option<String>) -> Result<VotingCheck, Refusal> {
    Ok(VotingCheck {
        countries: list_countries(None, |_| true),
        poll: asked_about(&poll.unwrap_or_default()).await?,
    })
}

/// The page where people find out before a vote whether they can vote.
#[component]
pub fn CanIVotePage() -> impl IntoView {
    let here = Location::from_context();
    let query = |name: &str| here.query(name).map(str::to_owned);
    let (poll, ballot) = (query("poll"), query("ballot"));
    Suspend::new(async move {
        match read_voting_check(poll).await {
            Ok(check) => view! { <CanIVote check ballot/> }.into_any(),
            Err(refusal) => render_refusal(&refusal),
        }
    })
}

#[component]
fn CanIVote(check: VotingCheck, ballot: Option<String>) -> impl IntoView {
    let VotingCheck { countries, poll } = check;
    let own = poll.as_ref().map(|poll| like(poll.kind).to_owned());
    let kind = ballot.or(own).unwrap_or_default();
    let id = poll.as_ref().map(|poll| poll.id.clone());
    let stranger = matches!(Viewer::from_context(), Viewer::Anonymous);
    view! {
        <Page title="Can I vote?">
            <p class="lead">"Find out before the vote. You need no account for this, and nothing you enter here is stored."</p>
            {poll.map(|poll| view! { <PollRules poll/> })}
            <NumberSection countries poll=id.clone()/>
            <BrowserSection/>
            <Section id="practice" title="Practice ballots">
                <PracticeBallot kind poll=id/>
            </Section>
            {stranger.then(|| view! {
                <p>"All fine? " <a href="/register">"Create an account"</a> " before the vote. It takes about a minute."</p>
            })}
        </Page>
    }
}
