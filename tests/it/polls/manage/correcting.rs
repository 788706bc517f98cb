//! Adding corrections to a poll: their text, who may add them and when, and how many.

use futures::future::join_all;
use pollstr::polls::sealing::seal::seal_due;
use sea_orm::ConnectionTrait;
use serde_json::json;

use crate::polls::create::{NUMBER, faults, id, made, make, run, stored};
use crate::support::app::{START_TIME, Site, until};
use crate::support::browser::{Page, Person};
use crate::support::html;

async fn correct(person: &Person, path: &str, text: &str) -> Page {
    let form = json!({ "poll": id(path), "correction": text });
    person.call("correct_poll", form).await
}

/// The corrections of a poll: their texts, and how many seconds after the start they were added.
async fn corrections(site: &Site, path: &str) -> Vec<(String, i64)> {
    let poll = stored(site, path).await.poll;
    let corrections = poll.corrections.iter();
    corrections
        .map(|one| (one.text.clone(), one.at - START_TIME))
        .collect()
}

#[tokio::test]
async fn a_correction_has_1_to_200_characters_in_one_line() {
    for site in Site::on_each_database().await {
        let olga = site.verified("olga", NUMBER).await;
        let path = make(&olga, json!({})).await;
        for (typed, words) in [
            (String::new(), "Enter a correction."),
            (
                " \u{200b}\u{3164}\u{202e} ".to_owned(),
                "Enter a correction.",
            ),
            ("é".repeat(201), "Use at most 200 characters. This has 201."),
            (
                "Te\u{7}a".to_owned(),
                "This contains a character we can't show.",
            ),
        ] {
            let refused = faults(&correct(&olga, &path, &typed).await);
            let message = refused["correction"].as_str().unwrap();
            assert!(message.starts_with(words), "{typed:?}: {message}");
        }
        assert_eq!(corrections(&site, &path).await, []);
        let long = "é".repeat(200);
        for (later, typed, kept) in [
            (0, ".", "."),
            (7, long.as_str(), long.as_str()),
            (
                3,
                " Green\u{202e} tea\r\n is  tea.\u{2069} ",
                "Green tea is tea.",
            ),
        ] {
            site.clock.advance(later);
            assert_eq!(made(&correct(&olga, &path, typed).await), path);
            let last = corrections(&site, &path).await.pop().unwrap();
            assert_eq!(last.0, kept);
        }
        let times = corrections(&site, &path).await.into_iter().map(|one| one.1);
        assert_eq!(times.collect::<Vec<_>>(), [0, 7, 10]);
    }
}

#[tokio::test]
async fn a_refused_correction_keeps_what_was_typed_and_has_its_error_at_the_field() {
    let site = Site::new().await;
    let olga = site.verified("olga", NUMBER).await;
    let path = make(&olga, json!({})).await;
    let stale = olga.form(&path, "Add the correction").await;
    let typed = "a".repeat(201);
    let shown = |page: &Page, typed: &str, words: &str| {
        assert_eq!(page.status, 422, "{}", page.body);
        let value = html::attribute(&page.body, "details[open] #correction", "value");
        assert_eq!(value.as_deref(), Some(typed));
        let error = html::text(&page.body, "#correction-error");
        assert!(error.starts_with(words), "{error}");
    };
    let fill = async |text: &str| {
        olga.fill(&path, "Add the correction", &[("correction", text)])
            .await
    };
    shown(&fill(&typed).await, &typed, "Use at most 200 characters.");
    for text in ["One", "Two", "Three"] {
        fill(text).await.goes_to(&path);
    }
    // The form is gone, but another tab may still have it.
    let button = "Add the correction";
    assert!(!olga.get(&path).await.body.contains(button));
    let again = async |text: &str| {
        let typed = [("correction".to_owned(), text.to_owned())];
        olga.post(&path, &[stale.clone(), typed.to_vec()].concat())
            .await
    };
    shown(
        &again("Four").await,
        "Four",
        "This poll has three corrections",
    );
    made(&run(&olga, "close_poll", &path).await);
    assert!(!olga.get(&path).await.body.contains(button));
    shown(&again("Five").await, "Five", "This poll is closed");
}

#[tokio::test]
async fn a_poll_is_corrected_by_its_owner_from_its_first_second_to_the_one_before_its_close() {
    for site in Site::on_each_database().await {
        let (olga, paul) = (
            site.verified("olga", NUMBER).await,
            site.verified("paul", "+447700900124").await,
        );
        let draft = make(&olga, json!({ "save": "draft" })).await;
        let times = json!({ "opens": "2026-11-24T07:00", "closes": "2026-11-24T09:00" });
        let path = make(&olga, times).await;
        let refused = async |path: &str, words: &str| {
            let message = faults(&correct(&olga, path, "Too early or too late").await);
            let message = message["correction"].as_str().unwrap().to_owned();
            assert!(message.starts_with(words), "{message}");
        };
        site.clock.advance(3_599);
        for path in [&draft, &path] {
            refused(path, "This poll hasn't opened yet.").await;
            assert!(!olga.get(path).await.body.contains("Add the correction"));
        }
        site.clock.advance(1);
        assert_eq!(correct(&paul, &path, "Not mine").await.status, 404);
        assert_eq!(
            correct(&site.visitor(), &path, "Not mine").await.status,
            401
        );
        assert_eq!(correct(&paul, &path, "").await.status, 404);
        assert!(!paul.get(&path).await.body.contains("Add the correction"));
        made(&correct(&olga, &path, "First").await);
        site.clock.advance(7_199);
        made(&correct(&olga, &path, "Last").await);
        site.clock.advance(1);
        refused(&path, "This poll is closed").await;
        seal_due(&site.state.db, &site.clock).await.unwrap();
        refused(&path, "This poll is closed").await;
        let kept = [("First".to_owned(), 3_600), ("Last".to_owned(), 10_799)];
        assert_eq!(corrections(&site, &path).await, kept);
        // Closed by an instance whose clock is ahead.
        let path = make(&olga, json!({})).await;
        let shut = "UPDATE poll SET sealing_state = 'shut' WHERE public_id";
        site.execute(&format!("{shut} = '{}'", id(&path))).await;
        refused(&path, "This poll is closed").await;
        assert_eq!(corrections(&site, &path).await, []);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_ten_corrections_at_once_three_are_added_and_seven_refused() {
    for site in Site::on_each_database().await {
        let (olga, second_instance) = (
            site.verified("olga", NUMBER).await,
            site.second_instance().await,
        );
        for round in 0..5 {
            let path = make(&olga, json!({})).await;
            let posts = (0..10).map(|n| {
                let person = if n % 2 == 0 {
                    olga.clone()
                } else {
                    olga.at(&second_instance.origin)
                };
                let (path, text) = (path.clone(), format!("Correction {n}"));
                async move { correct(&person, &path, &text).await.status.as_u16() }
            });
            let mut answers = join_all(posts).await;
            answers.sort_unstable();
            assert_eq!(
                answers,
                [200, 200, 200, 422, 422, 422, 422, 422, 422, 422],
                "round {round}"
            );
            assert_eq!(corrections(&site, &path).await.len(), 3, "round {round}");
        }
    }
}

#[tokio::test]
async fn the_database_itself_takes_no_fourth_correction() {
    for site in Site::on_each_database().await {
        let olga = site.verified("olga", NUMBER).await;
        let path = make(&olga, json!({})).await;
        let insert = async |position: i64, form: &str| {
            let form = if site.state.db.backend() == sea_orm::DbBackend::Sqlite {
                format!("x'{form}'")
            } else {
                format!("decode('{form}', 'hex')")
            };
            let sql = format!(
                "INSERT INTO correction (poll_id, position, text, created_at, form)
                 SELECT id, {position}, 'x', 0, {form} FROM poll WHERE public_id = '{}'",
                id(&path)
            );
            site.state.db.write().execute_unprepared(&sql).await.is_ok()
        };
        assert!(!insert(0, "00").await);
        for (position, form) in [(1, "01"), (2, "02"), (3, "03")] {
            assert!(insert(position, form).await);
            assert!(!insert(position, "04").await, "a position is taken once");
        }
        assert!(!insert(4, "04").await);
        site.execute("DELETE FROM correction WHERE position = 3")
            .await;
        assert!(!insert(3, "02").await, "a form adds one");
        assert!(insert(3, "04").await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_that_is_sent_again_is_added_once_also_after_the_close() {
    for site in Site::on_each_database().await {
        let olga = site.verified("olga", NUMBER).await;
        let path = make(&olga, json!({})).await;
        let form = olga.form(&path, "Add the correction").await;
        let sends = async |text: &str| {
            let typed = [("correction".to_owned(), text.to_owned())];
            olga.post(&path, &[form.clone(), typed.to_vec()].concat())
                .await
        };
        for answer in join_all((0..3).map(|_| sends("One"))).await {
            answer.goes_to(&path);
        }
        let one = ("One".to_owned(), 0);
        assert_eq!(corrections(&site, &path).await, std::slice::from_ref(&one));
        site.clock.advance(600);
        sends("One").await.goes_to(&path);
        // With another text it is another correction, and the first again is still the first.
        sends("Two").await.goes_to(&path);
        sends("One").await.goes_to(&path);
        let both = [one, ("Two".to_owned(), 600)];
        assert_eq!(corrections(&site, &path).await, both);
        made(&run(&olga, "close_poll", &path).await);
        sends("Two").await.goes_to(&path);
        sends("Three").await.says(422, "This poll is closed");
        assert_eq!(corrections(&site, &path).await, both);
        // Without a nonce, each call is a correction of its own.
        let path = make(&olga, json!({})).await;
        for _ in 0..2 {
            made(&correct(&olga, &path, "Same").await);
        }
        assert_eq!(corrections(&site, &path).await.len(), 2);
    }
}

#[tokio::test]
async fn a_correction_that_waited_while_its_poll_was_closed_comes_too_late() {
    for site in Site::on_each_database().await {
        // On SQLite, with one writer, a correction starts, and reads the clock, after the close.
        if site.state.db.backend() == sea_orm::DbBackend::Sqlite {
            continue;
        }
        let olga = site.verified("olga", NUMBER).await;
        let path = make(&olga, json!({})).await;
        let closing = site.state.db.begin().await.unwrap();
        let sql = "UPDATE poll SET closes_at = $1, sealing_state = 'shut' WHERE public_id = $2";
        pollstr::platform::db::execute(&closing, sql, [START_TIME.into(), id(&path).into()])
            .await
            .unwrap();
        let waits = {
            let (olga, path) = (olga.clone(), path.clone());
            tokio::spawn(async move { correct(&olga, &path, "Late").await })
        };
        let waiting = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        until(async || site.count(waiting).await > 0).await;
        closing.commit().await.unwrap();
        waits.await.unwrap().says(422, "This poll is closed");
        assert_eq!(corrections(&site, &path).await, []);
    }
}
