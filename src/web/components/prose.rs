//! User-written text: escaped, with its URLs turned into links.
//!
//! A link begins with `http://` or `https://`, and its text is the URL itself. A URL that could
//! look like another one, by a user name before an `@` or by characters that change the text
//! direction, is not linked.

use leptos::either::Either;
use leptos::prelude::*;
use linkify::{LinkFinder, LinkKind};

/// Renders a text with its line breaks and links, in its own writing direction.
#[component]
pub fn Prose(
    /// The text.
    #[prop(into)]
    text: String,
    /// The CSS class.
    #[prop(default = "description")]
    class: &'static str,
) -> impl IntoView {
    let parts = pieces(&text).into_iter().map(|piece| match piece {
        Piece::Words(words) => Either::Left(words.to_owned()),
        Piece::Link(address) => Either::Right(view! {
            <a href=address.to_owned() rel="nofollow noopener noreferrer ugc">{address.to_owned()}</a>
        }),
    });
    view! { <p class=class dir="auto">{parts.collect_view()}</p> }
}

/// Part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece<'a> {
    Words(&'a str),
    Link(&'a str),
}

/// Splits a text into words and links. Joined, the pieces are the text again.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let (mut pieces, mut words) = (Vec::new(), 0);
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url]);
    for link in finder.links(text) {
        if is_unambiguous_url(link.as_str(), &text[link.end()..]) {
            let between = &text[words..link.start()];
            pieces.extend((!between.is_empty()).then_some(Piece::Words(between)));
            pieces.push(Piece::Link(&text[link.start()..link.end()]));
            words = link.end();
        }
    }
    pieces.extend((words < text.len()).then(|| Piece::Words(&text[words..])));
    pieces
}

/// Returns whether a URL leads where it seems to. `after` is the text after it, which an invisible
/// character may only seem to separate from it.
fn is_unambiguous_url(url: &str, after: &str) -> bool {
    let schemes = ["http://", "https://"];
    let Some(rest) = schemes.iter().find_map(|scheme| url.strip_prefix(scheme)) else {
        return false;
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    host.starts_with(|c: char| c.is_alphanumeric())
        && !host.contains('@')
        && !url.contains(is_deceptive_char)
        && !after.starts_with(|c| c == '@' || is_deceptive_char(c))
}

/// Returns whether a character is invisible or changes the direction of the text after it.
fn is_deceptive_char(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
#[path = "prose_tests.rs"]
mod tests;
