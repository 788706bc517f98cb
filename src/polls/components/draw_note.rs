//! Says how a ranking decides ties, and shows the SHA-256 of the seed of its draw.

use leptos::prelude::*;

use crate::polls::model::counting::tie_rule::TieRule;
use crate::polls::model::kind::Kind;

/// How ties are decided, collapsed by default.
#[component]
pub fn DrawNote(
    /// The voting method.
    kind: Kind,
    /// The SHA-256 of the seed.
    seed_hash: String,
) -> impl IntoView {
    view! {
        <details class="draw-note">
            <summary>"How votes are counted and ties decided"</summary>
            <p class="hint">{kind.rule(TieRule::Draw)}</p>
            <p class="hint">
                "A draw depends on a secret seed, made with this poll, and on the receipts of all its votes, so no voter can "
                "steer it. The recount file shows the seed after the close. The people who run this site know it before, and "
                "could influence a draw by casting votes of their own."
            </p>
            <p class="hint">"SHA-256 of the seed: " <code class="fingerprint">{seed_hash}</code></p>
        </details>
    }
}
