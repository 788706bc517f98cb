//! The notice after voting: confirms the vote and shows the receipt once, on the first page of the
//! poll that the voter sees.

#![cfg_attr(
    feature = "ssr",
    expect(
        clippy::unused_async,
        reason = "a server function is async, though reading a cookie waits for nothing"
    )
)]

use leptos::prelude::*;
use leptos::server_fn::codec::{GetUrl, Json};

use crate::polls::model::poll::path;
use crate::web::hypermedia::outcome::Refusal;

#[cfg(feature = "ssr")]
use {
    crate::polls::components::receipt_cookie, crate::polls::model::poll_id::is_id,
    crate::web::context::Ctx, axum::http::HeaderValue, axum::http::header::SET_COOKIE,
    axum::http::request::Parts, leptos_axum::ResponseOptions,
};

/// Returns the receipt of the vote that this browser has just cast, and clears its cookie, so that
/// it is shown only once.
#[server(endpoint = "receipt", input = GetUrl, output = Json)]
pub async fn read_receipt(id: String) -> Result<Option<String>, Refusal> {
    if !is_id(&id) {
        return Err(Refusal::NotFound);
    }
    let Some(Parts { headers, .. }) = use_context::<Parts>() else {
        return Ok(None);
    };
    let receipt = receipt_cookie::carried(&headers);
    if receipt.is_some() {
        let https = Ctx::from_context().is_https();
        for cookie in receipt_cookie::clear(&headers, &id, https) {
            if let Ok(cookie) = HeaderValue::from_str(&cookie) {
                expect_context::<ResponseOptions>().append_header(SET_COOKIE, cookie);
            }
        }
    }
    Ok(receipt.map(|receipt| receipt.grouped()))
}

/// Whether the ballot of this request's receipt had already been cast by an earlier request.
#[cfg(feature = "ssr")]
fn stands() -> bool {
    use_context::<Parts>().is_some_and(|parts| receipt_cookie::stands(&parts.headers))
}

#[cfg(not(feature = "ssr"))]
fn stands() -> bool {
    false
}

/// Confirms a vote and shows its receipt.
#[component]
pub fn ReceiptNotice(
    /// The poll's id.
    id: String,
    /// The receipt.
    receipt: String,
    /// Whether the vote can be changed with it.
    changeable: bool,
) -> impl IntoView {
    let lookup = format!("{}/receipt", path(&id));
    view! {
        <div class="notice good" role="status">
            <p><strong>
                {if stands() { "Your vote is counted. The first one you sent stands." } else { "Thanks, your vote is counted." }}
            </strong></p>
            {changeable.then(|| view! { <p>"Keep your receipt: you need it to change your vote. You won't see it again."</p> })}
            <details class="receipt">
                <summary>"Your receipt"</summary>
                <p class="receipt-line">
                    <output class="receipt-code" id="receipt">{receipt}</output>
                    <button type="button" class="quiet kept" data-copy="receipt" hidden>"Copy"</button>
                </p>
                <p class="hint">
                    "It shows that your ballot is counted, not how you voted: " <a href=lookup>"check it"</a>
                    " any time. You won't see it again. Copy it, write it down or print this page."
                </p>
            </details>
        </div>
    }
}
