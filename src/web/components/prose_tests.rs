//! Unit tests of `prose`.

use super::*;

fn links(text: &str) -> Vec<&str> {
    let pieces = pieces(text);
    let whole: String = pieces
        .iter()
        .map(|(Piece::Words(part) | Piece::Link(part))| *part)
        .collect();
    assert_eq!(whole, text);
    pieces
        .into_iter()
        .filter_map(|piece| {
            if let Piece::Link(link) = piece {
                Some(link)
            } else {
                None
            }
        })
        .collect()
}

#[test]
fn addresses_become_links_and_the_sentence_around_them_does_not() {
    assert_eq!(
        links("See https://example.org/a?b=c#d, or (http://example.org)."),
        ["https://example.org/a?b=c#d", "http://example.org"]
    );
    assert_eq!(
        links("https://en.wikipedia.org/wiki/Dog_(zodiac)!"),
        ["https://en.wikipedia.org/wiki/Dog_(zodiac)"]
    );
    assert_eq!(
        links("<https://example.org>\nhttps://例え.jp/道"),
        ["https://example.org", "https://例え.jp/道"]
    );
    assert!(links("No links here: example.org, mailto:a@example.org").is_empty());
    assert!(links("").is_empty());
}

#[test]
fn what_might_lead_elsewhere_than_it_says_is_no_link() {
    for text in [
        "javascript:alert(1)",
        "data:text/html,x",
        "javascript://example.org/%0aalert(1)",
        "http://",
        "https://.",
        "https:///example.org",
        "https://bank.example@evil.example",
        "https://bank.example:pass@evil.example/",
        "https://example.org/\u{202e}gro.live",
        "https://exam\u{200b}ple.org",
        "xhttps://example.org",
    ] {
        assert!(links(text).is_empty(), "{text}");
    }
}

#[test]
fn nothing_that_is_written_is_ever_html() {
    let html = view! { <Prose text="<script>https://example.org/'\"><b>"/> }.to_html();
    assert!(
        html.contains("&lt;script&gt;") && !html.contains("<script>") && !html.contains("<b>"),
        "{html}"
    );
    assert!(
        html.contains("rel=\"nofollow noopener noreferrer ugc\""),
        "{html}"
    );
}
