//! The page that offers recovery codes after a code was right, until the account has some or its
//! owner presses "Not now".
//!
//! It holds up no voter: on the way to a poll the offer waits for a later login. It isn't made right
//! after the vote either: the answer is stored with its time, which would tell when the account
//! voted. The account page leads to recovery codes at any time.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::server_fn::codec::{GetUrl, Json};
use serde::{Deserialize, Serialize};

use crate::accounts::factors::recovery::generate::MakeRecoveryCodes;
use crate::accounts::guard::{Guard, render_refusal};
use crate::accounts::viewer::Level;
use crate::web::components::form::{Form, NextField, next_or_home};
use crate::web::components::page::layout::Page;
use crate::web::components::page::page_meta::{Instead, PageMeta};
use crate::web::hypermedia::outcome::{Next, Refusal};
use crate::web::location::Location;

#[cfg(feature = "ssr")]
use {
    crate::accounts::audit::ClientInfo, crate::accounts::factors::recovery::codes,
    crate::accounts::guard::require, crate::platform::db::Db, crate::web::components::form::after,
    crate::web::context::Ctx,
};

/// Path of the page.
#[cfg(feature = "ssr")]
const PAGE: &str = "/account/recovery/offer";

/// Returns where an account goes once its code was right: to `next`, which may be the home page, by
/// way of the offer if it is made.
#[cfg(feature = "ssr")]
pub async fn before(next: &str, db: &Db, account: Option<i64>) -> String {
    let next = next_or_home(Some(next));
    let path = next.split('?').next().unwrap_or_default();
    let account =
        account.filter(|_| !path.starts_with("/polls/") && !path.starts_with(codes::PAGE));
    let offered = match account {
        // The code was right, whether or not this can be read.
        Some(account) => codes::are_offered(db.read(), account)
            .await
            .unwrap_or(false),
        None => false,
    };
    if offered { after(&next, PAGE) } else { next }
}

/// Returns whether recovery codes are offered to the viewer.
///
/// # Errors
/// If not verified.
#[server(endpoint = "recovery_offer", input = GetUrl, output = Json)]
pub async fn read_recovery_offer() -> Result<bool, Refusal> {
    let (person, db) = (require(Level::Verified)?, Ctx::from_context().db);
    Ok(codes::are_offered(db.read(), person.id).await?)
}

/// Form of [`put_off_recovery_codes`].
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PutOffRecoveryCodesForm {
    next: String,
}

/// Remembers that the owner doesn't want recovery codes now, and goes on.
///
/// # Errors
/// If not verified.
#[server(endpoint = "put_off_recovery_codes", input = Json, output = Json)]
pub async fn put_off_recovery_codes(form: PutOffRecoveryCodesForm) -> Result<Next, Refusal> {
    let (person, ctx) = (require(Level::Verified)?, Ctx::from_context());
    let client_info = ClientInfo::from_context();
    codes::put_off(&ctx.db, person.id, &client_info, ctx.now()).await?;
    Ok(Next::to(next_or_home(Some(&form.next))))
}

/// Renders the offer, or goes on if it isn't made.
#[component]
pub fn RecoveryOfferPage() -> impl IntoView {
    view! { <Guard level=Level::Verified><OfferOrNext/></Guard> }
}

#[component]
fn OfferOrNext() -> impl IntoView {
    Suspend::new(async {
        match read_recovery_offer().await {
            Ok(true) => view! { <RecoveryOffer/> }.into_any(),
            Ok(false) => {
                let next = next_or_home(Location::from_context().query("next"));
                PageMeta::from_context().instead(Instead::Path(next));
                ().into_any()
            }
            Err(refusal) => render_refusal(&refusal),
        }
    })
}

/// The offer and its two answers.
#[component]
pub fn RecoveryOffer() -> impl IntoView {
    view! {
        <Page title="In case you lose your phone">
            <p class="lead">"Recovery codes let you back into your account without it. Print them or save them now: it takes a minute."</p>
            <Form action=MakeRecoveryCodes::PATH>
                <NextField/>
                <button class="primary">"Create recovery codes"</button>
            </Form>
            <Form action=PutOffRecoveryCodes::PATH class="inline">
                <NextField/>
                <button class="quiet">"Not now"</button>
            </Form>
            <p class="hint">"You can create them later in your account."</p>
        </Page>
    }
}
