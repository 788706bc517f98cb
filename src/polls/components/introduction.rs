//! Meta tags for link previews of a poll.

use crate::polls::model::poll::Poll;
use crate::web::components::page::page_meta::{Introduction, PageMeta};
use crate::web::location::{Origin, encode};

/// Maximum length of a preview description, in characters.
pub(crate) const DESCRIPTION: usize = 200;

/// The path of a poll's preview image.
#[must_use]
pub fn picture_path(id: &str) -> String {
    format!("/polls/{id}/picture.png")
}

/// The path of a poll's result card.
#[must_use]
pub fn card_path(id: &str) -> String {
    format!("/polls/{id}/result.png")
}

/// Sets the meta tags of a poll: its text and preview image, but never a count.
pub fn set_poll_meta(poll: &Poll) {
    introduce(poll, &picture_path(&poll.id), poll.question.clone());
}

/// Sets the meta tags of a sealed poll's results: its text and its result card, which says this
/// verdict.
pub fn set_result_meta(poll: &Poll, verdict: String) {
    introduce(poll, &card_path(&poll.id), verdict);
}

fn introduce(poll: &Poll, picture: &str, alt: String) {
    let origin = Origin::from_context();
    let canonical = origin.of(&poll.path());
    PageMeta::from_context().introduce(Introduction {
        description: description(poll),
        picture: origin.of(picture),
        alt,
        oembed: format!(
            "{}?url={}&format=json",
            origin.of("/oembed"),
            encode(&canonical)
        ),
        canonical,
        listed: poll.listed,
    });
}

/// Returns the poll's description, or its choices if it has none.
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
