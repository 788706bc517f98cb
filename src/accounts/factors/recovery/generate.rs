//! Recovery codes page, which shows new codes once, and the server functions behind it.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::server_fn::codec::{GetUrl, Json};
use serde::{Deserialize, Serialize};

use crate::accounts::guard::render_refusal;
use crate::web::components::form::{Form, NextField, next_or};
use crate::web::components::page::layout::Page;
use crate::web::hypermedia::outcome::{Next, Refusal};
use crate::web::location::{Location, encode};

#[cfg(feature = "ssr")]
use {
    crate::accounts::audit::ClientInfo, crate::accounts::factors::recovery::codes,
    crate::accounts::guard::require_verified_owner, crate::accounts::sessions::sent_form::Secret,
    crate::accounts::sessions::sent_forms::FormClaim, crate::web::components::form::after,
    crate::web::context::Ctx, axum::http::HeaderValue, axum::http::header::SET_COOKIE,
    axum::http::request::Parts, leptos_axum::ResponseOptions,
};

/// State of the recovery codes page.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct RecoveryState {
    /// Username of the account.
    pub username: String,
    /// Number of unused codes.
    pub left: i64,
    /// New codes, which are shown only once.
    pub fresh: Vec<String>,
}

/// Returns the number of unused codes, and any new codes from the cookie, which it clears. Requires
/// a verified session and a recently typed password.
#[server(endpoint = "recovery", input = GetUrl, output = Json)]
pub async fn read_recovery() -> Result<RecoveryState, Refusal> {
    let (person, db) = (require_verified_owner()?, Ctx::from_context().db);
    let carried = use_context::<Parts>()
        .map(|parts| codes::carried(&parts.headers))
        .unwrap_or_default();
    if !carried.is_empty() {
        let https = Ctx::from_context().is_https();
        if let Ok(cookie) = HeaderValue::from_str(&codes::clear(https)) {
            expect_context::<ResponseOptions>().append_header(SET_COOKIE, cookie);
        }
    }
    let left = codes::left(db.read(), person.id).await?;
    let fresh = codes::good(db.read(), person.id, carried).await?;
    Ok(RecoveryState {
        username: person.username,
        left,
        fresh: fresh
            .iter()
            .map(crate::platform::base32::Base32::grouped)
            .collect(),
    })
}

/// Form of [`make_recovery_codes`].
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MakeRecoveryCodesForm {
    /// Where to go once the codes are saved; the account page if empty.
    next: String,
}

/// Replaces the account's recovery codes with ten new ones, which a cookie carries to the page.
/// Requires a verified session and a recently typed password.
#[server(endpoint = "make_recovery_codes", input = Json, output = Json)]
pub async fn make_recovery_codes(form: MakeRecoveryCodesForm) -> Result<Next, Refusal> {
    let (person, db, now) = (
        require_verified_owner()?,
        Ctx::from_context().db,
        Ctx::from_context().now(),
    );
    let once = FormClaim::take("make_recovery_codes", Secret::None).await?;
    let codes = codes::of(once.form());
    once.act(async {
        Ok(codes::make(&db, person.id, &codes, &ClientInfo::from_context(), now).await?)
    })
    .await?;
    let https = Ctx::from_context().is_https();
    if let Ok(cookie) = HeaderValue::from_str(&codes::cookie(&codes, https)) {
        expect_context::<ResponseOptions>().append_header(SET_COOKIE, cookie);
    }
    Ok(Next::to(after(&form.next, codes::PAGE)))
}

/// Renders the recovery codes page.
#[component]
pub fn RecoveryPage() -> impl IntoView {
    Suspend::new(async {
        match read_recovery().await {
            Ok(RecoveryState { fresh, left, .. }) if fresh.is_empty() => {
                view! { <CodesLeft left/> }.into_any()
            }
            Ok(RecoveryState {
                fresh, username, ..
            }) => view! { <FreshCodes codes=fresh username/> }.into_any(),
            Err(refusal) => render_refusal(&refusal),
        }
    })
}

#[component]
fn CodesLeft(left: i64) -> impl IntoView {
    view! {
        <Page title="Recovery codes">
            <p class="lead">"Ten codes for when you lose your phone. Use one to set up a new number or app."</p>
            <p>{match left {
                0 => "You have none.".to_owned(),
                1 => "You have 1 left.".to_owned(),
                left => format!("You have {left} left."),
            }}</p>
            <Form action=MakeRecoveryCodes::PATH>
                <NextField/>
                {(left > 0).then(|| view! { <p>"New codes replace the old ones."</p> })}
                <button class="primary">"Create new codes"</button>
            </Form>
            <p><a href="/account">"Back to your account"</a></p>
        </Page>
    }
}

#[component]
fn FreshCodes(codes: Vec<String>, username: String) -> impl IntoView {
    let text = format!(
        // The name has a line and so a direction of its own.
        "Recovery codes for Pollstr, for the account\n{username}\nEach works once.\n\n{}\n",
        codes.join("\n")
    );
    let file = format!("data:text/plain;charset=utf-8,{}", encode(&text));
    let lines = codes.join("\n");
    let next = next_or(
        Location::from_context().query("next").unwrap_or_default(),
        "/account",
    );
    view! {
        <Page title="Your recovery codes">
            <p class="lead">"Print or save them now. You won't see them again."</p>
            <pre class="codes" id="codes">{lines}</pre>
            <p class="actions">
                // A `data:` URL, so nothing is fetched and htmx must not handle it.
                <a class="button" href=file download="pollstr-recovery-codes.txt" hx-boost="false">"Save as a file"</a>
                <button type="button" class="kept" hidden data-copy="codes">"Copy"</button>
                <a class="button primary" href=next>"I've saved them"</a>
            </p>
            <p class="hint">"Keep them somewhere safe, not only on your phone. Each works once."</p>
        </Page>
    }
}
