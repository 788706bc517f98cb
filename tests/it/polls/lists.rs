//! Lists of polls: what each card says, and the order in which polls close.

use pollstr::platform::clock::Clock;
use pollstr::polls::model::kind::Kind;
use pollstr::polls::model::poll::ResultsRule;
use serde_json::json;

use crate::polls::create::{NUMBER, id, make, run};
use crate::support::app::{START_TIME, Site};
use crate::support::browser::Person;
use crate::support::html;
use crate::support::voters::{Voter, asked, cast_all, electorate};

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// What the card of this question says below it.
async fn said(person: &Person, list: &str, question: &str) -> Vec<String> {
    let page = person.get(list).await.body;
    let questions = html::texts(&page, "li.card h2");
    let place = questions.iter().position(|text| text == question);
    let place = place.unwrap_or_else(|| panic!("{question} is not in {list}: {questions:?}"));
    html::texts(&page, &format!("li.card:nth-child({}) .badge", place + 1))
}

async fn votes(site: &Site, poll: &str, people: &[Voter]) {
    let votes = people.iter().map(|voter| voter.vote(poll, &[1]));
    let outcomes = cast_all(&site.state.ballots, votes).await;
    assert!(outcomes.iter().all(Result::is_ok));
}

#[tokio::test]
async fn a_card_says_the_time_left_the_votes_if_they_are_public_and_how_to_vote() {
    for site in Site::on_each_database().await {
        let visitor = site.visitor();
        let voters = electorate(&site.state, 0, 3).await;
        let several = Kind::Multiple { most: 2 };
        for (question, kind, results, closes, open, closed) in [
            (
                "A?",
                Kind::Single,
                ResultsRule::Always,
                None,
                &["Open", "3 votes"][..],
                None,
            ),
            (
                "B?",
                Kind::Ranked,
                ResultsRule::Always,
                Some(3 * DAY + HOUR),
                &["3 days left", "3 votes", "A ranking"],
                Some(&["Closed", "3 votes", "A ranking"]),
            ),
            (
                "C?",
                several,
                ResultsRule::AfterVote,
                Some(2 * HOUR),
                &["Closes in 2 hours", "Several choices"],
                Some(&["Closed", "3 votes", "Several choices"]),
            ),
            (
                "D?",
                several,
                ResultsRule::AfterClose,
                Some(119),
                &["Closes in 1 minute", "Several choices"],
                Some(&["Closed", "3 votes", "Several choices"]),
            ),
            (
                "E?",
                Kind::Ranked,
                ResultsRule::AfterClose,
                None,
                &["Open", "A ranking"],
                None,
            ),
        ] {
            let poll = asked(&site.state, |draft| {
                draft.question = question.to_owned();
                (draft.kind, draft.results) = (kind, results);
                draft.closes_at = closes.map(|closes| START_TIME + closes);
            })
            .await;
            if results == ResultsRule::Always {
                let nothing = said(&visitor, "/", question).await;
                assert!(nothing.contains(&"No votes".to_owned()), "{nothing:?}");
            }
            votes(&site, &poll, &voters[..1]).await;
            votes(&site, &poll, &voters[1..]).await;
            for list in ["/", "/?order=closing", &format!("/?q={}", &question[..1])] {
                assert_eq!(said(&visitor, list, question).await, open, "{list}");
            }
            if let Some((closes, closed)) = closes.zip(closed) {
                site.clock.advance(closes);
                assert_eq!(said(&visitor, "/?show=closed", question).await, closed);
                site.clock.advance(-closes);
            }
        }
    }
}

#[tokio::test]
async fn an_organiser_is_told_the_same_of_their_own_polls_and_no_hidden_count() {
    for site in Site::on_each_database().await {
        let olga = site.verified("olga", NUMBER).await;
        let voters = electorate(&site.state, 10, 4).await;
        let polls = [
            ("A?", "always"),
            ("B?", "after_vote"),
            ("C?", "after_close"),
            ("D?", "always"),
        ];
        let mut paths = Vec::new();
        for (question, results) in polls {
            let more =
                json!({ "question": question, "results": results, "closes": "2026-11-25T10:00" });
            let path = make(&olga, more).await;
            votes(&site, &id(&path), &voters).await;
            paths.push(path);
        }
        make(&olga, json!({ "question": "E?", "save": "draft" })).await;
        site.execute("UPDATE poll SET hidden_reason = 'No.' WHERE question = 'D?'")
            .await;
        let list = "/account/polls";
        assert_eq!(said(&olga, list, "A?").await, ["1 day left", "4 votes"]);
        for question in ["B?", "C?", "D?"] {
            assert_eq!(said(&olga, list, question).await, ["1 day left"]);
        }
        assert_eq!(said(&olga, list, "E?").await, ["Draft"]);
        for path in &paths[..3] {
            assert_eq!(run(&olga, "close_poll", path).await.status, 200);
        }
        for question in ["A?", "B?", "C?"] {
            assert_eq!(said(&olga, list, question).await, ["Closed", "4 votes"]);
        }
    }
}

#[tokio::test]
async fn a_new_poll_is_in_the_list_that_was_read_a_moment_before() {
    // Sites on a test's clock remember no lists.
    for site in Site::on_each_database_at(Clock::system, &[]).await {
        let olga = site.verified("olga", NUMBER).await;
        for question in ["First?", "Second?", "Third?"] {
            let before = html::texts(&olga.get("/").await.body, "li.card h2");
            assert!(!before.contains(&question.to_owned()));
            make(&olga, json!({ "question": question })).await;
            let now = html::texts(&olga.get("/").await.body, "li.card h2");
            assert_eq!(now[0], question);
        }
    }
}

/// The questions on all pages from an address on.
async fn all(person: &Person, first: &str) -> Vec<String> {
    let (mut questions, mut address) = (Vec::new(), Some(first.to_owned()));
    while let Some(here) = address {
        let page = person.get(&here).await.body;
        questions.extend(html::texts(&page, "li.card h2"));
        address = html::attribute(&page, "a[rel=next]", "href");
        assert!(questions.len() < 200, "the pages go round in circles");
    }
    questions
}

#[tokio::test]
async fn polls_that_close_first_come_first_over_all_pages_and_those_without_an_end_last() {
    for site in Site::on_each_database().await {
        let demo = site.count("SELECT COUNT(*) FROM poll").await;
        assert_eq!(demo, 3);
        let ask = async |question: String, closes: Option<i64>| {
            asked(&site.state, |draft| {
                draft.question = question;
                draft.closes_at = closes.map(|closes| START_TIME + closes);
            })
            .await
        };
        let mut expected = Vec::new();
        for number in 0..5 {
            ask(format!("Never {number}?"), None).await;
        }
        // More than two pages close at the same moment.
        for number in 0..45 {
            ask(format!("Together {number}?"), Some(DAY)).await;
        }
        for number in 0..3 {
            ask(format!("Soon {number}?"), Some(HOUR * (3 - number))).await;
        }
        ask("Over?".to_owned(), Some(60)).await;
        asked(&site.state, |draft| {
            (draft.opens_at, draft.closes_at) = (START_TIME + HOUR, Some(START_TIME + 2 * HOUR));
        })
        .await;
        site.clock.advance(60);
        expected.extend((0..3).rev().map(|number| format!("Soon {number}?")));
        expected.extend((0..45).map(|number| format!("Together {number}?")));
        let visitor = site.visitor();
        let found = all(&visitor, "/?order=closing").await;
        assert_eq!(found[..48], expected);
        assert_eq!(found.len(), 48 + 5 + 3);
        assert_eq!(
            found[51..],
            [0, 1, 2, 3, 4].map(|number| format!("Never {number}?"))
        );

        // Pages by number are the same, and a poll that has closed in between is no gap.
        let second = visitor.get("/?order=closing&page=2").await.body;
        assert_eq!(html::texts(&second, "li.card h2"), found[20..40]);
        assert_eq!(html::text(&second, "a[rel=prev]"), "First page");
        let first = visitor.get("/?order=closing").await.body;
        let next = html::attribute(&first, "a[rel=next]", "href").unwrap();
        site.clock.advance(HOUR);
        let rest = html::texts(&visitor.get(&next).await.body, "li.card h2");
        assert_eq!(rest, found[20..40]);

        // The order is for open polls without a search.
        assert_eq!(all(&visitor, "/").await[0], "Which dog?");
        for (list, links) in [
            ("/", &["/?order=closing"][..]),
            ("/?order=closing", &["/"]),
            ("/?order=nonsense", &["/?order=closing"]),
            ("/?show=closed&order=closing", &[]),
            ("/?q=dog&order=closing", &[]),
        ] {
            let page = visitor.get(list).await.body;
            let there = html::attributes(&page, "nav[aria-label=Order] a", "href");
            assert_eq!(there, links, "{list}");
        }
        let closed = visitor.get("/?show=closed&order=closing").await.body;
        assert_eq!(html::texts(&closed, "li.card h2"), ["Over?", "Soon 2?"]);
    }
}
