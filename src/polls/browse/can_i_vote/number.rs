//! Whether a number can be used to vote: what kind it is, and whether this site sends codes to it.
//!
//! Only the number itself and the settings are looked at, never an account: the answer is the same
//! whether or not the number has one. Paused areas are not told. A pause lasts for hours, and the
//! page is for days before; and it would tell attackers which of their numbers were noticed.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::server_fn::codec::Json;
use serde::{Deserialize, Serialize};

use crate::accounts::phone::field::{Countries, NumberField};
use crate::web::components::form::Form;
use crate::web::components::section::Section;
use crate::web::hypermedia::outcome::{Next, Refusal};

#[cfg(feature = "ssr")]
use {
    crate::accounts::limits::number_checks::NumberChecks,
    crate::accounts::phone::sender::CodeSender,
    crate::accounts::requirements::MobileOnly,
    crate::polls::browse::can_i_vote::rules::asked_about,
    crate::polls::model::poll::Poll,
    crate::polls::model::poll_view::{LANDLINE_MESSAGE, foreign},
    crate::verification::numbers::line_kind::LineKind,
    crate::verification::{Channel, Phone},
    crate::web::components::sentence::quote,
    crate::web::context::Ctx,
};

/// A number as typed, and the poll that it is for.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CheckNumberForm {
    phone: String,
    /// Two-letter country, for a number without a calling code.
    country: String,
    /// The poll whose rules apply; may be empty.
    poll: String,
}

/// Says what kind a number is and how codes get there. Sends and stores nothing.
///
/// # Errors
/// If the number is invalid or can't vote, or the network has checked too many.
#[server(endpoint = "check_number", input = Json, output = Json)]
pub async fn check_number(form: CheckNumberForm) -> Result<Next, Refusal> {
    let ctx = Ctx::from_context();
    expect_context::<NumberChecks>().count(&ctx.address, ctx.now())?;
    let phone = CodeSender::from_context().number(&form.phone, &form.country)?;
    let poll = asked_about(&form.poll).await?;
    let (found, poll) = (description(&phone), poll.as_deref());
    match obstacle(&phone, poll) {
        Some(why) => Err(Refusal::field("phone", format!("{found} {why}"))),
        None => Ok(Next::here(format!("{found} {}", promise(&phone, poll)))),
    }
}

/// Says what was typed: the number, its kind and its country.
#[cfg(feature = "ssr")]
fn description(phone: &Phone) -> String {
    let number = phone.formatted().replace(' ', "\u{a0}");
    let country = phone.country();
    let country = country.map_or_else(String::new, |country| format!(" ({})", country.name));
    format!("{number} is {}{country}.", LineKind::of(phone).words())
}

/// Returns why the number can't vote although it gets codes.
#[cfg(feature = "ssr")]
fn obstacle(phone: &Phone, poll: Option<&Poll>) -> Option<String> {
    match poll {
        Some(poll) if !poll.takes(phone.e164()) => Some(foreign(poll)),
        Some(poll) if poll.mobile_only && !phone.is_mobile() => Some(LANDLINE_MESSAGE.to_owned()),
        None if MobileOnly::from_context() && !phone.is_mobile() => {
            Some("Only mobile numbers can vote on this site.".to_owned())
        }
        _ => None,
    }
}

/// Says how codes get to a number, and where it can vote.
#[cfg(feature = "ssr")]
fn promise(phone: &Phone, poll: Option<&Poll>) -> String {
    let way = match (phone.channel(), LineKind::of(phone)) {
        (Channel::Voice, _) => "You'd get your code by call.",
        (Channel::Sms, LineKind::MobileOrLandline) => {
            "You'd get your code by text or, if it's a landline, by call."
        }
        (Channel::Sms, _) => "You'd get your code by text, or by call if you like.",
    };
    match poll {
        Some(poll) => format!("{way} It can vote in {}.", quote(&poll.question)),
        None => format!("{way} It can vote here, unless a poll has rules of its own."),
    }
}

/// The section about the number.
#[component]
pub(super) fn NumberSection(
    /// The countries to choose from.
    countries: Countries,
    /// The ID of the poll whose rules apply, if any.
    poll: Option<String>,
) -> impl IntoView {
    view! {
        <Section id="number" title="Your number">
            <p>"To vote, you enter a code that we text to your phone or read to you in a call. Nothing is sent now, and we don't keep the number."</p>
            <Form action=CheckNumber::PATH>
                {poll.map(|poll| view! { <input type="hidden" name="poll" value=poll/> })}
                <NumberField countries main=false/>
                <button class="primary">"Check number"</button>
            </Form>
        </Section>
    }
}
