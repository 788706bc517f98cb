//! What a vote takes, said before people register, and what there is for those who have no phone.

use leptos::prelude::*;

/// Whether this site takes votes from mobile numbers alone.
#[derive(Clone, Copy, Debug, Default)]
pub struct MobileOnly(pub bool);

impl MobileOnly {
    /// What the site of this request says.
    #[must_use]
    pub fn from_context() -> bool {
        use_context::<Self>().unwrap_or_default().0
    }
}

/// Says what it takes.
#[component]
pub fn VotingRequirements() -> impl IntoView {
    let phone = if MobileOnly::from_context() {
        "a mobile phone that gets texts or calls"
    } else {
        "a phone that gets texts or calls"
    };
    view! {
        <aside class="aside">
            <h2>"What voting takes"</h2>
            <p>{format!("An account, {phone}, and about a minute. We send a code to your number to check that it's yours.")}</p>
            <p>"No phone? You can't vote here without one. Please ask the organiser of the poll what else you can do."</p>
        </aside>
    }
}
