//! Reads elements of a page by CSS selectors.

use scraper::{ElementRef, Html, Selector};

/// Calls `read` on every element that `css` selects.
fn select<T>(html: &str, css: &str, read: impl Fn(ElementRef<'_>) -> T) -> Vec<T> {
    let selector = Selector::parse(css).unwrap();
    let page = Html::parse_document(html);
    page.select(&selector).map(read).collect()
}

/// The text of every selected element.
pub(crate) fn texts(html: &str, css: &str) -> Vec<String> {
    select(html, css, |element| element.text().collect())
}

/// The text of the first selected element.
pub(crate) fn text(html: &str, css: &str) -> String {
    let texts = texts(html, css);
    texts
        .into_iter()
        .next()
        .unwrap_or_else(|| panic!("no {css}: {html}"))
}

/// An attribute of every selected element that has it.
pub(crate) fn attributes(html: &str, css: &str, name: &str) -> Vec<String> {
    let values = select(html, css, |element| {
        element.attr(name).map(ToOwned::to_owned)
    });
    values.into_iter().flatten().collect()
}

/// An attribute of the first selected element that has it.
pub(crate) fn attribute(html: &str, css: &str, name: &str) -> Option<String> {
    attributes(html, css, name).into_iter().next()
}

/// Whether each element that `css` selects also matches `which`.
pub(crate) fn are(html: &str, css: &str, which: &str) -> Vec<bool> {
    let which = Selector::parse(which).unwrap();
    select(html, css, |element| which.matches(&element))
}

/// The hidden fields of the form with this button.
pub(crate) fn hidden_fields(html: &str, button: &str) -> Option<Vec<(String, String)>> {
    let parse = |css| Selector::parse(css).unwrap();
    let (form, buttons, hidden) = (
        parse("form[method=post]"),
        parse("button"),
        parse("input[type=hidden]"),
    );
    let page = Html::parse_document(html);
    let form = page.select(&form).find(|form| {
        form.select(&buttons)
            .any(|element| element.inner_html() == button)
    })?;
    let attribute = |input: ElementRef<'_>, name| input.attr(name).unwrap_or_default().to_owned();
    let fields = form
        .select(&hidden)
        .map(|input| (attribute(input, "name"), attribute(input, "value")));
    Some(fields.collect())
}
