//! Every limit at its boundary, and polls per day.

use futures::future::join_all;
use serde_json::json;

use crate::polls::create::{NUMBER, faults, make, with};
use crate::support::app::Site;

#[tokio::test]
async fn every_limit_holds_at_its_edge_and_is_told_at_its_field() {
    let site = Site::new().await;
    let olga = site.verified("olga", NUMBER).await;
    let dogs = |count| "🐕".repeat(count);
    let many = |count: usize| {
        (1..=count)
            .map(|n| format!("Choice {n}"))
            .collect::<Vec<_>>()
    };
    for right in [
        json!({ "question": dogs(200) }),
        json!({ "question": "  Tea \n or\tcoffee?  " }),
        json!({ "description": "d".repeat(2_000) }),
        json!({ "choice": [dogs(200), "b"] }),
        json!({ "choice": many(50) }),
        json!({ "choice": ["", "Tea", " ", "Coffee", "\u{200b}"] }),
        json!({ "kind": "multiple", "choice": many(5), "most": "5" }),
        json!({ "kind": "multiple", "most": 2 }),
        json!({ "kind": "multiple" }),
        json!({ "closes": "2026-11-24T06:00:01", "zone": "UTC" }),
        json!({ "opens": "2026-11-24T06:00", "zone": "UTC" }),
        json!({ "countries": ["+1", "+7 +44"] }),
    ] {
        make(&olga, right).await;
    }
    for (wrong, field, words) in [
        (json!({ "question": "" }), "question", "Enter a question."),
        (
            json!({ "question": "\u{200b} " }),
            "question",
            "Enter a question.",
        ),
        (
            json!({ "question": dogs(201) }),
            "question",
            "Use at most 200 characters. This has 201.",
        ),
        (
            json!({ "question": "a\u{7}b" }),
            "question",
            "This contains a character we can't show. Retype it.",
        ),
        (
            json!({ "description": "d".repeat(2_001) }),
            "description",
            "Use at most 2000 characters. This has 2001.",
        ),
        (
            json!({ "choice": ["Tea", dogs(201)] }),
            "choice_2",
            "Use at most 200 characters. This has 201.",
        ),
        (
            json!({ "choice": "Tea" }),
            "choice",
            "Add at least two choices.",
        ),
        (
            json!({ "choice": [] }),
            "choice",
            "Add at least two choices.",
        ),
        (
            json!({ "choice": many(51) }),
            "choice",
            "A poll can have up to 50 choices.",
        ),
        (
            json!({ "choice": ["Tea", "Coffee", "tEA"] }),
            "choice_3",
            "This is the same as choice 1. Change or remove one.",
        ),
        (
            json!({ "choice": ["Café au lait", "x", "cafe\u{301}  AU LAIT"] }),
            "choice_3",
            "This is the same as choice 1. Change or remove one.",
        ),
        (
            json!({ "choice": ["ﬁne", "fine"] }),
            "choice_2",
            "This is the same as choice 1. Change or remove one.",
        ),
        (
            json!({ "choice": ["Yes", "Yes\u{200b}"] }),
            "choice_2",
            "This is the same as choice 1. Change or remove one.",
        ),
        (
            json!({ "kind": "dictated" }),
            "kind",
            "Choose one of these.",
        ),
        (
            json!({ "kind": "multiple", "most": 1 }),
            "most",
            "Enter 2 (the number of choices).",
        ),
        (
            json!({ "kind": "multiple", "most": 3 }),
            "most",
            "Enter 2 (the number of choices).",
        ),
        (
            json!({ "results": "never" }),
            "results",
            "Choose one of these.",
        ),
        (
            json!({ "listed": "perhaps" }),
            "listed",
            "Choose one of these.",
        ),
        (
            json!({ "zone": "Europe/Nowhere" }),
            "zone",
            "We don't know this time zone. Enter a city in it, such as Berlin or New York.",
        ),
        (
            json!({ "opens": "2026-11-24T05:59" }),
            "opens",
            "This time has passed. Choose a later one, or leave empty to open right away.",
        ),
        (
            json!({ "closes": "2026-11-24T06:00" }),
            "closes",
            "This time has passed. Choose a later one.",
        ),
        (
            json!({ "opens": "2026-11-25T10:00", "closes": "2026-11-25T10:00" }),
            "closes",
            "A poll can't close before it opens. Choose a later time.",
        ),
        (
            json!({ "closes": "soon" }),
            "closes",
            "Enter a date and time, such as 2026-11-24T18:30.",
        ),
        (
            json!({ "opens": "2027-03-28T02:30", "zone": "Europe/Berlin" }),
            "opens",
            "In Europe/Berlin the clocks go forward that day, so this time doesn't exist. Choose an earlier or later one.",
        ),
        (
            json!({ "countries": "+44 +999" }),
            "countries",
            "+999 isn't a country code. Enter codes such as +44 +49.",
        ),
    ] {
        let faults = faults(&olga.call("create_poll", with(wrong.clone())).await);
        assert_eq!(faults, json!({ field: words }), "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_forty_polls_made_at_once_thirty_are_made_and_the_next_a_day_later() {
    for site in Site::on_each_database().await {
        let olga = site.verified("olga", NUMBER).await;
        let answers = join_all((0..40).map(|_| olga.call("create_poll", with(json!({}))))).await;
        let count = |status| {
            answers
                .iter()
                .filter(|answer| answer.status == status)
                .count()
        };
        assert_eq!((count(200), count(429)), (30, 10));
        assert_eq!(
            site.count("SELECT COUNT(*) FROM poll WHERE owner_id IS NOT NULL")
                .await,
            30
        );
        olga.fill(
            "/polls/new",
            "Create poll",
            &[
                ("question", "One more?"),
                ("choice", "Yes"),
                ("choice", "No"),
            ],
        )
        .await
        .says(429, "One more?");
        site.clock.advance(24 * 3_600 - 1);
        assert_eq!(olga.call("create_poll", with(json!({}))).await.status, 429);
        site.clock.advance(1);
        // The session ends after about a day; this is the same person again.
        let olga = site.verified("olga2", "+447700900125").await;
        make(&olga, json!({})).await;
    }
}

#[tokio::test]
async fn an_account_makes_as_many_polls_a_day_as_the_settings_say() {
    let site = Site::with(&[("POLLSTR_DAILY_POLLS", "2")]).await;
    let olga = site.verified("olga", NUMBER).await;
    for _ in 0..2 {
        make(&olga, json!({})).await;
    }
    olga.call("create_poll", with(json!({})))
        .await
        .says(429, "You've created a lot of polls today.");
}
