//! Phone number section of the account page.

use leptos::prelude::*;

use crate::accounts::guard::render_refusal;
use crate::accounts::phone::send_code::read_verification;
use crate::web::components::section::Section;

/// Renders the phone number section, with the number masked.
#[component]
pub fn NumberSection() -> impl IntoView {
    view! {
        <Section id="number" title="Phone number">
            {Suspend::new(async {
                match read_verification().await {
                    Ok(state) => match state.number {
                        Some(number) => view! {
                            <p class="number">{number}</p>
                            <p><a class="button small" href="/account/number">"Change your number"</a></p>
                        }
                        .into_any(),
                        None => view! {
                            <p>"You haven't verified a number yet. You need one to vote."</p>
                            <p><a class="button small" href="/verify?next=/account">"Verify your number"</a></p>
                        }
                        .into_any(),
                    },
                    Err(refusal) => render_refusal(&refusal),
                }
            })}
        </Section>
    }
}
