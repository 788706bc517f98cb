//! What the owner of an account must be told: it stays at the top of the account until it was read.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::server_fn::codec::{GetUrl, Json};
use serde::{Deserialize, Serialize};

use crate::accounts::guard::turn_away;
use crate::web::components::contact::Told;
use crate::web::components::form::Form;
use crate::web::hypermedia::outcome::{Next, Refusal};
use crate::web::time::Time;

#[cfg(feature = "ssr")]
use {
    crate::accounts::audit,
    crate::accounts::guard::{require, require_owner},
    crate::accounts::viewer::Level,
    crate::web::context::Ctx,
};

/// Something to be told.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NoticeState {
    /// By which it is marked as read.
    pub id: i64,
    /// When it happened, in seconds since 1970.
    pub at: i64,
    /// What to tell.
    pub words: String,
}

/// Tells what was not read yet, the newest first.
///
/// # Errors
/// To strangers, or when the database fails.
#[server(endpoint = "notices", input = GetUrl, output = Json)]
pub async fn read_notices() -> Result<Vec<NoticeState>, Refusal> {
    let (person, db) = (require(Level::LoggedIn)?, Ctx::from_context().db);
    let state = |past: audit::AuditEntry| {
        let words = past.what()?.notice()?.to_owned();
        Some(NoticeState {
            id: past.id,
            at: past.at,
            words,
        })
    };
    Ok(audit::unread_notices(db.read(), person.id)
        .await?
        .into_iter()
        .filter_map(state)
        .collect())
}

/// Up to which notice all were read.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DismissNoticesForm {
    newest: String,
}

/// Puts away the notices that were shown; a newer one stays.
///
/// # Errors
/// To strangers, or when the database fails.
#[server(endpoint = "dismiss_notices", input = Json, output = Json)]
pub async fn dismiss_notices(form: DismissNoticesForm) -> Result<Next, Refusal> {
    let (person, db) = (require_owner()?, Ctx::from_context().db);
    let shown = audit::unread_notices(db.write(), person.id)
        .await?
        .into_iter()
        .map(|past| past.id);
    // Only one that is this account's own: no other number says which were read.
    if let Some(newest) = shown.filter(|id| form.newest == id.to_string()).max() {
        audit::read_notices(db.write(), person.id, newest).await?;
    }
    Ok(Next::to("/account"))
}

/// What was not read yet; nothing where there is nothing.
#[component]
pub fn Notices() -> impl IntoView {
    Suspend::new(async {
        match read_notices().await {
            Ok(notices) if notices.is_empty() => ().into_any(),
            Ok(notices) => view! { <NoticeList notices/> }.into_any(),
            Err(refusal) => turn_away(&refusal),
        }
    })
}

#[component]
fn NoticeList(notices: Vec<NoticeState>) -> impl IntoView {
    let newest = notices.first().map(|notice| notice.id);
    let items = notices.into_iter().map(|NoticeState { at, words, .. }| {
        view! { <p><Told words/> " " <span class="hint"><Time at/></span></p> }
    });
    view! {
        <section class="notice notices" aria-label="To read">
            {items.collect_view()}
            <Form action=DismissNotices::PATH class="inline">
                <input type="hidden" name="newest" value=newest/>
                <button class="small">"I have read this"</button>
            </Form>
        </section>
    }
}
