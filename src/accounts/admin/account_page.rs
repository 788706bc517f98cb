//! Admin page for a single account.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::accounts::admin::pages::{AccountMeta, AdminTabs, ManagedAccount, read_managed_account};
use crate::accounts::admin::suspend::{RestoreAccount, SuspendAccount};
use crate::accounts::guard::{Guard, render_refusal};
use crate::accounts::viewer::Level;
use crate::web::components::field::Field;
use crate::web::components::form::Form;
use crate::web::components::page::layout::Page;
use crate::web::location::{Location, encode};

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
    view! {
        <Page title=name.clone()>
            <AdminTabs here=""/>
            <AccountMeta account=account.clone()/>
            <p><a href=polls>"This account's polls"</a></p>
            {match account.suspended {
                Some(reason) => view! {
                    <p class="notice">"Suspended. Reason shown to the owner: " <q dir="auto">{reason}</q></p>
                    <Form action=RestoreAccount::PATH class="inline">
                        <input type="hidden" name="username" value=name/>
                        <button>"Lift suspension"</button>
                    </Form>
                }.into_any(),
                None if account.admin => view! { <p class="lead">"Admin accounts can only be suspended from the command line."</p> }.into_any(),
                None => view! {
                    <Form action=SuspendAccount::PATH>
                        <input type="hidden" name="username" value=name/>
                        <p>"They are logged out and can't log in. Their votes and polls stay."</p>
                        <Field name="reason" label="Reason" hint="Shown to them at their next login. Say how to resolve it."/>
                        <button class="danger">"Suspend"</button>
                    </Form>
                }.into_any(),
            }}
        </Page>
    }
}
