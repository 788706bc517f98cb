//! Verification page and the `send_code` and `verification_state` server functions.

use leptos::either::Either;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::server_fn::codec::{GetUrl, Json};
use serde::{Deserialize, Serialize};

use crate::accounts::factors::overview::{SecondFactors, read_second_factors};
use crate::accounts::factors::passkeys::check::{PasskeyForm, read_passkey_options};
use crate::accounts::factors::totp::check::{RecoveryLink, TotpForm};
use crate::accounts::guard::{Guard, redirect_if_verified, render_refusal};
use crate::accounts::phone::field::{Countries, NumberField, PreviewButton, read_countries};
use crate::accounts::phone::state::VerificationState;
use crate::accounts::requirements::MobileOnly;
use crate::accounts::viewer::Level;
use crate::web::components::form::{Form, NextField};
use crate::web::components::page::layout::Page;
use crate::web::hypermedia::outcome::{Next, Refusal};

#[cfg(feature = "ssr")]
use {
    crate::accounts::guard::require, crate::accounts::phone::field::number_preview,
    crate::accounts::phone::sender, crate::accounts::phone::sender::CodeSender,
    crate::accounts::sessions::sent_form::Secret, crate::accounts::sessions::sent_forms::FormClaim,
};

/// Form data of the verification page.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SendCodeForm {
    phone: String,
    /// Two-letter country, for a number without a calling code.
    country: String,
    /// Non-empty to preview how the number is read instead of sending a code.
    look: String,
    next: String,
}

/// Sends a code to the typed number, or to the account's own number if it has one, ignoring what
/// was typed.
///
/// # Errors
/// If the number is invalid, or no code can be sent now.
#[server(endpoint = "send_code", input = Json, output = Json)]
pub async fn send_code(form: SendCodeForm) -> Result<Next, Refusal> {
    let person = require(Level::LoggedIn)?;
    let sending = CodeSender::from_context();
    let verified = sending.verified_number(&person).await?;
    let phone = verified
        .clone()
        .map_or_else(|| sending.number(&form.phone, &form.country), Ok)?;
    if verified.is_none() && !form.look.is_empty() {
        return Ok(Next::here(number_preview(&phone)));
    }
    let once = FormClaim::take("send_code", Secret::Number(phone.e164().to_owned())).await?;
    let sent = once.act(async {
        let sent = sending
            .send(&person, &phone, phone.channel(), sender::Asked::First)
            .await;
        sent.map_err(|error| {
            if verified.is_some() {
                error.for_own_number()
            } else {
                error.into()
            }
        })
    });
    sent.await?;
    Ok(Next::to(crate::web::components::form::after(
        &form.next,
        "/verify/code",
    )))
}

/// Returns the state of the viewer's verification.
///
/// # Errors
/// If not logged in.
#[server(endpoint = "verification_state", input = GetUrl, output = Json)]
pub async fn read_verification() -> Result<VerificationState, Refusal> {
    let person = require(Level::LoggedIn)?;
    CodeSender::from_context()
        .state(&person)
        .await
        .map_err(Refusal::from)
}

/// The page for entering a number.
#[component]
pub fn VerifyPage() -> impl IntoView {
    view! { <Guard level=Level::LoggedIn><Verify/></Guard> }
}

#[component]
fn Verify() -> impl IntoView {
    if redirect_if_verified() {
        return ().into_any();
    }
    Suspend::new(async {
        let loaded = async {
            Ok((
                read_verification().await?,
                read_countries().await?,
                read_second_factors().await?,
                read_passkey_options().await?,
            ))
        };
        match loaded.await {
            Ok((state, countries, steps, passkey)) => {
                view! { <NumberForm state countries steps passkey/> }.into_any()
            }
            Err(refusal) => render_refusal(&refusal),
        }
    })
    .into_any()
}

#[component]
fn NumberForm(
    state: VerificationState,
    countries: Countries,
    steps: SecondFactors,
    passkey: Option<String>,
) -> impl IntoView {
    let (app, no_passkey, has_number, landline) = (
        steps.app_since.is_some(),
        passkey.is_none(),
        state.number.is_some(),
        state.landline,
    );
    let mobile_only = MobileOnly::from_context();
    // The best method comes first.
    let first = no_passkey && !app;
    let typed = state.typed();
    let (title, lead) = if first {
        (
            "Verify your number",
            "To continue we need to verify your phone number.",
        )
    } else {
        ("One more step", "Confirm it's you to continue.")
    };
    view! {
        <Page title=title>
            <p class="lead">{lead}</p>
            {state.code.as_ref().filter(|code| !code.dead).map(|_| view! {
                <p class="notice">"A code is on its way to you. " <a href=crate::web::components::form::path_with_next("/verify/code")>"Enter it"</a></p>
            })}
            {passkey.map(|question| view! { <PasskeyForm question/> })}
            {app.then(|| view! {
                {(!no_passkey).then(|| view! { <h2>"Or enter a code from your app"</h2> })}
                <TotpForm first=no_passkey/>
            })}
            {(!first).then(|| view! { <h2>{if landline { "Or get a call" } else { "Or get a text message" }}</h2> })}
            <Form action=SendCode::PATH>
                <NextField/>
                // Created inside the form, so that it gets the form's errors.
                {match state.number {
                    Some(number) => Either::Left(view! {
                        <p>{if landline { "We'll call your number, " } else { "We'll send a code to your number, " }} <strong class="number">{number}</strong> {if landline { ", and read you a code." } else { "." }}</p>
                    }),
                    None => Either::Right(view! {
                        <NumberField countries typed/>
                        {mobile_only.then(|| view! { <p class="hint">"You need a mobile number to vote on this site."</p> })}
                    }),
                }}
                <button class=first.then_some("primary")>"Send code"</button>
                {(!has_number).then(|| view! { <PreviewButton/> })}
            </Form>
            {has_number.then(|| view! { <RecoveryLink codes={steps.codes_left > 0}/> })}
            <aside class="aside">
                <h2>"Why we ask"</h2>
                <p>"Each number gets one vote per poll. We encrypt it, never show it, and only send codes to it."</p>
                <p><a href="/">"Not now"</a></p>
            </aside>
        </Page>
    }
}
