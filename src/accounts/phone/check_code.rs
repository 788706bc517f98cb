//! Code page and the `check_code` server function.

use leptos::either::Either;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::server_fn::codec::Json;
use serde::{Deserialize, Serialize};

use crate::accounts::factors::trust_checkbox::TrustCheckbox;
use crate::accounts::guard::{Guard, redirect_if_verified, render_refusal};
use crate::accounts::phone::resend_code::ResendCode;
use crate::accounts::phone::send_code::read_verification;
use crate::accounts::phone::state::{CodeState, VerificationState, new_one};
use crate::accounts::viewer::Level;
use crate::web::components::field::Field;
use crate::web::components::form::{Form, FormScope, FormState, NextField, path_with_next};
use crate::web::components::page::layout::Page;
use crate::web::components::page::page_meta::{Instead, PageMeta};
use crate::web::hypermedia::outcome::{Next, Refusal};
use crate::web::time::{Countdown, Time};

#[cfg(feature = "ssr")]
use {
    crate::accounts::factors::recovery::offer,
    crate::accounts::guard::{require, require_new_factor},
    crate::accounts::phone::checker::{CheckOptions, CodeChecker},
    crate::accounts::phone::state::{CHANGE, number_page},
    crate::accounts::phone::verifications::Purpose,
    crate::accounts::sessions::flash::Flash,
    crate::accounts::sessions::sent_form::Secret,
    crate::accounts::sessions::sent_forms::FormClaim,
    crate::accounts::sessions::trusted_browsers::TrustToken,
    crate::web::context::Ctx,
};

/// Form data of the code page.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CheckCodeForm {
    code: String,
    /// `number` when changing the account's number.
    purpose: String,
    /// Non-empty to trust this browser.
    remember: String,
    next: String,
}

/// Verifies the number with the code sent to it, and makes the session verified.
///
/// # Errors
/// If the code is wrong or expired, or can't be checked now.
#[server(endpoint = "check_code", input = Json, output = Json)]
pub async fn check_code(form: CheckCodeForm) -> Result<Next, Refusal> {
    let change = form.purpose == CHANGE;
    let db = Ctx::from_context().db;
    let once = FormClaim::take("check_code", Secret::Code(Secret::digits(&form.code))).await?;
    let checked = once.act(async {
        let person = if change {
            require_new_factor()?
        } else {
            require(Level::LoggedIn)?
        };
        let purpose = if change {
            Purpose::Number
        } else {
            Purpose::Session
        };
        let options = CheckOptions {
            purpose,
            remember: !form.remember.is_empty(),
        };
        let checked = CodeChecker::from_context()
            .check(&person, once.session(), &form.code, options)
            .await;
        let token = checked.map_err(|error| error.refusal(number_page(change, &form.next)))?;
        let done = if change {
            Flash::NumberChanged
        } else {
            Flash::Verified
        };
        once.session().say(done).await?;
        Ok((token, person.id))
    });
    // Without a form a program asks, which has no use for the offer.
    let (token, account) = match (checked.await?, once.form()) {
        (Some((token, account)), form) => (token, form.map(|_| account)),
        (None, Some(form)) => (
            TrustToken::of(Some(form), db.read()).await?,
            form.account(db.read()).await?,
        ),
        (None, None) => (None, None),
    };
    if let Some(token) = token {
        token.set_cookie(Ctx::from_context().is_https());
    }
    Ok(Next::reload(if change {
        crate::web::components::form::next_or(&form.next, "/account")
    } else {
        offer::before(&form.next, &db, account).await
    }))
}

/// The page for entering the code.
#[component]
pub fn CodePage() -> impl IntoView {
    view! { <Guard level=Level::LoggedIn><Code/></Guard> }
}

#[component]
fn Code() -> impl IntoView {
    if redirect_if_verified() {
        return ().into_any();
    }
    Suspend::new(async {
        match read_verification().await {
            Ok(VerificationState {
                code: Some(code),
                number,
                ..
            }) => view! {
                <CodeForms code alternative=if number.is_some() {
                    (path_with_next("/verify/recovery"), "I no longer have this phone")
                } else {
                    (path_with_next("/verify"), "Use another number")
                }/>
            }
            .into_any(),
            Ok(VerificationState { code: None, .. }) => {
                PageMeta::from_context().instead(Instead::Path(path_with_next("/verify")));
                ().into_any()
            }
            Err(refusal) => render_refusal(&refusal),
        }
    })
    .into_any()
}

/// Forms for the outstanding code: enter it, send another, or leave.
#[component]
pub fn CodeForms(
    /// The outstanding code.
    code: CodeState,
    /// URL and text of the link to the alternative.
    alternative: (String, &'static str),
    /// The forms' purpose, if not to verify the session.
    #[prop(optional)]
    purpose: Option<&'static str>,
) -> impl IntoView {
    let (left, dead) = (code.resend_at - code.now, code.dead);
    let CodeState { call, landline, .. } = code;
    // Focus this message if the attempt just submitted was the last one.
    let focus =
        dead && use_context::<FormState>().is_some() && PageMeta::from_context().take_focus();
    view! {
        <Page title=if dead { "Get a new code" } else { "Enter the code" }>
            {if dead {
                Either::Left(view! {
                    <p class="lead" role="status" tabindex="-1" autofocus=focus>
                        "That code no longer works. "
                        {if landline && left <= 0 { "Ask for another call.".to_owned() } else { new_one(left) }}
                    </p>
                    <p class="sent-to">"A new one will go to " <strong class="number">{code.number.clone()}</strong></p>
                })
            } else {
                Either::Right(view! { <OutstandingCode code=code.clone() purpose/> })
            }}
            <section class="ways-out" aria-labelledby=(!dead).then_some("nothing")>
                {(!dead).then(|| view! { <NotReceivedHelp call landline/> })}
                {(left > 0).then(|| view! {
                    <p class="hint" data-until="again">
                        "You can ask for another "
                        <Countdown at=code.resend_at left ends="again" say="You can ask for another code now."/> "."
                    </p>
                })}
                <Form action=ResendCode::PATH class="inline">
                    <NextField/>
                    {purpose.map(|purpose| view! { <input type="hidden" name="purpose" value=purpose/> })}
                    {(!landline).then(|| view! {
                        <button class=if code.dead { "primary" } else { "quiet" } data-after="again">"Send a new code"</button>
                    })}
                    <button class=if code.dead && landline { "primary" } else { "quiet" } name="channel" value="call" data-after="again">
                        {if call || landline { "Call again" } else { "Call me instead" }}
                    </button>
                </Form>
                <p><a href=alternative.0>{alternative.1}</a></p>
            </section>
        </Page>
    }
}

/// Shows where the code was sent, and the form to enter it. With scripts, a line appears when it
/// expires.
#[component]
fn OutstandingCode(code: CodeState, purpose: Option<&'static str>) -> impl IntoView {
    let lead = if code.call {
        "We are calling your number to read you a code."
    } else {
        "We have sent a code to your number."
    };
    view! {
        <p class="lead" data-until="code">{lead}</p>
        <p class="lead" data-after="code" hidden>{expired(code.landline)}</p>
        <p class="sent-to" data-until="code">
            <strong class="number">{code.number.clone()}</strong> " at " <Time at=code.sent_at short=true/>
        </p>
        <CodeForm code purpose/>
    }
}

fn expired(landline: bool) -> &'static str {
    if landline {
        "The code has expired. Ask for another call."
    } else {
        "The code has expired. Get a new one."
    }
}

#[component]
fn NotReceivedHelp(call: bool, landline: bool) -> impl IntoView {
    let way = if call {
        "Answer it to hear the code. "
    } else {
        "A text can take a minute. "
    };
    let then = match (landline, call) {
        (true, _) => "Check the number above and that the line is free, then ask for another call.",
        (false, true) => {
            "Check the number above, then ask for another call. “Send a new code” sends a text."
        }
        (false, false) => {
            "Check the number above and your signal, then ask for a new code or a call."
        }
    };
    view! {
        <h2 id="nothing" data-until="code">"Didn't get a code?"</h2>
        <p class="hint" data-until="code">
            {way} {then}
        </p>
    }
}

#[component]
fn CodeForm(code: CodeState, purpose: Option<&'static str>) -> impl IntoView {
    let tries = if code.tries_left == 1 {
        "1 try".to_owned()
    } else {
        format!("{} tries", code.tries_left)
    };
    view! {
        <Form action=CheckCode::PATH>
            <NextField/>
            {purpose.map(|purpose| view! { <input type="hidden" name="purpose" value=purpose/> })}
            <div class="code-field">
                <Field
                    name="code"
                    label="Code"
                    inputmode="numeric"
                    autocomplete="one-time-code"
                    hint="The 6 digits. Spaces are fine."
                    focus=true
                />
            </div>
            <p class="hint" data-until="code">
                "The code expires "
                <Countdown at=code.expires_at left=code.expires_at - code.now ends="code" say=expired(code.landline)/>
                "." {FormScope::from_context().error("code").is_none().then(|| format!(" You have {tries} left."))}
            </p>
            <TrustCheckbox/>
            <button class="primary">"Confirm"</button>
        </Form>
    }
}
