//! The `<meta>` and `<link>` tags for search engines, link previews and oEmbed consumers.

use std::fmt::Write;

use html_escape::encode_double_quoted_attribute as attribute;

use crate::web::components::page::page_meta::Introduction;

/// Renders the tags that describe a page with this title.
#[must_use]
pub fn introduced(title: &str, introduction: &Introduction) -> String {
    let Introduction {
        description,
        canonical,
        picture,
        alt,
        oembed,
        listed,
    } = introduction;
    let mut head = format!(
        r#"<link rel="canonical" href="{}"/><link rel="alternate" type="application/json+oembed" href="{}" title="{}"/>"#,
        attribute(canonical),
        attribute(oembed),
        attribute(title)
    );
    let names = [
        ("description", description.as_str()),
        ("twitter:card", "summary_large_image"),
        ("robots", "noindex"),
    ];
    let properties = [
        ("og:type", "website"),
        ("og:site_name", "Pollstr"),
        ("og:title", title),
        ("og:description", description),
        ("og:url", canonical),
        ("og:image", picture),
        ("og:image:type", "image/png"),
        ("og:image:width", "1200"),
        ("og:image:height", "630"),
        ("og:image:alt", alt),
    ];
    let names = names
        .iter()
        .filter(|(name, _)| !listed || *name != "robots")
        .map(|pair| ("name", pair));
    for (kind, (name, content)) in names.chain(properties.iter().map(|pair| ("property", pair))) {
        // Writing to a `String` cannot fail.
        let _ = write!(
            head,
            r#"<meta {kind}="{name}" content="{}"/>"#,
            attribute(content)
        );
    }
    head
}

#[cfg(test)]
#[path = "meta_tags_tests.rs"]
mod tests;
