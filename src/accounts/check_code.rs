//! Typing the code, and asking for another.

use leptos::either::Either;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::server_fn::codec::Json;
use serde::{Deserialize, Serialize};

use super::guard::{Guard, turn_away};
use super::login::path_with_next;
use super::remembered::RememberBox;
use super::send_code::{CodeState, VerificationState, pass_on_verified, read_verification};
use super::viewer::Level;
use crate::web::answer::{Answer, Instead};
use crate::web::field::Field;
use crate::web::form::{Form, FormScope, NextField};
use crate::web::layout::Page;
use crate::web::refusal::{Next, Refusal};
use crate::web::time::{Countdown, Time, wait as wait_in_words};

/// What is typed to prove a number.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CheckCodeForm {
    code: String,
    /// `number` where the number is to take the place of the account's own.
    purpose: String,
    /// Anything where the browser should be remembered.
    remember: String,
    next: String,
}

/// What a form of this page is about: `number` where another number is to take the place of the account's own.
pub(super) const CHANGE: &str = "number";

/// Proves the number with the code that was sent to it, and makes the session a verified one.
///
/// # Errors
/// That the code is not right, is of no use any more, or cannot be checked now.
#[server(endpoint = "check_code", input = Json, output = Json)]
pub async fn check_code(form: CheckCodeForm) -> Result<Next, Refusal> {
    use std::sync::Arc;

    use super::checking::{Checking, Wish};
    use super::guard::{require, require_new_factor};
    use super::session::{Current, Done};
    use super::store::Purpose;
    use crate::config::Config;

    let change = form.purpose == CHANGE;
    let person = if change { require_new_factor()? } else { require(Level::LoggedIn)? };
    let session = Current::now()?;
    let purpose = if change { Purpose::Number } else { Purpose::Session };
    let wish = Wish { purpose, remember: !form.remember.is_empty() };
    let checked = expect_context::<Checking>().check(&person, &session, &form.code, wish).await;
    let token = checked.map_err(|error| error.refusal(number_page(change, &form.next)))?;
    if let Some(token) = token {
        token.hand_out(expect_context::<Arc<Config>>().origin.is_https());
    }
    session.say(if change { Done::NumberChanged } else { Done::Verified }).await?;
    Ok(Next::reload(if change { "/account".to_owned() } else { crate::web::form::next_or_home(Some(&form.next)) }))
}

/// What is said to get another code.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ResendCodeForm {
    /// `call` for a voice that reads it out.
    channel: String,
    /// As in [`CheckCodeForm`].
    purpose: String,
    next: String,
}

/// Sends another code in place of the one that is out.
///
/// # Errors
/// Why no code can be sent now.
#[server(endpoint = "resend_code", input = Json, output = Json)]
pub async fn resend_code(form: ResendCodeForm) -> Result<Next, Refusal> {
    use super::guard::{require, require_new_factor};
    use super::sending::{Asked, SendError, Sending};
    use super::store::Purpose;
    use crate::verification::Channel;
    use crate::web::form::after;

    let change = form.purpose == CHANGE;
    let person = if change { require_new_factor()? } else { require(Level::LoggedIn)? };
    let sending = expect_context::<Sending>().of(if change { Purpose::Number } else { Purpose::Session });
    let Some(phone) = sending.number_in_use(&person).await? else {
        return Err(Refusal::Elsewhere { message: "Enter your phone number first.".to_owned(), path: number_page(change, &form.next) });
    };
    let channel = if form.channel == "call" { Channel::Voice } else { phone.channel() };
    let own = person.has_number && !change;
    let sent = sending.send(&person, &phone, channel, Asked::Again).await;
    // The number's field is on another page.
    sent.map_err(|error| if own { error.about_own_number() } else { SendError::without_field(error) })?;
    if change {
        return Ok(Next::to("/account/number/code"));
    }
    Ok(Next::to(after(&form.next, "/verify/code")))
}

/// What to do about a code that is dead, exactly as it will be possible.
pub(super) fn new_one(wait: i64) -> String {
    if wait > 0 { format!("You can ask for a new one in {}.", wait_in_words(wait)) } else { "Please send a new one.".to_owned() }
}

/// The page where a number is typed, and from there on to the same place.
#[cfg(feature = "ssr")]
fn number_page(change: bool, next: &str) -> String {
    if change { "/account/number".to_owned() } else { crate::web::form::after(next, "/verify") }
}

/// The page to type the code on.
#[component]
pub fn CodePage() -> impl IntoView {
    view! { <Guard level=Level::LoggedIn><Code/></Guard> }
}

#[component]
fn Code() -> impl IntoView {
    if pass_on_verified() {
        return ().into_any();
    }
    Suspend::new(async {
        match read_verification().await {
            Ok(VerificationState { code: Some(code), number }) => view! {
                <CodeForms code way_out=if number.is_some() {
                    (path_with_next("/verify/recovery"), "I no longer have this phone")
                } else {
                    (path_with_next("/verify"), "Use another number")
                }/>
            }
            .into_any(),
            Ok(VerificationState { code: None, .. }) => {
                Answer::now().instead(Instead::Path(path_with_next("/verify")));
                ().into_any()
            }
            Err(refusal) => turn_away(&refusal),
        }
    })
    .into_any()
}

/// Everything to do about a code that is out.
#[component]
pub fn CodeForms(
    /// The code.
    code: CodeState,
    /// What else can be done, with its page.
    way_out: (String, &'static str),
    /// What the forms are about, where that is not the session.
    #[prop(optional)]
    purpose: Option<&'static str>,
) -> impl IntoView {
    let left = code.again_at - code.now;
    let (lead, way) = if code.call {
        ("We are calling your number to read you a code.", "Pick up, and a voice reads the code out. ")
    } else {
        ("We have sent a code to your number.", "A text can take a minute. ")
    };
    view! {
        <Page title="Enter the code">
            <p class="lead">{lead}</p>
            <p class="sent-to"><strong class="number">{code.number.clone()}</strong> " at " <Time at=code.sent_at short=true/></p>
            {if code.dead {
                Either::Left(view! { <p class="notice" role="status">{format!("This code is of no use any more. {}", new_one(left))}</p> })
            } else {
                Either::Right(view! { <CodeForm code=code.clone() purpose/> })
            }}
            <section class="ways-out" aria-labelledby="nothing">
                <h2 id="nothing">"If nothing comes"</h2>
                <p class="hint">
                    {way} "Look whether the number above is yours, and whether your phone has a signal. Then ask for another code, or for a call."
                </p>
                {(left > 0).then(|| view! {
                    <p class="hint" data-until="again">
                        "You can ask for another "
                        <Countdown at=code.again_at left ends="again" say="You can ask for another code now."/> "."
                    </p>
                })}
                <Form action=ResendCode::PATH class="inline">
                    <NextField/>
                    {purpose.map(|purpose| view! { <input type="hidden" name="purpose" value=purpose/> })}
                    <button class=if code.dead { "primary" } else { "quiet" } data-after="again">"Send a new code"</button>
                    <button class="quiet" name="channel" value="call" data-after="again">"Call me instead"</button>
                </Form>
                <p><a href=way_out.0>{way_out.1}</a></p>
            </section>
        </Page>
    }
}

#[component]
fn CodeForm(code: CodeState, purpose: Option<&'static str>) -> impl IntoView {
    let tries = if code.tries_left == 1 { "1 try".to_owned() } else { format!("{} tries", code.tries_left) };
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
                    hint="The 6 digits. Spaces and dashes do not matter."
                    focus=true
                />
            </div>
            <p class="hint">
                "The code expires "
                <Countdown at=code.good_until left=code.good_until - code.now say="The code has expired. Please send a new one."/>
                "." {FormScope::now().error("code").is_none().then(|| format!(" You have {tries}."))}
            </p>
            <RememberBox/>
            <button class="primary">"Confirm"</button>
        </Form>
    }
}
