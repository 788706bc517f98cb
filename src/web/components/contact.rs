//! The site admin's contact, linked from every message that mentions them.

use leptos::prelude::*;

/// How messages refer to the admin.
const ADMIN: &str = "site's admin";

/// The admin's mail address or contact page, if configured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contact(pub Option<String>);

impl Contact {
    fn now() -> Option<String> {
        use_context::<Self>().and_then(|contact| contact.0)
    }
}

/// Renders a message with each "site's admin" as a contact link.
#[component]
pub fn MessageText(
    /// The message.
    #[prop(into)]
    words: String,
) -> impl IntoView {
    let Some(link) = Contact::now().filter(|_| words.contains(ADMIN)) else {
        return words.into_any();
    };
    let parts: Vec<String> = words.split(ADMIN).map(ToOwned::to_owned).collect();
    let parts = parts.into_iter().enumerate().map(|(at, part)| {
        let link = link.clone();
        view! { {(at > 0).then(|| view! { <a href=link>{ADMIN}</a> })} {part} }
    });
    parts.collect_view().into_any()
}

/// The contact line in the footer.
#[component]
pub fn ContactLine() -> impl IntoView {
    Contact::now().map(|link| {
        let shown = link.strip_prefix("mailto:").unwrap_or(&link).to_owned();
        view! { <p>"Need help? Contact the site's admin: " <a href=link>{shown}</a></p> }
    })
}
