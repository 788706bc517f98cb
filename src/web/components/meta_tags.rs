//! The `<meta>` and `<link>` tags for search engines, link previews and oEmbed consumers.

use std::fmt::Write;

use crate::web::components::page_meta::Introduction;

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
        escape(canonical),
        escape(oembed),
        escape(title)
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
            escape(content)
        );
    }
    head
}

/// Escapes a text for a quoted attribute value.
#[must_use]
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_strangers_stay_words() {
        let introduction = Introduction {
            description: "\"><script>".to_owned(),
            canonical: "https://polls.example.org/polls/a".to_owned(),
            picture: "https://polls.example.org/polls/a/picture.png".to_owned(),
            alt: "<b>".to_owned(),
            oembed: "https://polls.example.org/oembed?url=a&format=json".to_owned(),
            listed: false,
        };
        let head = introduced("a \"b\" <c>", &introduction);
        assert!(
            !head.contains("<script>") && !head.contains("<b>") && !head.contains("<c>"),
            "{head}"
        );
        assert!(
            head.contains(r#"content="a &quot;b&quot; &lt;c&gt;""#)
                && head
                    .contains(r#"href="https://polls.example.org/oembed?url=a&amp;format=json""#)
        );
        assert!(head.contains("noindex"));
        assert!(
            !introduced(
                "a",
                &Introduction {
                    listed: true,
                    ..introduction
                }
            )
            .contains("noindex")
        );
    }
}
