//! Typing a phone number: the country, the number, and how it was understood.

#![cfg_attr(
    feature = "ssr",
    expect(
        clippy::unused_async,
        reason = "a server function is async, though reading a number waits for nothing"
    )
)]

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::server_fn::codec::{GetUrl, Json};
use serde::{Deserialize, Serialize};

use crate::web::components::field::{Field, Select};
use crate::web::hypermedia::outcome::Refusal;

#[cfg(feature = "ssr")]
use {
    crate::accounts::guard::require, crate::accounts::phone::sender::CodeSender,
    crate::accounts::viewer::Level, crate::verification::Channel,
    crate::verification::numbers::countries, axum::http::header::ACCEPT_LANGUAGE,
    axum::http::request::Parts,
};

/// The countries to choose from.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Countries {
    /// Each with its two letters, and its name and calling code as they are shown.
    pub list: Vec<(String, String)>,
    /// The one that is chosen at first: that of the number typed last, else a guess from the browser's languages.
    pub first: String,
}

/// Tells which countries codes are sent to.
///
/// # Errors
/// To strangers, or when the database fails.
#[server(endpoint = "countries", input = GetUrl, output = Json)]
pub async fn read_countries() -> Result<Countries, Refusal> {
    let person = require(Level::LoggedIn)?;
    let sending = expect_context::<CodeSender>();
    let languages = use_context::<Parts>().and_then(|parts| {
        Some(
            parts
                .headers
                .get(ACCEPT_LANGUAGE)?
                .to_str()
                .ok()?
                .to_owned(),
        )
    });
    let guess = || languages.as_deref().and_then(countries::guess);
    let allowed = |country: &countries::Country| sending.config.ceilings.allows(country.region);
    let first = sending
        .last_country(&person)
        .await?
        .or_else(guess)
        .filter(|country| allowed(country));
    let list = countries::all().iter().filter(|country| allowed(country));
    let list = list.map(|country| {
        (
            country.region.to_owned(),
            format!("{} +{}", country.name, country.calling_code),
        )
    });
    Ok(Countries {
        list: list.collect(),
        first: first.map_or_else(String::new, |country| country.region.to_owned()),
    })
}

/// A number as it is typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TypedNumber {
    phone: String,
    country: String,
}

/// A number as it was understood.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Understood {
    /// A sentence with the number in its usual form.
    pub shown: String,
}

/// Tells how a number is understood, and does nothing else. It is posted, so that no number stands in an address.
///
/// # Errors
/// What is wrong with the number.
#[server(endpoint = "show_number", input = Json, output = Json)]
pub async fn show_number(form: TypedNumber) -> Result<Understood, Refusal> {
    require(Level::LoggedIn)?;
    Ok(Understood {
        shown: understood(&expect_context::<CodeSender>().number(&form.phone, &form.country)?),
    })
}

/// A sentence with a number in its usual form, and how its code will travel.
#[cfg(feature = "ssr")]
pub(crate) fn understood(phone: &crate::verification::Phone) -> String {
    let number = phone.formatted().replace(' ', "\u{a0}");
    let country = phone
        .country()
        .map(|country| format!(", {}", country.name))
        .unwrap_or_default();
    match phone.channel() {
        Channel::Sms => format!("A text will go to {number}{country}."),
        Channel::Voice => {
            format!("This is a fixed line: we will call {number}{country} and read the code out.")
        }
    }
}

/// A button to see how a number is understood, for browsers without scripts; with them it is seen as one leaves the field. It stands
/// behind the button that sends, which so stays the one that the Enter key presses.
#[component]
pub fn LookFirst() -> impl IntoView {
    view! { <noscript><button class="quiet" name="look" value="yes">"Check the number first"</button></noscript> }
}

/// The fields of a number, `country` and `phone`. A number that begins with `+` or `00` needs no country.
#[component]
pub fn NumberField(
    /// What to choose from.
    countries: Countries,
    /// The number that was typed last, as it is shown.
    #[prop(optional)]
    typed: String,
) -> impl IntoView {
    view! {
        <Select name="country" label="Country" autocomplete="country" options=countries.list value=countries.first empty="Choose your country"/>
        <Field
            name="phone"
            label="Phone number"
            kind="tel"
            autocomplete="tel"
            inputmode="tel"
            value=typed
            hint="As you would dial it, or with its country code, as in +44\u{a0}7700\u{a0}900123."
            focus=true
        />
        // Filled by the script when one leaves the field.
        <p class="understood" aria-live="polite" data-ask=ShowNumber::PATH data-for="country phone"></p>
    }
}
