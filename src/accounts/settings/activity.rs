//! Recent activity section of the account page.

use leptos::prelude::*;
use leptos::server_fn::codec::{GetUrl, Json};
use serde::{Deserialize, Serialize};

use crate::accounts::guard::render_refusal;
use crate::web::components::row::Row;
use crate::web::components::section::Section;
use crate::web::hypermedia::outcome::Refusal;
use crate::web::time::Time;

#[cfg(feature = "ssr")]
use {
    crate::accounts::audit, crate::accounts::guard::require, crate::accounts::viewer::Level,
    crate::web::context::Ctx,
};

/// Number of events shown before the list is folded.
const AT_ONCE: usize = 5;

/// An event on the account page.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Activity {
    /// When it happened, in seconds since 1970.
    pub at: i64,
    /// What happened, for the owner.
    pub words: String,
    /// The account or poll that an admin gave a reason for in `detail`; otherwise empty.
    pub about: String,
    /// More about it, such as an admin's reason; may be empty.
    pub detail: String,
    /// Browser and truncated client IP; empty if unknown.
    pub from: String,
}

/// Returns the last twenty events of the logged-in account, newest first.
#[server(endpoint = "activity", input = GetUrl, output = Json)]
pub async fn read_activity() -> Result<Vec<Activity>, Refusal> {
    let (person, db) = (require(Level::LoggedIn)?, Ctx::from_context().db);
    let from = |past: &audit::AuditEntry| {
        [&past.browser, &past.ip_prefix]
            .into_iter()
            .filter(|part| !part.is_empty())
            .cloned()
            .collect::<Vec<_>>()
    };
    let activity = |past: audit::AuditEntry| {
        let (about, detail) = past.about();
        Activity {
            at: past.at,
            words: past.title().to_owned(),
            about: about.to_owned(),
            detail: detail.to_owned(),
            from: from(&past).join(", "),
        }
    };
    Ok(audit::recent(db.read(), person.id)
        .await?
        .into_iter()
        .map(activity)
        .collect())
}

/// Renders the recent activity section.
#[component]
pub fn ActivitySection() -> impl IntoView {
    view! {
        <Section id="activity" title="Recent activity">
            <p class="hint">"The last 20 events."</p>
            {Suspend::new(async {
                match read_activity().await {
                    Ok(entries) => view! { <ActivityList entries/> }.into_any(),
                    Err(refusal) => render_refusal(&refusal),
                }
            })}
        </Section>
    }
}

#[component]
fn ActivityList(mut entries: Vec<Activity>) -> impl IntoView {
    let earlier = entries.split_off(entries.len().min(AT_ONCE));
    let items = |entries: Vec<Activity>| {
        let item = |Activity {
                        at,
                        words,
                        about,
                        detail,
                        from,
                    }| {
            let more = [about, detail].into_iter().filter(|text| !text.is_empty());
            let more = more.map(|text| view! { ": " <bdi>{text}</bdi> });
            view! {
                <Row label=view! { {words} {more.collect_view()} }>
                    <Time at/> {(!from.is_empty()).then(|| format!(" · {from}"))}
                </Row>
            }
        };
        view! { <ol class="rows">{entries.into_iter().map(item).collect_view()}</ol> }
    };
    let more = (!earlier.is_empty()).then(|| {
        view! {
            <details class="more-rows">
                <summary>"Earlier"</summary>
                {items(earlier)}
            </details>
        }
    });
    view! { {items(entries)} {more} }
}
