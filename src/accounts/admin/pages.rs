//! Admin list of accounts, and the components shared by all admin pages.

use leptos::either::Either;
use leptos::prelude::*;
use leptos::server_fn::codec::{GetUrl, Json};
use serde::{Deserialize, Serialize};

use crate::accounts::guard::{Guard, render_refusal};
use crate::accounts::viewer::Level;
use crate::web::components::page::layout::Page;
use crate::web::components::row::Row;
use crate::web::hypermedia::outcome::Refusal;
use crate::web::location::{Location, encode};
use crate::web::time::Time;

#[cfg(feature = "ssr")]
use {
    crate::accounts::guard::require, crate::accounts::store, crate::accounts::store::AccountSearch,
    crate::web::context::Ctx, crate::web::pagination::cut,
};

/// Accounts per page.
#[cfg(feature = "ssr")]
const PAGE: usize = 50;

/// An account as shown to admins.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ManagedAccount {
    /// Username.
    pub username: String,
    /// When it was created, in seconds since 1970.
    pub created_at: i64,
    /// Whether it has a verified number.
    #[serde(rename = "proved")]
    pub verified: bool,
    /// Whether it is an admin.
    pub admin: bool,
    /// Reason for the suspension, if it is suspended.
    pub suspended: Option<String>,
}

/// One page of the list of accounts.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ManagedAccounts {
    /// Accounts, newest first.
    pub accounts: Vec<ManagedAccount>,
    /// Value of `page` for the next page; `None` on the last page.
    pub next_page: Option<String>,
}

#[cfg(feature = "ssr")]
impl From<crate::accounts::store::account::Model> for ManagedAccount {
    fn from(account: crate::accounts::store::account::Model) -> Self {
        Self {
            admin: account.role == crate::accounts::store::ADMIN,
            username: account.username,
            created_at: account.created_at,
            verified: account.number_mac.is_some(),
            suspended: account.suspended_reason,
        }
    }
}

/// Lists the accounts whose names begin with `q`, newest first. Admins only.
#[server(endpoint = "watched_accounts", input = GetUrl, output = Json)]
pub async fn read_managed_accounts(
    q: Option<String>,
    page: Option<String>,
) -> Result<ManagedAccounts, Refusal> {
    require(Level::Admin)?;
    let (db, search) = (
        Ctx::from_context().db,
        q.unwrap_or_default().replace('\0', ""),
    );
    let before = page.and_then(|page| page.parse().ok());
    let wanted = AccountSearch {
        beginning: search.trim(),
        suspended: false,
        before,
        limit: PAGE as u64 + 1,
    };
    let mut found = store::search(db.read(), wanted).await?;
    let next_page = cut(&mut found, PAGE, |account| account.id);
    Ok(ManagedAccounts {
        accounts: found.into_iter().map(ManagedAccount::from).collect(),
        next_page,
    })
}

/// Returns the account with this name. Admins only.
#[server(endpoint = "watched_account", input = GetUrl, output = Json)]
pub async fn read_managed_account(name: Option<String>) -> Result<ManagedAccount, Refusal> {
    require(Level::Admin)?;
    let name = name.unwrap_or_default().replace('\0', "");
    let account = store::find_by_name(Ctx::from_context().db.read(), &name).await?;
    account.map(ManagedAccount::from).ok_or(Refusal::NotFound)
}

/// Returns the path of an account's admin page.
#[must_use]
pub fn account_path(name: &str) -> String {
    format!("/admin/accounts/{}", encode(name).replace('/', "%2F"))
}

/// Whether the provider refuses to send codes, about which the admin pages show a warning.
#[derive(Clone, Copy, Debug, Default)]
pub struct SendingRefused(pub bool);

/// Renders the tabs of the admin pages, with a warning if the provider refuses to send codes.
#[component]
pub fn AdminTabs(
    /// Path of the current page.
    here: &'static str,
) -> impl IntoView {
    let tab = |path: &'static str, words: &'static str| view! { <a href=path aria-current=(path == here).then_some("page")>{words}</a> };
    let refused = use_context::<SendingRefused>().unwrap_or_default().0;
    view! {
        <nav class="tabs" aria-label="Admin">{tab("/admin", "Polls")} {tab("/admin/accounts", "Accounts")}</nav>
        {refused.then(|| view! {
            <p class="notice bad">"Codes can't be sent: the verification provider is refusing this site. To see why, run " <code>"pollstr check"</code> "."</p>
        })}
    }
}

/// Renders a searchable, paginated list as an admin page.
#[component]
pub fn AdminList(
    /// Heading of the page.
    title: &'static str,
    /// Path of the page.
    here: &'static str,
    /// Label of the search field.
    search: &'static str,
    /// Search term.
    q: String,
    /// What comes before the list.
    #[prop(default = None)]
    top: Option<AnyView>,
    /// Rows to list.
    rows: Vec<AnyView>,
    /// Text shown if nothing was found.
    none: &'static str,
    /// Value of `page` for the next page, if any.
    next_page: Option<String>,
    /// Label of the link to the next page.
    older: &'static str,
) -> impl IntoView {
    let more = next_page.map(|page| format!("{here}?page={page}&q={}", encode(&q)));
    view! {
        <Page title=title class="wide">
            <AdminTabs here/>
            {top}
            <form method="get" role="search" class="search">
                <label for="q">{search}</label>
                <input id="q" name="q" type="search" value=q autocomplete="off"/>
                <button>"Search"</button>
            </form>
            {if rows.is_empty() {
                Either::Left(view! { <p class="lead">{none}</p> })
            } else {
                Either::Right(view! { <ul class="rows">{rows.collect_view()}</ul> })
            }}
            {more.map(|more| view! { <nav class="pager" aria-label="Pages"><a class="button" href=more rel="next">{older}</a></nav> })}
        </Page>
    }
}

/// Renders the admin page that lists accounts.
#[component]
pub fn AdminAccountsPage() -> impl IntoView {
    view! { <Guard level=Level::Admin><Watched/></Guard> }
}

#[component]
fn Watched() -> impl IntoView {
    let here = Location::from_context();
    let (q, page) = (
        here.query("q").map(str::to_owned),
        here.query("page").map(str::to_owned),
    );
    Suspend::new(async move {
        match read_managed_accounts(q.clone(), page).await {
            Ok(found) => view! { <AccountList found q=q.unwrap_or_default()/> }.into_any(),
            Err(refusal) => render_refusal(&refusal),
        }
    })
}

#[component]
fn AccountList(found: ManagedAccounts, q: String) -> impl IntoView {
    let row = |account: ManagedAccount| {
        let link = view! { <a href=account_path(&account.username) dir="auto">{account.username.clone()}</a> };
        view! { <Row label=link><AccountMeta account/></Row> }.into_any()
    };
    view! {
        <AdminList
            title="Accounts (admin)"
            here="/admin/accounts"
            search="Username starts with"
            q
            rows=found.accounts.into_iter().map(row).collect()
            none="No accounts found."
            next_page=found.next_page
            older="Older accounts"
        />
    }
}

#[component]
pub(super) fn AccountMeta(account: ManagedAccount) -> impl IntoView {
    view! {
        <p class="meta">
            <span>"Joined " <Time at=account.created_at/> {if account.verified { ", number verified" } else { ", no number" }}</span>
            {account.admin.then(|| view! { <span class="badge">"Admin"</span> })}
            {account.suspended.is_some().then(|| view! { <span class="badge closed">"Suspended"</span> })}
        </p>
    }
}
