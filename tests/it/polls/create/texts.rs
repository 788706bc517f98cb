//! Texts that would read as another, or show nothing.

use serde_json::json;

use crate::polls::create::{NUMBER, faults, made, make, stored, with};
use crate::support::app::Site;

#[tokio::test]
async fn no_character_turns_the_direction_of_a_text() {
    let site = Site::new().await;
    let olga = site.verified("olga", NUMBER).await;
    let path = make(
        &olga,
        json!({
            "question": "\u{202e}?oN ro seY\u{202c}",
            "description": "\u{2067}One.\u{2069}\nTwo.",
            "choice": ["No", "\u{202e}oN", "Yes"],
            "results": "always",
        }),
    )
    .await;
    let poll = stored(&site, &path).await.poll;
    let texts: Vec<_> = poll.choices.iter().map(|choice| &*choice.text).collect();
    assert_eq!(
        (&*poll.question, &*poll.description, &*texts),
        ("?oN ro seY", "One.\nTwo.", &["No", "oN", "Yes"][..])
    );
    for page in ["", "/results", "/results.csv", "/embed", "/vote"] {
        let page = olga.get(&format!("{path}{page}")).await;
        assert!(
            !page.body.contains(['\u{202e}', '\u{202c}', '\u{2067}']),
            "{}",
            page.body
        );
    }
}

#[tokio::test]
async fn choices_that_look_the_same_or_like_nothing_are_refused() {
    let site = Site::new().await;
    let olga = site.verified("olga", NUMBER).await;
    for same in [["Tea", "Tea\u{3164}"], ["Straße", "STRASSE"]] {
        let refused = olga
            .call("create_poll", with(json!({ "choice": same })))
            .await;
        assert_eq!(
            faults(&refused)["choice_2"],
            "This is the same as choice 1. Change or remove one."
        );
    }
    for nothing in ["\u{2800}", "\u{3164}", "\u{202e}"] {
        let refused = olga
            .call("create_poll", with(json!({ "choice": ["Tea", nothing] })))
            .await;
        assert_eq!(faults(&refused)["choice"], "Add at least two choices.");
        let refused = olga
            .call("create_poll", with(json!({ "question": nothing })))
            .await;
        assert_eq!(faults(&refused)["question"], "Enter a question.");
    }
    // Joiners and variation selectors are part of how some words and emoji are written.
    let kept = ["می\u{200c}خواهم", "👩\u{200d}🔬", "☎\u{fe0f}"];
    let path = made(
        &olga
            .call("create_poll", with(json!({ "choice": kept })))
            .await,
    );
    let poll = stored(&site, &path).await.poll;
    assert!(poll.choices.iter().map(|choice| &*choice.text).eq(kept));
}
