//! Creating polls: every limit at its boundary, and what a refused form keeps.

use futures::future::join_all;
use pollstr::polls::model::poll::Kind;
use pollstr::polls::store::polls;
use serde_json::{Value, json};

use crate::support::app::{START_TIME, Site};
use crate::support::browser::{Page, Person};
use crate::support::html;

pub(crate) const NUMBER: &str = "+447700900123";

/// Returns the new poll's path from a JSON response.
pub(crate) fn made(page: &Page) -> String {
    assert_eq!(page.status, 200, "{}", page.body);
    let next: Value = serde_json::from_str(&page.body).unwrap();
    next["next"].as_str().unwrap().to_owned()
}

pub(crate) fn id(path: &str) -> String {
    path.split('/').nth(2).unwrap().to_owned()
}

/// Returns the messages per field of a refused call.
pub(crate) fn faults(page: &Page) -> Value {
    assert_eq!(page.status, 422, "{}", page.body);
    serde_json::from_str::<Value>(&page.body).unwrap()["fields"].clone()
}

/// Creates a poll with a question, two choices and these fields.
pub(crate) async fn make(person: &Person, more: Value) -> String {
    made(&person.call("create_poll", with(more)).await)
}

pub(crate) fn with(more: Value) -> Value {
    let mut poll = json!({ "question": "Tea or coffee?", "choice": ["Tea", "Coffee"] });
    poll.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    poll
}

pub(crate) async fn run(person: &Person, function: &str, path: &str) -> Page {
    person.call(function, json!({ "poll": id(path) })).await
}

pub(crate) async fn stored(site: &Site, path: &str) -> polls::StoredPoll {
    polls::find(site.state.db.read(), &id(path), site.clock.now())
        .await
        .unwrap()
        .unwrap()
}

#[tokio::test]
async fn a_question_and_two_choices_make_a_poll_that_is_open_and_listed() {
    for site in Site::on_each_database().await {
        let olga = site.verified("olga", NUMBER).await;
        let page = olga
            .fill(
                "/polls/new",
                "Create poll",
                &[
                    ("question", "Tea or coffee?"),
                    ("choice", "Tea"),
                    ("choice", "Coffee"),
                ],
            )
            .await;
        let path = page.header("location").to_owned();
        assert_eq!(
            (page.status.as_u16(), path.starts_with("/polls/")),
            (303, true),
            "{}",
            page.body
        );
        let by_call = make(&olga, json!({})).await;
        for path in [&path, &by_call] {
            site.visitor().get(path).await.says(200, "Tea or coffee?");
            site.visitor().get("/").await.says(200, path);
            let poll = stored(&site, path).await.poll;
            let words = serde_json::to_value(&poll).unwrap();
            assert_eq!(
                (&words["kind"], &words["results"], &words["state"]),
                (&json!("single"), &json!("after_vote"), &json!("open"))
            );
            assert_eq!(
                (poll.opens_at, poll.closes_at, poll.listed),
                (START_TIME, None, true)
            );
            assert_eq!(
                (
                    poll.changeable,
                    poll.shuffled,
                    poll.rankings,
                    poll.countries.len()
                ),
                (false, false, false, 0)
            );
        }
        olga.fill(&format!("{path}/vote"), "Vote", &[("choice", "1")])
            .await
            .goes_to(&format!("{path}/results"));
    }
}

#[tokio::test]
async fn everything_that_can_be_said_of_a_poll_is_kept() {
    for site in Site::on_each_database().await {
        let olga = site.verified("olga", NUMBER).await;
        let said = json!({
            "description": "All day.\nhttps://example.org/tea", "kind": "ranked", "rankings": "yes", "results": "after_close",
            "zone": "Europe/Berlin", "opens": "2026-11-25T08:00", "closes": "2026-11-26T20:00", "listed": "no", "changeable": "yes",
            "shuffled": true, "countries": "+49, 0044",
        });
        let path = make(&olga, said).await;
        let polls::StoredPoll { poll, owner, .. } = stored(&site, &path).await;
        assert!(
            owner.is_some() && !poll.listed && poll.changeable && poll.shuffled && poll.rankings
        );
        assert_eq!(
            (poll.zone.as_str(), poll.opens_at, poll.closes_at),
            ("Europe/Berlin", 1_795_590_000, Some(1_795_719_600))
        );
        assert_eq!(
            (poll.countries, poll.description.as_str()),
            (
                vec!["44".to_owned(), "49".to_owned()],
                "All day.\nhttps://example.org/tea"
            )
        );
        olga.get(&path).await.says(
            200,
            "<a href=\"https://example.org/tea\" rel=\"nofollow noopener noreferrer ugc\">",
        );
        let form = olga.get(&format!("{path}/edit")).await;
        for shown in [
            "value=\"2026-11-25T08:00\"",
            "value=\"2026-11-26T20:00\"",
            "value=\"+44 +49\"",
            "value=\"Coffee\"",
        ] {
            form.says(200, shown);
        }
    }
}

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
            "That time zone doesn't exist. Choose one from the list.",
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

#[tokio::test]
async fn where_a_clock_shows_a_time_twice_the_poll_is_open_for_longer() {
    let site = Site::new().await;
    let olga = site.verified("olga", NUMBER).await;
    let times = json!({ "zone": "Europe/Berlin", "opens": "2027-10-31T02:30", "closes": "2027-10-31T02:30" });
    let poll = stored(&site, &make(&olga, times).await).await.poll;
    assert_eq!(poll.closes_at.unwrap() - poll.opens_at, 3_600);
}

#[tokio::test]
async fn a_form_that_is_refused_or_changed_comes_back_with_everything_that_was_typed() {
    let site = Site::new().await;
    let olga = site.verified("olga", NUMBER).await;
    let typed = [
        ("question", "Tea & \"coffee\"?"),
        ("description", "</textarea><b>"),
        ("choice", "Tea"),
        ("choice", "tea"),
        ("choice", "Water"),
        ("kind", "multiple"),
        ("most", "2"),
        ("opens", "2026-12-01T10:00"),
        ("closes", "2026-12-02T10:00"),
        ("zone", "Asia/Tokyo"),
        ("results", "after_close"),
        ("listed", "no"),
        ("shuffled", "yes"),
        ("countries", "+44"),
    ];
    let kept = [
        "value=\"Tea &amp; &quot;coffee&quot;?\"",
        "&lt;/textarea&gt;&lt;b&gt;",
        "value=\"multiple\" checked",
        "value=\"2026-12-01T10:00\"",
        "value=\"2026-12-02T10:00\"",
        "value=\"Asia/Tokyo\" selected",
        "value=\"after_close\" checked",
        "value=\"no\" checked",
        "value=\"+44\"",
    ];
    let refused = olga.fill("/polls/new", "Create poll", &typed).await;
    refused.says(422, "This is the same as choice 1.");
    refused.says(422, "id=\"choice-2-error\"");
    let mut change = typed.to_vec();
    change.push(("change", "down 1"));
    let changed = olga.fill("/polls/new", "Create poll", &change).await;
    assert!(!changed.body.contains("class=\"error\""));
    assert_eq!(changed.header("hx-push-url"), "false");
    for (page, status) in [(refused, 422), (changed, 200)] {
        for kept in kept {
            page.says(status, kept);
        }
        let choices: Vec<_> = html::attributes(&page.body, "input[name=choice]", "value");
        assert_eq!(
            choices,
            if status == 422 {
                ["Tea", "tea", "Water"]
            } else {
                ["tea", "Tea", "Water"]
            }
        );
    }
    assert_eq!(
        site.count("SELECT COUNT(*) FROM poll WHERE owner_id IS NOT NULL")
            .await,
        0
    );
}

#[tokio::test]
async fn a_draft_is_its_owners_alone_until_it_is_opened() {
    for site in Site::on_each_database().await {
        let (olga, paul) = (
            site.verified("olga", NUMBER).await,
            site.verified("paul", "+447700900124").await,
        );
        let path = make(
            &olga,
            json!({ "save": "draft", "choice": "Tea", "closes": "2020-01-01T00:00" }),
        )
        .await;
        paul.get(&path).await.says(404, "Page not found");
        paul.get(&format!("{path}/vote"))
            .await
            .says(404, "Page not found");
        assert!(!site.visitor().get("/").await.body.contains(&path));
        olga.get("/account/polls").await.says(200, &path);
        olga.get(&path)
            .await
            .says(200, "This is a draft. Only you can see it.");
        olga.get(&format!("{path}/vote"))
            .await
            .says(200, "This is a preview");
        assert_eq!(
            olga.call("cast_vote", json!({ "poll": id(&path), "choice": "1" }))
                .await
                .status,
            404
        );
        run(&olga, "open_poll", &path)
            .await
            .says(422, "needs more choices");
        let edit = |more| {
            let (olga, mut form) = (olga.clone(), with(more));
            form["poll"] = json!(id(&path));
            async move { olga.call("edit_poll", form).await }
        };
        made(&edit(json!({ "save": "draft", "closes": "2020-01-01T00:00" })).await);
        run(&olga, "open_poll", &path)
            .await
            .says(422, "This poll's closing time has passed.");
        made(&edit(json!({ "save": "draft" })).await);
        made(&run(&olga, "open_poll", &path).await);
        paul.get(&path).await.says(200, "Tea or coffee?");
        assert_eq!(stored(&site, &path).await.poll.opens_at, START_TIME);
        run(&olga, "open_poll", &path)
            .await
            .says(422, "This poll has already opened.");
    }
}

#[tokio::test]
async fn what_is_not_as_usual_stays_unfolded_when_a_button_changes_the_choices() {
    let site = Site::new().await;
    let olga = site.verified("olga", NUMBER).await;
    let unfolded = |page: &Page| html::are(&page.body, "details.more", "[open]");
    let usual = [
        ("opens", ""),
        ("closes", ""),
        ("zone", "UTC"),
        ("results", "after_vote"),
        ("listed", "yes"),
        ("countries", ""),
    ];
    let page = olga
        .fill(
            "/polls/new",
            "Create poll",
            &[&usual[..], &[("change", "add")]].concat(),
        )
        .await;
    assert_eq!(unfolded(&page), [false; 4]);
    for (name, value, section) in [
        ("opens", "2027-01-01T10:00", 0),
        ("closes", "2027-01-01T10:00", 0),
        ("results", "always", 1),
        ("results", "after_close", 1),
        ("listed", "no", 2),
        ("countries", "+44", 2),
        ("changeable", "yes", 3),
        ("shuffled", "yes", 3),
    ] {
        let others = usual.iter().copied().filter(|(other, _)| *other != name);
        let form: Vec<(&str, &str)> = others.chain([(name, value), ("change", "add")]).collect();
        let open = unfolded(&olga.fill("/polls/new", "Create poll", &form).await);
        assert_eq!(
            (0..4).map(|place| place == section).collect::<Vec<_>>(),
            open,
            "{name}={value}"
        );
    }
}

#[tokio::test]
async fn as_many_as_one_likes_stays_so_when_a_draft_gets_more_choices() {
    let site = Site::new().await;
    let olga = site.verified("olga", NUMBER).await;
    let most =
        |page: &Page| html::attribute(&page.body, "input[name=most]", "value").unwrap_or_default();
    for (typed, choices, shown) in [
        ("", &["Tea"][..], ""),
        ("", &["Tea", "Coffee"], ""),
        ("3", &["Tea", "Coffee"], "3"),
        ("2", &["A", "B", "C"], "2"),
    ] {
        let path = make(
            &olga,
            json!({ "kind": "multiple", "most": typed, "choice": choices, "save": "draft" }),
        )
        .await;
        let page = olga.get(&format!("{path}/edit")).await;
        assert_eq!(most(&page), shown, "{typed} of {choices:?}");
        let form = json!({ "poll": id(&path), "question": "?!a", "choice": ["A", "B", "C", "D", "E"], "kind": "multiple", "most": most(&page) });
        made(&olga.call("edit_poll", form).await);
        let expected = shown.parse().unwrap_or(5);
        assert_eq!(
            stored(&site, &path).await.poll.kind,
            Kind::Multiple { most: expected }
        );
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
