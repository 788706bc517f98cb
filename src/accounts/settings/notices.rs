//! Notices for the account's owner, shown at the top of the account page until dismissed.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::server_fn::codec::{GetUrl, Json};
use serde::{Deserialize, Serialize};

use crate::accounts::guard::render_refusal;
use crate::web::components::contact::MessageText;
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

/// An unread notice.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NoticeState {
    /// Id of the audit event, for marking it as read.
    pub id: i64,
    /// When it happened, in seconds since 1970.
    pub at: i64,
    /// Text of the notice.
    pub words: String,
}

/// Returns the unread notices of the logged-in account, newest first.
#[server(endpoint = "notices", input = GetUrl, output = Json)]
pub async fn read_notices() -> Result<Vec<NoticeState>, Refusal> {
    let (person, db) = (require(Level::LoggedIn)?, Ctx::from_context().db);
    let state = |entry: audit::AuditEntry| {
        let words = entry.what()?.notice()?.to_owned();
        Some(NoticeState {
            id: entry.id,
            at: entry.at,
            words,
        })
    };
    Ok(audit::unread_notices(db.read(), person.id)
        .await?
        .into_iter()
        .filter_map(state)
        .collect())
}

/// Form with the newest notice to mark as read.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DismissNoticesForm {
    newest: String,
}

/// Marks the notices that were shown as read; newer ones stay unread.
#[server(endpoint = "dismiss_notices", input = Json, output = Json)]
pub async fn dismiss_notices(form: DismissNoticesForm) -> Result<Next, Refusal> {
    let (person, db) = (require_owner()?, Ctx::from_context().db);
    let unread = audit::unread_notices(db.write(), person.id).await?;
    let shown = unread.into_iter().map(|notice| notice.id);
    // Only accepts the id of one of this account's own unread notices.
    if let Some(newest) = shown.filter(|id| form.newest == id.to_string()).max() {
        audit::mark_notices_read(db.write(), person.id, newest).await?;
    }
    Ok(Next::to("/account"))
}

/// Renders the unread notices, if any.
#[component]
pub fn Notices() -> impl IntoView {
    Suspend::new(async {
        match read_notices().await {
            Ok(notices) if notices.is_empty() => ().into_any(),
            Ok(notices) => view! { <NoticeList notices/> }.into_any(),
            Err(refusal) => render_refusal(&refusal),
        }
    })
}

#[component]
fn NoticeList(notices: Vec<NoticeState>) -> impl IntoView {
    let newest = notices.first().map(|notice| notice.id);
    let items = notices.into_iter().map(|NoticeState { at, words, .. }| {
        view! { <p><MessageText words/> " " <span class="hint"><Time at/></span></p> }
    });
    view! {
        <section class="notice notices" aria-label="Security notices">
            {items.collect_view()}
            <Form action=DismissNotices::PATH class="inline">
                <input type="hidden" name="newest" value=newest/>
                <button class="small">"Got it"</button>
            </Form>
        </section>
    }
}
