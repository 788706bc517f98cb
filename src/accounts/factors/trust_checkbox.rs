//! The "Remember this browser" checkbox.

use leptos::prelude::*;

use crate::web::components::form::FormScope;

/// Renders the checkbox for forms that complete a login.
#[component]
pub fn TrustCheckbox(
    /// HTML id; must be unique if a page has two.
    #[prop(default = "remember")]
    id: &'static str,
) -> impl IntoView {
    let picked = FormScope::from_context().picked("remember", "yes");
    let hint = format!("{id}-hint");
    view! {
        <div class="tick">
            <input type="checkbox" id=id name="remember" value="yes" checked=picked aria-describedby=hint.clone()/>
            <label for=id>"Remember this browser for 30 days"</label>
            <p class="hint" id=hint>"You'll only need your password. Don't tick this on a shared computer."</p>
        </div>
    }
}
