//! Phone number field: the country, the number, and a preview of how it is read.

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
    crate::verification::numbers::countries, crate::verification::numbers::countries::Country,
    axum::http::header::ACCEPT_LANGUAGE, axum::http::request::Parts,
};

/// Countries for the select field.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Countries {
    /// Two-letter code, and displayed name with calling code.
    pub list: Vec<(String, String)>,
    /// The preselected country: that of the last number typed, else guessed from the browser's
    /// languages.
    pub first: String,
}

/// Returns the countries that codes are sent to.
///
/// # Errors
/// If not logged in.
#[server(endpoint = "countries", input = GetUrl, output = Json)]
pub async fn read_countries() -> Result<Countries, Refusal> {
    let person = require(Level::LoggedIn)?;
    let sending = CodeSender::from_context();
    let last = sending.last_country(&person).await?;
    Ok(list_countries(last, |country| {
        sending.config.ceilings.allows(country.region)
    }))
}

/// Returns the countries that `allowed` accepts, with `first` preselected, else the one guessed from
/// the browser's languages.
#[cfg(feature = "ssr")]
pub(crate) fn list_countries(
    first: Option<&'static Country>,
    allowed: impl Fn(&Country) -> bool,
) -> Countries {
    let guess = || {
        let parts = use_context::<Parts>()?;
        countries::guess(parts.headers.get(ACCEPT_LANGUAGE)?.to_str().ok()?)
    };
    let first = first.or_else(guess).filter(|country| allowed(country));
    let list = countries::all().iter().filter(|country| allowed(country));
    let list = list.map(|country| (country.region.to_owned(), country.name.to_owned()));
    Countries {
        list: list.collect(),
        first: first.map_or_else(String::new, |country| country.region.to_owned()),
    }
}

/// A number as typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TypedNumber {
    phone: String,
    country: String,
}

/// A number as it was read.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NumberPreview {
    /// A sentence with the formatted number.
    pub shown: String,
}

/// Returns how a number is read, without side effects. It is a POST so that no number appears in a
/// URL.
///
/// # Errors
/// If the number is invalid.
#[server(endpoint = "show_number", input = Json, output = Json)]
pub async fn show_number(form: TypedNumber) -> Result<NumberPreview, Refusal> {
    require(Level::LoggedIn)?;
    Ok(NumberPreview {
        shown: number_preview(&CodeSender::from_context().number(&form.phone, &form.country)?),
    })
}

/// Returns a sentence with the formatted number and how its code will be sent.
#[cfg(feature = "ssr")]
pub(crate) fn number_preview(phone: &crate::verification::Phone) -> String {
    let number = phone.formatted().replace(' ', "\u{a0}");
    let country = phone
        .country()
        .map(|country| format!(", {}", country.name))
        .unwrap_or_default();
    match phone.channel() {
        Channel::Sms => format!("We'll text {number}{country}."),
        Channel::Voice => {
            format!("That's a landline, so we'll call {number}{country}.")
        }
    }
}

/// A button to preview the number in browsers without scripts; with scripts the preview appears
/// when the field loses focus. It comes after the submit button, so that Enter still triggers that
/// one.
#[component]
pub fn PreviewButton() -> impl IntoView {
    view! { <noscript><button class="quiet" name="look" value="yes">"Check the number first"</button></noscript> }
}

/// The `country` and `phone` fields. A number that begins with `+` or `00` needs no country.
#[component]
pub fn NumberField(
    /// The countries to choose from.
    countries: Countries,
    /// The last number typed, formatted.
    #[prop(optional)]
    typed: String,
    /// Whether the number is the point of the page: its field gets the focus, and a preview.
    #[prop(default = true)]
    main: bool,
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
            hint="With or without the country code, such as +44\u{a0}7700\u{a0}900123."
            focus=main
        />
        // Filled by the script when the field loses focus.
        {main.then(|| view! { <p class="understood" aria-live="polite" data-ask=ShowNumber::PATH data-for="country phone"></p> })}
    }
}
