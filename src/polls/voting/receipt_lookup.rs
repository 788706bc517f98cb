//! Receipt lookup: whether a ballot is counted, but not how it was cast.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::server_fn::codec::Json;
use serde::{Deserialize, Serialize};

use crate::accounts::guard::render_refusal;
use crate::polls::current_poll::{poll_id_param, read_poll};
use crate::web::components::field::Field;
use crate::web::components::form::Form;
use crate::web::components::page::layout::Page;
use crate::web::hypermedia::outcome::{Next, Refusal};

#[cfg(feature = "ssr")]
use {
    crate::polls::current_poll::load_poll, crate::polls::model::receipt::Receipt,
    crate::polls::store::votes, crate::web::context::Ctx,
};

/// The receipt form.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ReceiptForm {
    poll: String,
    receipt: String,
}

/// Checks whether a ballot with this receipt is counted.
///
/// # Errors
/// A field error if the receipt is malformed or no ballot of this poll has it.
#[server(endpoint = "check_receipt", input = Json, output = Json)]
pub async fn check_receipt(form: ReceiptForm) -> Result<Next, Refusal> {
    let poll = load_poll(&form.poll).await?.stored;
    let receipt = Receipt::parse(&form.receipt)
        .ok_or_else(|| Refusal::field("receipt", "A receipt has sixteen letters and digits."))?;
    if votes::has_receipt(Ctx::from_context().db.read(), poll.row, &receipt.hash()).await? {
        return Ok(Next::here(format!(
            "The ballot with receipt {} is counted.",
            receipt.grouped()
        )));
    }
    Err(Refusal::field(
        "receipt",
        "No ballot in this poll has that receipt. Check for a typo, or try another poll.",
    ))
}

/// The receipt lookup page.
#[component]
pub fn ReceiptPage() -> impl IntoView {
    let id = poll_id_param();
    Suspend::new(async move {
        match read_poll(id).await {
            Ok(seen) => {
                let back = seen.poll.path();
                view! {
                    <Page title="Is your vote counted?">
                        <p class="lead" dir="auto">{seen.poll.question.clone()}</p>
                        <Form action=CheckReceipt::PATH>
                            <input type="hidden" name="poll" value=seen.poll.id.clone()/>
                            <Field
                                name="receipt"
                                label="Receipt"
                                hint="The sixteen letters and digits shown after voting, such as 7K2M-9QXD-41ZB-H8WN."
                                autocomplete="off"
                                focus=true
                            />
                            <button class="primary">"Check"</button>
                        </Form>
                        <p class="hint">"A receipt shows that a ballot was counted. It doesn't show how anyone voted."</p>
                        <p><a href=back>"Back to the poll"</a></p>
                    </Page>
                }
                .into_any()
            }
            Err(refusal) => render_refusal(&refusal),
        }
    })
}
