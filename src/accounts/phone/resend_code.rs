//! The `resend_code` server function: another code, or a call.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use serde::{Deserialize, Serialize};

use crate::web::hypermedia::outcome::{Next, Refusal};

#[cfg(feature = "ssr")]
use {
    crate::accounts::guard::{require, require_new_factor},
    crate::accounts::phone::sender::error::SendError,
    crate::accounts::phone::sender::{Asked, CodeSender},
    crate::accounts::phone::state::{CHANGE, number_page},
    crate::accounts::phone::verifications::Purpose,
    crate::accounts::sessions::sent_form::Secret,
    crate::accounts::sessions::sent_forms::FormClaim,
    crate::accounts::viewer::Level,
    crate::verification::Channel,
    crate::web::components::form::after,
};

/// Form data for another code.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ResendCodeForm {
    /// `call` for a phone call.
    channel: String,
    /// As in [`CheckCodeForm`].
    purpose: String,
    next: String,
}

/// Sends another code, replacing the outstanding one.
///
/// # Errors
/// If no code can be sent now.
#[server(endpoint = "resend_code", input = Json, output = Json)]
pub async fn resend_code(form: ResendCodeForm) -> Result<Next, Refusal> {
    let change = form.purpose == CHANGE;
    let person = if change {
        require_new_factor()?
    } else {
        require(Level::LoggedIn)?
    };
    let sending = CodeSender::from_context().of(if change {
        Purpose::Number
    } else {
        Purpose::Session
    });
    let Some(phone) = sending.number_in_use(&person).await? else {
        return Err(Refusal::Elsewhere {
            message: "Enter your phone number first.".to_owned(),
            path: number_page(change, &form.next),
        });
    };
    let channel = if form.channel == "call" {
        Channel::Voice
    } else {
        phone.channel()
    };
    let own = person.has_number && !change;
    let once = FormClaim::take("resend_code", Secret::None).await?;
    let sent = once.act(async {
        let sent = sending.send(&person, &phone, channel, Asked::Again).await;
        // The phone field is on another page.
        sent.map_err(|error| {
            if own {
                error.for_own_number()
            } else {
                SendError::without_field(error)
            }
        })
    });
    sent.await?;
    if change {
        return Ok(Next::to(after(&form.next, "/account/number/code")));
    }
    Ok(Next::to(after(&form.next, "/verify/code")))
}
