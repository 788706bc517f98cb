//! Form fields through which the page's script asks the browser for a passkey.

use leptos::prelude::*;

/// WebAuthn operation to ask the browser for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Create a passkey.
    Create,
    /// Get an assertion from an existing passkey.
    Get,
}

impl Ask {
    /// Returns the name of the method of `navigator.credentials`.
    fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Get => "get",
        }
    }

    /// Returns the hidden fields that the script fills in with the browser's response.
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

/// Renders the passkey part of a form. It stays hidden until the script finds that the browser
/// supports passkeys; until then, a hint says what is needed. When the form is submitted, the
/// script first asks the browser, then sends the form with its response.
#[component]
pub fn PasskeyPrompt(
    /// Operation to ask for.
    ask: Ask,
    /// WebAuthn options, as JSON.
    question: String,
    /// Visible content, including the button.
    children: Children,
) -> impl IntoView {
    let fields = ask
        .fields()
        .iter()
        .map(|name| view! { <input type="hidden" name=*name value=""/> });
    view! {
        <div class="passkey kept" hidden data-passkey=ask.as_str() data-question=question>
            {fields.collect_view()}
            {children()}
            <p class="hint" role="status"></p>
        </div>
        <p class="hint">"Passkeys need JavaScript and a recent browser."</p>
    }
}
