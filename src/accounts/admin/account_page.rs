//! Admin page for a single account.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::accounts::admin::pages::{AdminTabs, ManagedAccount, read_managed_account};
use crate::accounts::admin::suspend::{RestoreAccount, SuspendAccount};
use crate::accounts::guard::{Guard, render_refusal};
use crate::accounts::viewer::Level;
use crate::web::components::field::Field;
use crate::web::components::form::Form;
use crate::web::components::page::layout::Page;
use crate::web::components::row::Row;
use crate::web::location::{Location, encode};
use crate::web::time::Time;

/// Renders the admin page for one account.
#[component]
pub fn AdminAccountPage() -> impl IntoView {
    view! { <Guard level=Level::Admin><AccountLoader/></Guard> }
}

#[component]
pub(crate) fn AccountLoader() -> impl IntoView {
    let name = Location::from_context().segment_after("accounts");
    Suspend::new(async move {
        match read_managed_account(name).await {
            Ok(account) => view! { <AccountDetails account/> }.into_any(),
            Err(refusal) => render_refusal(&refusal),
        }
    })
}

#[component]
pub(crate) fn AccountDetails(account: ManagedAccount) -> impl IntoView {
    let name = account.username.clone();
    let polls = format!("/admin?q={}", encode(&name));
    let restore = {
        let username = name.clone();
        view! {
            <Form action=RestoreAccount::PATH class="inline">
                <input type="hidden" name="username" value=username/>
                <button class="small">"Lift suspension"</button>
            </Form>
        }
    };
    let suspended = account.suspended.map(|reason| {
        view! { <Row label="Suspended" action=Some(restore.into_any())>"Reason shown to the owner: " <q dir="auto">{reason}</q></Row> }
    });
    let username = name.clone();
    let suspend = match suspended {
        Some(_) => None,
        None if account.admin => Some(view! { <p class="hint">"Admin accounts can only be suspended from the command line."</p> }.into_any()),
        None => Some(view! {
            <Form action=SuspendAccount::PATH>
                <input type="hidden" name="username" value=username/>
                <p>"They are logged out and can't log in. Their votes and polls stay."</p>
                <Field name="reason" label="Reason" hint="Shown to them at their next login. Say how to resolve it."/>
                <button class="danger">"Suspend"</button>
            </Form>
        }.into_any()),
    };
    view! {
        <Page title=name>
            <AdminTabs here=""/>
            <ul class="rows">
                <Row label="Joined"><Time at=account.created_at/></Row>
                <Row label="Phone number">{if account.verified { "Verified" } else { "None" }}</Row>
                <Row label="Role">{if account.admin { "Admin" } else { "Member" }}</Row>
                <Row label="Polls"><a href=polls>"This account's polls"</a></Row>
                {suspended}
            </ul>
            {suspend}
        </Page>
    }
}
