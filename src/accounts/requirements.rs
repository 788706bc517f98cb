//! What voting requires, shown before sign-up, and what to do without a phone.

use leptos::prelude::*;

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

/// Renders the requirements for voting.
#[component]
pub fn VotingRequirements() -> impl IntoView {
    let phone = if MobileOnly::from_context() {
        "a mobile phone that gets texts or calls"
    } else {
        "a phone that gets texts or calls"
    };
    view! {
        <aside class="aside">
            <h2>"What you need to vote"</h2>
            <p>{format!("An account, {phone}, and about a minute. We'll send a code to your number to check it's yours.")}</p>
            <p>"No phone? You can't vote here without one. Ask the poll's organiser about other options."</p>
        </aside>
    }
}
