//! Practice ballots.

use crate::support::app::Site;
use crate::support::html;
use crate::voting::can_i_vote::{PAGE, rows};

#[tokio::test]
async fn a_practice_ballot_of_each_kind_says_what_would_have_counted_and_counts_nothing() {
    for site in Site::on_each_database().await {
        let (stranger, before) = (site.visitor(), rows(&site).await);
        let tries = async |kind: &str, fields: &[(&str, &str)]| {
            let page = format!("{PAGE}?ballot={kind}");
            stranger.fill(&page, "Try this ballot", fields).await
        };
        for (kind, fields, counted) in [
            ("one", vec![("choice", "1")], "“A ball”"),
            (
                "several",
                vec![("choice", "4"), ("choice", "2")],
                "“A blanket” and “Water”",
            ),
            (
                "ranked",
                vec![("place_3", "1"), ("place_1", "2"), ("place_2", "")],
                "1. “Biscuits”, 2. “A ball”",
            ),
            (
                "rated",
                vec![("rate_1", "5"), ("rate_4", "0")],
                "“A ball” 5, “A blanket” 0, “Biscuits” 0, “Water” 0",
            ),
        ] {
            let page = tries(kind, &fields).await;
            let answer = html::text(&page.body, "#practice [role=alert]");
            let answer = answer.replace(['\u{2068}', '\u{2069}'], "");
            assert_eq!(
                answer,
                format!("Your practice ballot: {counted}. Nothing was stored.")
            );
            assert_eq!(page.status, 200);
            let here = html::text(&page.body, ".tabs [aria-current]").to_lowercase();
            assert!(here.starts_with(kind), "{here}");
        }
        for (kind, fields, why) in [
            ("one", vec![], "You didn't select a choice."),
            (
                "one",
                vec![("choice", "5")],
                "That choice isn't in this poll.",
            ),
            (
                "several",
                vec![("choice", "1"), ("choice", "2"), ("choice", "3")],
                "Select at most 2 choices.",
            ),
            (
                "ranked",
                vec![("place_3", "1"), ("place_1", "1")],
                "Two choices have the same rank. Give each its own:",
            ),
            ("rated", vec![], "You didn't rate a choice."),
            ("rated", vec![("rate_2", "6")], "Give this choice 0 to 5."),
        ] {
            tries(kind, &fields).await.says(422, why);
        }
        assert_eq!(rows(&site).await, before);
    }
}
