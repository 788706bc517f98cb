//! Phone number row of the account page.

use leptos::prelude::*;

use crate::accounts::guard::render_refusal;
use crate::accounts::phone::send_code::read_verification;
use crate::web::components::row::{Row, RowAction};

/// Renders the phone number row, with the number masked.
#[component]
pub fn NumberRow() -> impl IntoView {
    Suspend::new(async {
        match read_verification().await {
            Ok(state) => {
                let (number, path, verb) = match state.number {
                    Some(number) => (
                        view! { <span class="number">{number}</span> }.into_any(),
                        "/account/number",
                        "Change",
                    ),
                    None => (
                        "You haven't verified a number yet. You need one to vote.".into_any(),
                        "/verify?next=/account",
                        "Verify",
                    ),
                };
                let action = view! { <RowAction path verb rest=" your number"/> }.into_any();
                view! { <Row id="number" label="Phone number" action=Some(action)>{number}</Row> }
                    .into_any()
            }
            Err(refusal) => view! { <li>{render_refusal(&refusal)}</li> }.into_any(),
        }
    })
}
