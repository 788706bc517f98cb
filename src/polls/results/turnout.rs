//! How many have voted, shown while results are hidden: to the organiser, and to everyone if the
//! poll says so.

use leptos::prelude::*;
use leptos::server_fn::codec::{GetUrl, Json};

use crate::polls::model::poll_view::PollView;
use crate::polls::model::turnout::Turnout;
use crate::web::hypermedia::outcome::Refusal;
use crate::web::number::grouped;

#[cfg(feature = "ssr")]
use {
    crate::accounts::guard::require, crate::accounts::viewer::Level,
    crate::polls::current_poll::load_poll, crate::polls::store::cache::PollCache,
    crate::polls::store::poll_view::StoredPollView,
};

/// Returns how many have voted in a poll; `None` if it isn't open or its results aren't hidden.
///
/// # Errors
/// When only the organiser is told.
#[server(endpoint = "turnout", input = GetUrl, output = Json)]
pub async fn read_turnout(id: String) -> Result<Option<Turnout>, Refusal> {
    let StoredPollView { stored, seen } = load_poll(&id).await?;
    if seen.turnout_shown() {
        let shown = expect_context::<PollCache>().turnout(&stored).await?;
        return Ok(Some(shown.turnout));
    }
    if seen.owner || seen.poll.turnout {
        return Ok(None);
    }
    require(Level::LoggedIn)?;
    Err(Refusal::Forbidden {
        message: "Only the organiser can see how many have voted.".to_owned(),
    })
}

/// Says how many have voted. Renders nothing for viewers who aren't told.
#[component]
pub fn TurnoutLine(
    /// The poll as its viewer sees it.
    seen: PollView,
) -> impl IntoView {
    Suspend::new(async move {
        if !seen.turnout_shown() {
            return ().into_any();
        }
        // The page is complete without it.
        let Ok(Some(turnout)) = read_turnout(seen.poll.id.clone()).await else {
            return ().into_any();
        };
        let only_you = (!seen.poll.turnout).then_some(" Only you can see this.");
        view! { <p class="hint turnout">{in_words(turnout)} {only_you}</p> }.into_any()
    })
}

fn in_words(turnout: Turnout) -> String {
    let how_many = match turnout {
        Turnout::FewerThan(voters) => format!("Fewer than {}", grouped(voters)),
        Turnout::AtLeast(voters) => format!("At least {}", grouped(voters)),
        Turnout::Exactly(voters) => grouped(voters),
    };
    format!("{how_many} people have voted so far.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turnout_is_told_in_a_sentence() {
        for (voters, told) in [
            (3, "Fewer than 5 people have voted so far."),
            (12, "At least 10 people have voted so far."),
            (63, "63 people have voted so far."),
            (38_852, "38,852 people have voted so far."),
        ] {
            assert_eq!(in_words(Turnout::of(voters)), told);
        }
    }
}
