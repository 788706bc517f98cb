//! The part of a form in which the browser asks for a passkey.

use leptos::prelude::*;

/// What a passkey is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// To be made.
    Create,
    /// To show that it is there.
    Get,
}

impl Ask {
    /// As the browser's own function is called.
    fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Get => "get",
        }
    }

    /// The fields that the script fills in with what the browser answers.
    fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Create => &[
                "credential",
                "client_data",
                "authenticator_data",
                "public_key",
                "attestation",
            ],
            Self::Get => &[
                "credential",
                "client_data",
                "authenticator_data",
                "signature",
            ],
        }
    }
}

/// Hidden until the script has found that the browser knows passkeys; until then a sentence stands there that says what it takes.
/// When the form is sent, the script asks the browser first, and sends the form with the answer.
#[component]
pub fn AskPasskey(
    /// What for.
    ask: Ask,
    /// What the browser is asked, in JSON.
    question: String,
    /// What is seen of it, with the button.
    children: Children,
) -> impl IntoView {
    let fields = ask
        .fields()
        .iter()
        .map(|name| view! { <input type="hidden" name=*name value=""/> });
    view! {
        <div class="passkey kept" hidden data-passkey=ask.word() data-question=question>
            {fields.collect_view()}
            {children()}
            <p class="hint" role="status"></p>
        </div>
        <p class="hint">"Passkeys need JavaScript, and a browser that knows them."</p>
    }
}
