//! Trusted browsers section of the account page, and forgetting trusted browsers.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::server_fn::codec::{GetUrl, Json};
use serde::{Deserialize, Serialize};

use crate::accounts::guard::render_refusal;
use crate::web::components::form::Form;
use crate::web::components::row::Row;
use crate::web::components::section::Section;
use crate::web::hypermedia::outcome::{Next, Refusal};
use crate::web::time::Time;

#[cfg(feature = "ssr")]
use {
    crate::accounts::audit,
    crate::accounts::audit::{AuditEvent, AuditKind, ClientInfo},
    crate::accounts::guard::{require, require_owner},
    crate::accounts::sessions::current::CurrentSession,
    crate::accounts::sessions::flash::Flash,
    crate::accounts::sessions::trusted_browsers,
    crate::accounts::viewer::Level,
    crate::web::context::Ctx,
};

/// A trusted browser.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TrustedBrowsersState {
    /// Identifies the browser on the page and in [`ForgetBrowserForm`]; it can't be used to log in.
    pub handle: String,
    /// Short name of the browser.
    pub browser: String,
    /// When it was trusted, in seconds since 1970.
    pub since: i64,
    /// When the trust expires, in seconds since 1970.
    pub until: i64,
    /// When it was last used, in seconds since 1970.
    pub used_at: i64,
}

/// Lists the trusted browsers of the logged-in account.
#[server(endpoint = "remembered_browsers", input = GetUrl, output = Json)]
pub async fn read_trusted_browsers() -> Result<Vec<TrustedBrowsersState>, Refusal> {
    let (person, db, now) = (
        require(Level::LoggedIn)?,
        Ctx::from_context().db,
        Ctx::from_context().now(),
    );
    let state = |row: trusted_browsers::TrustedBrowser| TrustedBrowsersState {
        handle: row.handle(),
        since: row.created_at,
        until: row.created_at + trusted_browsers::LIFE,
        used_at: row.used_at,
        browser: row.browser,
    };
    Ok(trusted_browsers::list(db.read(), person.id, now)
        .await?
        .into_iter()
        .map(state)
        .collect())
}

/// Form with the handle of the browser to forget.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ForgetBrowserForm {
    browser: String,
}

/// Forgets a trusted browser: its next login takes a code again.
#[server(endpoint = "forget_browser", input = Json, output = Json)]
pub async fn forget_browser(form: ForgetBrowserForm) -> Result<Next, Refusal> {
    let (person, client_info) = (require_owner()?, ClientInfo::from_context());
    let (session, db, now) = (
        CurrentSession::from_context()?,
        Ctx::from_context().db,
        Ctx::from_context().now(),
    );
    let known = trusted_browsers::list(db.write(), person.id, now).await?;
    if let Some(browser) = known
        .iter()
        .find(|browser| browser.handle() == form.browser)
    {
        trusted_browsers::forget_one(db.write(), person.id, browser).await?;
        audit::record(
            db.write(),
            AuditEvent {
                detail: &browser.browser,
                ..AuditEvent::of(person.id, AuditKind::BrowserForgotten)
            },
            &client_info,
            now,
        )
        .await?;
    }
    // A browser that was forgotten in the meantime gets the same message.
    session.say(Flash::BrowserForgotten).await?;
    Ok(Next::to("/account"))
}

/// Empty form of [`forget_browsers`].
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ForgetBrowsersForm {}

/// Forgets all trusted browsers.
#[server(endpoint = "forget_browsers", input = Json, output = Json)]
pub async fn forget_browsers(form: ForgetBrowsersForm) -> Result<Next, Refusal> {
    let ForgetBrowsersForm {} = form;
    let (person, client_info) = (require_owner()?, ClientInfo::from_context());
    let (session, db, now) = (
        CurrentSession::from_context()?,
        Ctx::from_context().db,
        Ctx::from_context().now(),
    );
    trusted_browsers::forget_all(db.write(), person.id).await?;
    audit::record(
        db.write(),
        AuditEvent::of(person.id, AuditKind::BrowsersForgotten),
        &client_info,
        now,
    )
    .await?;
    session.say(Flash::BrowsersForgotten).await?;
    Ok(Next::to("/account"))
}

/// Renders the trusted browsers section.
#[component]
pub fn TrustedBrowsersSection() -> impl IntoView {
    view! {
        <Section id="remembered" title="Remembered browsers">
            <p class="hint">"These browsers only ask for your password, for 30 days."</p>
            {Suspend::new(async {
                match read_trusted_browsers().await {
                    Ok(browsers) if browsers.is_empty() => view! { <p>"None yet. Tick \"Remember this browser\" when you enter a code."</p> }.into_any(),
                    Ok(browsers) => view! { <BrowserList browsers/> }.into_any(),
                    Err(refusal) => render_refusal(&refusal),
                }
            })}
        </Section>
    }
}

#[component]
fn BrowserList(browsers: Vec<TrustedBrowsersState>) -> impl IntoView {
    let several = browsers.len() > 1;
    let items = browsers.into_iter().map(|state| {
        let TrustedBrowsersState { handle, browser, since, until, used_at } = state;
        let name = browser.clone();
        let action = view! {
            <Form action=ForgetBrowser::PATH class="inline">
                <input type="hidden" name="browser" value=handle/>
                <button class="quiet">"Forget"<span class="visually-hidden">": " {name}</span></button>
            </Form>
        };
        view! {
            <Row label=browser action=Some(action.into_any())>
                "Until " <Time at=until/> " · " {if used_at > since { view! { "last used " <Time at=used_at/> }.into_any() } else { "not used yet".into_any() }}
            </Row>
        }
    });
    view! {
        <ul class="rows">{items.collect_view()}</ul>
        {several.then(|| view! { <Form action=ForgetBrowsers::PATH class="inline"><button>"Forget all browsers"</button></Form> })}
    }
}
