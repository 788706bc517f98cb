//! Change-number pages and the `change_number` and `number_change` server functions.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::server_fn::codec::{GetUrl, Json};
use serde::{Deserialize, Serialize};

use crate::accounts::guard::render_refusal;
use crate::accounts::phone::check_code::CodeForms;
use crate::accounts::phone::field::{Countries, NumberField, PreviewButton, read_countries};
use crate::accounts::phone::state::{CHANGE, VerificationState};
use crate::web::components::form::{Form, NextField, path_with_next};
use crate::web::components::page::layout::Page;
use crate::web::components::page::page_meta::{Instead, PageMeta};
use crate::web::hypermedia::outcome::{Next, Refusal};

#[cfg(feature = "ssr")]
use {
    crate::accounts::guard::require_new_factor,
    crate::accounts::phone::field::number_preview,
    crate::accounts::phone::sender::{Asked, CodeSender},
    crate::accounts::phone::verifications::Purpose,
    crate::accounts::sessions::sent_form::Secret,
    crate::accounts::sessions::sent_forms::FormClaim,
};

const PAGE: &str = "/account/number";

/// Form data of the change-number page.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ChangeNumberForm {
    phone: String,
    /// Two-letter country, for a number without a calling code.
    country: String,
    /// Non-empty to preview how the number is read instead of sending a code.
    look: String,
    next: String,
}

/// Sends a code to a new number. It becomes the account's number only once that code is typed.
///
/// # Errors
/// If more than the password is needed, the number is invalid, or no code can be sent now.
#[server(endpoint = "change_number", input = Json, output = Json)]
pub async fn change_number(form: ChangeNumberForm) -> Result<Next, Refusal> {
    let person = require_new_factor()?;
    let sending = CodeSender::from_context().of(Purpose::Number);
    let phone = sending.number(&form.phone, &form.country)?;
    if sending.verified_number(&person).await?.as_ref() == Some(&phone) {
        return Err(Refusal::field("phone", "You already use that number."));
    }
    if !form.look.is_empty() {
        return Ok(Next::here(number_preview(&phone)));
    }
    let once = FormClaim::take("change_number", Secret::Number(phone.e164().to_owned())).await?;
    once.act(async {
        Ok(sending
            .send(&person, &phone, phone.channel(), Asked::First)
            .await?)
    })
    .await?;
    Ok(Next::to(crate::web::components::form::after(
        &form.next,
        "/account/number/code",
    )))
}

/// Returns the state of the number change.
///
/// # Errors
/// If more than the password is needed.
#[server(endpoint = "number_change", input = GetUrl, output = Json)]
pub async fn read_number_change() -> Result<VerificationState, Refusal> {
    let person = require_new_factor()?;
    CodeSender::from_context()
        .of(Purpose::Number)
        .state(&person)
        .await
        .map_err(Refusal::from)
}

/// The page for entering a new number.
#[component]
pub fn NumberPage() -> impl IntoView {
    Suspend::new(async {
        let loaded = async { Ok((read_number_change().await?, read_countries().await?)) };
        match loaded.await {
            Ok((state, countries)) => view! { <OtherNumber state countries/> }.into_any(),
            Err(refusal) => render_refusal(&refusal),
        }
    })
}

#[component]
fn OtherNumber(state: VerificationState, countries: Countries) -> impl IntoView {
    let typed = state.typed();
    view! {
        <Page title="Change your number">
            <p class="lead">"We'll send a code to the new number. Enter it to switch."</p>
            {state.number.map(|number| view! { <p>"Current number: " <strong class="number">{number}</strong> "."</p> })}
            <Form action=ChangeNumber::PATH>
                <NextField/>
                <NumberField countries typed/>
                <button class="primary">"Send code"</button>
                <PreviewButton/>
            </Form>
            <aside class="aside">
                <h2>"What changes"</h2>
                <p>"All other browsers are logged out and forgotten. Votes stay with the number that cast them."</p>
                <p><a href="/account">"Back to your account"</a></p>
            </aside>
        </Page>
    }
}

/// The page for entering the code sent to the new number.
#[component]
pub fn NumberCodePage() -> impl IntoView {
    Suspend::new(async {
        match read_number_change().await {
            Ok(VerificationState { code: Some(code), .. }) => view! {
                <CodeForms code alternative=(path_with_next(PAGE), "Use another number") purpose=CHANGE/>
            }
            .into_any(),
            Ok(_) => {
                PageMeta::from_context().instead(Instead::Path(path_with_next(PAGE)));
                ().into_any()
            }
            Err(refusal) => render_refusal(&refusal),
        }
    })
}
