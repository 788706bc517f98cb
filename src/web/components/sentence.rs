//! Sentences of ours that quote what people typed. A quoted text has its own direction, so that one
//! from right to left doesn't turn the sentence around.

use leptos::either::Either;
use leptos::prelude::*;

/// Begins and ends a text whose direction is its own (Unicode's FSI and PDI).
const ISOLATE: [char; 2] = ['\u{2068}', '\u{2069}'];

/// Quotes a text inside a plain sentence.
#[must_use]
pub fn quote(text: &str) -> String {
    format!("“{}”", isolate(text))
}

/// Gives a text inside a plain sentence a direction of its own.
#[must_use]
pub fn isolate(text: &str) -> String {
    let [begin, end] = ISOLATE;
    format!("{begin}{}{end}", text.replace(ISOLATE, ""))
}

/// Quotes and joins texts: `“A”, “B” and “C”`.
#[must_use]
pub fn quote_all(texts: &[&str]) -> String {
    let quoted: Vec<String> = texts.iter().map(|text| quote(text)).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}

/// Renders a sentence, with each quoted text in a `bdi`.
#[component]
pub fn Sentence(
    /// The sentence, in which texts are quoted by [`quote`].
    #[prop(into)]
    words: String,
) -> impl IntoView {
    let parts = words.split(ISOLATE).enumerate().map(|(index, part)| {
        let part = part.to_owned();
        if index % 2 == 0 {
            Either::Left(part)
        } else {
            Either::Right(view! { <bdi>{part}</bdi> })
        }
    });
    parts.collect_view()
}

#[cfg(test)]
#[path = "sentence_tests.rs"]
mod tests;
