//! The meta tags by which a link to a poll is previewed elsewhere.

use crate::polls::model::poll::Poll;
use crate::web::components::page_meta::{Introduction, PageMeta};
use crate::web::location::{Origin, encode};

/// How long a description may be where links are shown.
pub(crate) const DESCRIPTION: usize = 200;

/// The address of a poll's picture.
#[must_use]
pub fn picture_path(id: &str) -> String {
    format!("/polls/{id}/picture.png")
}

/// Introduces a poll wherever its address is passed on: its words and its picture, and never a count.
pub fn introduce(poll: &Poll) {
    let origin = Origin::from_context();
    let canonical = origin.of(&poll.path());
    PageMeta::from_context().introduce(Introduction {
        description: description(poll),
        picture: origin.of(&picture_path(&poll.id)),
        alt: poll.question.clone(),
        oembed: format!(
            "{}?url={}&format=json",
            origin.of("/oembed"),
            encode(&canonical)
        ),
        canonical,
        listed: poll.listed,
    });
}

/// A poll in a sentence or two: in its own words, or by what can be chosen.
pub(crate) fn description(poll: &Poll) -> String {
    let own = poll
        .description
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    let words = if own.is_empty() {
        poll.choices
            .iter()
            .map(|choice| choice.text.as_str())
            .collect::<Vec<_>>()
            .join(" · ")
    } else {
        own
    };
    match words.char_indices().nth(DESCRIPTION) {
        Some((end, _)) => format!("{}…", words[..end].trim_end()),
        None => words,
    }
}
