//! What viewers see instead of the ballot if they can't vote.

use leptos::prelude::*;

use crate::polls::model::poll::State;
use crate::polls::model::poll_view::PollView;
use crate::web::components::page::layout::Page;
use crate::web::components::page::page_meta::PageMeta;
use crate::web::time::Time;

/// Shown instead of the ballot to viewers who can't vote: why not, and what to do instead.
#[component]
pub fn BallotUnavailable(
    /// The poll as the viewer sees it.
    seen: PollView,
    /// Why their vote has just been refused.
    refused: Option<String>,
) -> impl IntoView {
    let results = seen.results_open();
    let focus = refused.is_some() && PageMeta::from_context().take_focus();
    let (here, see, title) = (
        seen.poll.path(),
        format!("{}/results", seen.poll.path()),
        seen.poll.question.clone(),
    );
    view! {
        <Page title class="column">
            {match refused {
                Some(message) => view! { <p class="notice bad" role="alert" tabindex="-1" autofocus=focus>{message}</p> }.into_any(),
                None => view! { <p class="lead">{no_ballot_reason(seen)}</p> }.into_any(),
            }}
            <p class="actions">
                {results.then(|| view! { <a class="button primary" href=see>"See the results"</a> })}
                <a class="button" href=here>"Back to the poll"</a>
            </p>
        </Page>
    }
}

/// Explains why the viewer can't vote.
fn no_ballot_reason(seen: PollView) -> AnyView {
    let ineligible_reason = seen.ineligible_reason();
    let PollView {
        poll,
        voted,
        hidden,
        ..
    } = seen;
    match poll.state {
        _ if hidden.is_some() => "This poll was taken down, so you can't vote in it.".into_any(),
        _ if voted => "You've already voted in this poll, and that vote stands.".into_any(),
        State::NotOpenYet => {
            view! { "Voting begins on " <Time at=poll.opens_at zone=poll.zone.clone()/> "." }
                .into_any()
        }
        State::Open => ineligible_reason.unwrap_or_default().into_any(),
        State::Draft => "This poll isn't published yet.".into_any(),
        State::Closed => "Voting has ended.".into_any(),
    }
}
