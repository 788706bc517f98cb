//! Whom people ask for help: the site's admin, as a link where the site has said how to reach them.

use leptos::prelude::*;

/// What the admin is called in every sentence.
const ADMIN: &str = "site's admin";

/// Where the link leads: a mail address or a page. `None` where the site has not said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contact(pub Option<String>);

impl Contact {
    fn now() -> Option<String> {
        use_context::<Self>().and_then(|contact| contact.0)
    }
}

/// A sentence in which each "site's admin" is a link to them.
#[component]
pub fn Told(
    /// The sentence.
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

/// The line at the foot of each page.
#[component]
pub fn ContactLine() -> impl IntoView {
    Contact::now().map(|link| {
        let shown = link.strip_prefix("mailto:").unwrap_or(&link).to_owned();
        view! { <p>"Need help? Contact the site's admin: " <a href=link>{shown}</a></p> }
    })
}
