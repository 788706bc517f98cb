//! The notice after voting: confirms the vote and shows the receipt once, on the first page of the
//! poll that the voter sees.

#![cfg_attr(
    feature = "ssr",
    expect(
        clippy::unused_async,
        reason = "a server function is async, though reading a cookie waits for nothing"
    )
)]

use std::sync::Arc;

use leptos::prelude::*;
use leptos::server_fn::codec::{GetUrl, Json};

use crate::polls::model::poll::Poll;
use crate::web::components::sentence::quote;
use crate::web::hypermedia::outcome::Refusal;
use crate::web::location::{Origin, encode};

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
    /// The poll.
    poll: Arc<Poll>,
    /// The receipt.
    receipt: String,
) -> impl IntoView {
    let (lookup, changeable) = (format!("{}/receipt", poll.path()), poll.changeable);
    let file = receipt_file(&poll, &receipt, &Origin::from_context().of(&lookup));
    view! {
        <div class="notice good" role="status">
            <p><strong>
                {if stands() { "Your vote is counted. The first one you sent stands." } else { "Thanks, your vote is counted." }}
            </strong></p>
            {changeable.then(|| view! { <p>"Keep your receipt: you need it to change your vote. You won't see it again."</p> })}
            <section class="receipt" aria-labelledby="receipt-heading">
                <h2 id="receipt-heading">"Your receipt"</h2>
                <p class="receipt-line">
                    <output class="receipt-code" id="receipt">{receipt}</output>
                    <button type="button" class="quiet kept" data-copy="receipt" hidden>"Copy"</button>
                    // A `data:` URL, so nothing is fetched and htmx must not handle it.
                    <a class="button quiet" href=file download="pollstr-receipt.txt" hx-boost="false">"Download"</a>
                </p>
                <p class="hint">
                    "It shows that your ballot is counted, not how you voted: " <a href=lookup>"check it"</a>
                    " any time. You won't see it again. Download it, write it down or print this page."
                </p>
            </section>
        </div>
    }
}

/// Returns the address of the file with a receipt.
fn receipt_file(poll: &Poll, receipt: &str, lookup: &str) -> String {
    let more = if poll.changeable {
        "You need it to change your vote.\n"
    } else {
        ""
    };
    let text = format!(
        "Receipt for a vote in {}\n\n{receipt}\n\nIt shows that the ballot is counted, not how you voted.\n{more}Check it at {lookup}\n",
        quote(&poll.question)
    );
    format!("data:text/plain;charset=utf-8,{}", encode(&text))
}
