//! What the operator is told about polls: no count that is hidden from others.

use pollstr::platform::clock::Clock;
use pollstr::polls::model::poll::ResultsRule;
use serde_json::{Value, json};

use crate::polls::create::{NUMBER, id, make};
use crate::support::app::Site;
use crate::support::operator::{json, keys, run, told};
use crate::support::voters::{asked, cast_all, electorate};

fn ids(polls: &Value) -> Vec<&str> {
    let polls = polls.as_array().unwrap().iter();
    polls.map(|poll| poll["id"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn polls_are_listed_by_state_words_and_owner() {
    for site in Site::on_each_database_at(Clock::system, &[]).await {
        site.execute("DELETE FROM poll").await;
        let olga = site.verified("olga", NUMBER).await;
        let own = id(&make(&olga, json!({})).await);
        make(&olga, json!({ "save": "draft" })).await;
        let now = site.clock.now();
        let closed = asked(&site.state, |draft| {
            (draft.opens_at, draft.closes_at) = (now - 60, Some(now - 1));
        })
        .await;
        let later = asked(&site.state, |draft| draft.opens_at = now + 3_600).await;
        let hidden = asked(&site.state, |_| {}).await;
        told(&site, &["poll", "hide", &hidden, "--reason", "Spam"]);
        let list = |arguments: &[&str]| json(&site, &[&["poll", "list"], arguments].concat());
        assert_eq!(ids(&list(&[])), [&hidden, &later, &closed, &own]);
        assert_eq!(ids(&list(&["--open"])), [&hidden, &own]);
        assert_eq!(ids(&list(&["--closed"])), [&closed]);
        assert_eq!(ids(&list(&["--hidden"])), [&hidden]);
        assert_eq!(ids(&list(&["--search", "OLGA"])), [&own]);
        assert_eq!(
            ids(&list(&["--search", "which dog"])),
            [&hidden, &later, &closed]
        );
        assert_eq!(ids(&list(&["--closed", "--search", "dog"])), [&closed]);
        assert_eq!(ids(&list(&["--open", "--search", &own])), [&own]);
        let entry = &list(&["--search", "olga"])[0];
        assert_eq!(
            keys(entry),
            [
                "closes_at",
                "created_at",
                "hidden_reason",
                "id",
                "opens_at",
                "owner",
                "question",
                "state"
            ]
        );
        assert_eq!(
            (&entry["owner"], &entry["state"]),
            (&json!("olga"), &json!("open"))
        );
        let text = told(&site, &["poll", "list"]);
        let lines: Vec<_> = text.lines().collect();
        assert!(lines[0].starts_with("ID ") && lines.len() == 5, "{text}");
        assert!(
            lines[1].starts_with(&format!("{hidden}  open, hidden  ")),
            "{text}"
        );
        assert!(
            lines[2].starts_with(&format!("{later}  not open yet  ")),
            "{text}"
        );
        assert!(lines[4].ends_with(" UTC  olga   Tea or coffee?"), "{text}");
        assert_eq!(
            told(&site, &["poll", "list", "--search", "zebra"]),
            "No polls found.\n"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn votes_are_told_only_if_everyone_may_see_them() {
    for site in Site::on_each_database_at(Clock::system, &[]).await {
        let people = electorate(&site.state, 0, 12).await;
        for (rule, turnout) in [
            (ResultsRule::AfterVote, Value::Null),
            (ResultsRule::AfterClose, Value::Null),
            (ResultsRule::Always, json!({ "at_least": 10 })),
        ] {
            let poll = asked(&site.state, |draft| draft.results = rule).await;
            let show = || {
                (
                    json(&site, &["poll", "show", &poll]),
                    told(&site, &["poll", "show", &poll]),
                )
            };
            let before = (rule != ResultsRule::Always).then(show);
            let votes = people.iter().map(|voter| voter.vote(&poll, &[1]));
            let cast = cast_all(&site.state.ballots, votes).await;
            assert!(cast.iter().all(Result::is_ok));
            let (shown, text) = show();
            assert_eq!(
                (&shown["votes"], &shown["turnout"]),
                (&Value::Null, &turnout)
            );
            // What is hidden leaves no trace.
            assert!(
                before.is_none_or(|before| before == (shown, text)),
                "{rule:?}"
            );
            told(&site, &["poll", "close", &poll]);
            let (shown, text) = show();
            assert_eq!(
                (&shown["votes"], &shown["turnout"]),
                (&json!(12), &Value::Null)
            );
            assert!(text.lines().any(|line| line == "  Votes:   12"), "{text}");
            told(&site, &["poll", "hide", &poll, "--reason", "Spam"]);
            assert_eq!(show().0["votes"], Value::Null);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poll_is_shown_with_its_rules() {
    let site = Site::provided(Clock::system(), &[]).await;
    let olga = site.verified("olga", NUMBER).await;
    let more = json!({ "description": "First line.\n  State: open\nLast line.", "results": "after_close" });
    let poll = id(&make(&olga, more).await);
    let shown = json(&site, &["poll", "show", &poll]);
    assert_eq!(
        shown,
        json!({
            "id": poll,
            "question": "Tea or coffee?",
            "state": "open",
            "owner": "olga",
            "created_at": shown["created_at"],
            "opens_at": shown["opens_at"],
            "closes_at": null,
            "hidden_reason": null,
            "description": "First line.\n  State: open\nLast line.",
            "choices": ["Tea", "Coffee"],
            "kind": "single",
            "results": "after_close",
            "listed": true,
            "address": format!("http://127.0.0.1:0/polls/{poll}"),
            "votes": null,
            "turnout": null,
            "fingerprint": null,
        })
    );
    let text = told(&site, &["poll", "show", &poll]);
    // Lines of a description can't be mistaken for fields.
    assert_eq!(text.matches("\n  State:").count(), 1, "{text}");
    assert!(
        text.ends_with(
            "Description: First line.\n                 State: open\n               Last line.\n"
        ),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_have_typed_commands_no_terminal() {
    for site in Site::on_each_database_at(Clock::system, &[]).await {
        let olga = site.verified("olga", NUMBER).await;
        let poll = id(&make(&olga, json!({})).await);
        // No form takes these, but a database may have them from elsewhere.
        let question = "Tea\u{1b}]0;owned\u{7} \u{9b}31m\u{202e}or\nzzzz  open  coffee?";
        let transaction = site.state.db.begin().await.unwrap();
        let values = [question.into(), poll.clone().into()];
        let sql = "UPDATE poll SET question = $1, description = $1, hidden_reason = $1 WHERE public_id = $2";
        pollstr::platform::db::execute(&transaction, sql, values)
            .await
            .unwrap();
        transaction.commit().await.unwrap();
        let commands = [
            &["poll", "list", "--search", &poll][..],
            &["poll", "show", &poll],
            &["poll", "delete", &poll],
        ];
        for arguments in commands {
            let text = run(&site, arguments).out;
            let commands = |sign: char| sign.is_control() && sign != '\n' || sign == '\u{202e}';
            assert!(!text.contains(commands), "{arguments:?}: {text:?}");
            assert!(!text.contains("\nzzzz"), "{arguments:?}: {text:?}");
        }
        for arguments in &commands[..2] {
            let text = told(&site, &[arguments, &["--json"][..]].concat());
            assert!(!text.contains(['\u{1b}', '\u{9b}', '\u{202e}']), "{text:?}");
            let json: Value = serde_json::from_str(&text).unwrap();
            let poll = json.get(0).unwrap_or(&json);
            assert_eq!(poll["question"], question);
        }
    }
}
