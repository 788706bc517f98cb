//! The account page: its sections, typing the password again, recent activity, and deletion.

use crate::support::app::Site;
use crate::support::browser::{Page, Person};
use pollstr::polls::store::drafts::{Draft, insert};

const PASSWORD: &str = "four words and more";

/// Logs in from another browser.
async fn logs_in(person: &Person, name: &str, password: &str) -> Person {
    let browser = person.other_browser();
    browser
        .fill(
            "/login",
            "Log in",
            &[("username", name), ("password", password)],
        )
        .await
        .goes_to("/verify");
    browser
}

async fn changes(person: &Person, old: &str, new: &str) -> Page {
    person
        .fill(
            "/account/password",
            "Change password",
            &[("password", old), ("new_password", new)],
        )
        .await
}

#[tokio::test]
async fn the_account_tells_its_number_and_what_happened() {
    for site in Site::on_each_database().await {
        let amy = site.registered("amy").await;
        amy.get("/account")
            .await
            .says(200, "You haven't verified a number yet.");
        amy.fill("/verify", "Send code", &[("phone", "+447700900123")])
            .await
            .goes_to("/verify/code");
        amy.fill("/verify/code", "Confirm", &[("code", &site.code())])
            .await
            .goes_to("/");
        let page = amy.get("/account").await;
        page.says(200, "+44 ···· ··23");
        page.says(200, "You created this account");
        page.says(200, "You verified your number");
        assert!(!page.body.contains("900123"), "a number is shown masked");
    }
}

#[tokio::test]
async fn the_password_is_asked_again_under_the_limits_of_a_login_and_gives_a_new_session_id() {
    let site = Site::new().await;
    let amy = site.registered("amy").await;
    let before = amy.cookie("session").unwrap();
    let page = "/account/confirm?next=/account";
    amy.fill(page, "Continue", &[])
        .await
        .says(422, "Enter your password.");
    amy.fill(page, "Continue", &[("password", "four words or more")])
        .await
        .says(422, "That is not your password.");
    amy.fill(page, "Continue", &[("password", "four words and more")])
        .await
        .goes_to("/account");
    assert_ne!(amy.cookie("session").unwrap(), before);
    let thief = amy.other_browser();
    thief.set_cookie("session", &before);
    thief.get("/account").await.goes_to("/login?next=/account");
    amy.get("/account")
        .await
        .says(200, "Someone who was logged in entered a wrong password");
    for _ in 0..9 {
        amy.fill(page, "Continue", &[("password", "four words or more")])
            .await
            .says(422, "That is not your password.");
    }
    amy.fill(page, "Continue", &[("password", "four words and more")])
        .await
        .says(429, "Too many wrong passwords.");
}

#[tokio::test]
async fn a_number_that_has_left_is_told_at_the_next_login() {
    for site in Site::on_each_database().await {
        let amy = site.verified("amy", "+447700900123").await;
        site.clock.advance(3_700);
        site.verified("ben", "+447700900123").await;
        let again = amy.other_browser();
        let fields = [("username", "amy"), ("password", "four words and more")];
        again
            .fill("/login", "Log in", &fields)
            .await
            .goes_to("/verify");
        again
            .get("/verify")
            .await
            .says(200, "Another account verified your number");
        assert!(
            !again.get("/verify").await.body.contains("Another account"),
            "a flash is shown once"
        );
        again.get("/account").await.says(
            200,
            "Another account verified your number, so it was removed here",
        );
        assert_eq!(site.count("SELECT COUNT(*) FROM audit_event WHERE kind = 'number left' AND ip_prefix = '' AND browser = ''").await, 1);
    }
}

#[tokio::test]
async fn a_changed_password_ends_all_other_sessions_and_leaves_a_notice() {
    for site in Site::on_each_database().await {
        let amy = site.registered("amy").await;
        let other = logs_in(&amy, "amy", PASSWORD).await;
        let before = amy.cookie("session").unwrap();
        changes(&amy, "", "")
            .await
            .says(422, "Enter your password.");
        changes(&amy, PASSWORD, "short")
            .await
            .says(422, "Use at least 8 characters.");
        changes(&amy, PASSWORD, PASSWORD)
            .await
            .says(422, "That's your current password.");
        changes(&amy, "four words or more", "some other words")
            .await
            .says(422, "That is not your password.");
        other.get("/account").await.says(200, "Your account");
        changes(&amy, PASSWORD, "some other words")
            .await
            .goes_to("/account");
        amy.get("/account")
            .await
            .says(200, "Password changed. All other browsers are logged out.");
        other.get("/account").await.goes_to("/login?next=/account");
        let thief = amy.other_browser();
        thief.set_cookie("session", &before);
        thief.get("/account").await.goes_to("/login?next=/account");
        let old = [("username", "amy"), ("password", PASSWORD)];
        other
            .fill("/login", "Log in", &old)
            .await
            .says(422, "Your username and password didn't match.");
        let again = logs_in(&amy, "amy", "some other words").await;
        again
            .get("/verify")
            .await
            .says(200, "You have a security notice in your account.");
        again
            .get("/account")
            .await
            .says(200, "Your password was changed. If that was not you");
        again
            .fill("/account", "Got it", &[])
            .await
            .goes_to("/account");
        assert!(
            !again
                .get("/account")
                .await
                .body
                .contains("If that was not you")
        );
    }
}

#[tokio::test]
async fn a_notice_is_put_away_by_its_own_account_and_only_when_it_was_shown() {
    let site = Site::new().await;
    let (amy, ben) = (site.registered("amy").await, site.registered("ben").await);
    changes(&amy, PASSWORD, "some other words")
        .await
        .goes_to("/account");
    let form = amy.form("/account", "Got it").await;
    let newest = form
        .iter()
        .find(|(name, _)| name == "newest")
        .unwrap()
        .1
        .clone();
    assert_eq!(
        ben.call("dismiss_notices", serde_json::json!({ "newest": newest }))
            .await
            .status,
        200
    );
    assert_eq!(
        amy.call("dismiss_notices", serde_json::json!({ "newest": "999999" }))
            .await
            .status,
        200
    );
    amy.get("/account").await.says(200, "If that was not you");
    changes(&amy, "some other words", PASSWORD)
        .await
        .goes_to("/account");
    amy.post("/account", &form).await;
    amy.get("/account").await.says(200, "If that was not you");
}

#[tokio::test]
async fn with_the_password_alone_nobody_changes_an_account_that_has_a_number() {
    let site = Site::new().await;
    let amy = site.verified("amy", "+447700900123").await;
    let thief = logs_in(&amy, "amy", PASSWORD).await;
    for page in [
        "/account/password",
        "/account/delete",
        "/account/data",
        "/account/confirm",
    ] {
        thief
            .get(page)
            .await
            .goes_to(&format!("/verify?next={page}"));
    }
    thief
        .get("/account/data.json")
        .await
        .goes_to("/account/data");
    for function in [
        "change_password",
        "delete_account",
        "end_session",
        "end_other_sessions",
        "confirm_password",
        "dismiss_notices",
    ] {
        assert_eq!(
            thief
                .call(
                    function,
                    serde_json::json!({ "password": PASSWORD, "new_password": "some other words" })
                )
                .await
                .status,
            403
        );
    }
    changes(&amy, PASSWORD, "some other words")
        .await
        .goes_to("/account");
}

#[tokio::test]
async fn a_browser_left_open_gives_no_data_away_after_ten_minutes() {
    let site = Site::new().await;
    let amy = site.verified("amy", "+447700900123").await;
    let poll = serde_json::json!({ "question": "Whose turn is it?", "choice": ["Mine", "Yours"], "save": "draft" });
    amy.call("create_poll", poll).await.says(200, "next");
    site.clock.advance(600);
    amy.get("/account/data")
        .await
        .says(200, "Download the file");
    let file = amy.get("/account/data.json").await;
    file.says(200, "\"phone_number\": \"+447700900123\"");
    file.says(200, "\"username\": \"amy\"");
    file.says(200, "\"what\": \"You verified your number\"");
    let data: serde_json::Value = serde_json::from_str(&file.body).unwrap();
    assert_eq!(data["polls"][0]["question"], "Whose turn is it?");
    assert_eq!(
        data["polls"][0]["choices"],
        serde_json::json!(["Mine", "Yours"])
    );
    assert_eq!(
        data["polls"].as_array().unwrap().len(),
        1,
        "and nobody else's"
    );
    assert_eq!(data["codes_sent_today"][0]["country"], "GB");
    assert_eq!(file.header("content-type"), "application/json");
    assert_eq!(
        file.header("content-disposition"),
        "attachment; filename=\"pollstr-data.json\""
    );
    assert_eq!(file.header("cache-control"), "no-store");
    site.clock.advance(1);
    amy.get("/account/data.json").await.goes_to("/account/data");
    amy.get("/account/data")
        .await
        .goes_to("/account/confirm?next=/account/data");
    amy.fill(
        "/account/confirm?next=/account/data",
        "Continue",
        &[("password", PASSWORD)],
    )
    .await
    .goes_to("/account/data");
    assert_eq!(amy.get("/account/data.json").await.status, 200);
    let stranger = site.visitor();
    stranger
        .get("/account/data.json")
        .await
        .goes_to("/account/data");
}

#[tokio::test]
async fn sessions_are_listed_and_ended_one_by_one_or_all_at_once() {
    for site in Site::on_each_database().await {
        let amy = site.registered("amy").await;
        let phone = "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0";
        let away = amy.with_user_agent(phone);
        let (away, third) = (
            logs_in(&away, "amy", PASSWORD).await,
            logs_in(&amy, "amy", PASSWORD).await,
        );
        let page = amy.get("/account").await;
        page.says(200, "Firefox on Android");
        page.says(200, &amy.place());
        assert_eq!(page.body.matches(">this browser<").count(), 1);
        let listed: serde_json::Value =
            serde_json::from_str(&amy.get("/api/sessions").await.body).unwrap();
        assert_eq!(listed[0]["current"], true);
        let handle = listed
            .as_array()
            .unwrap()
            .iter()
            .find(|session| session["browser"] == "Firefox on Android")
            .unwrap()["handle"]
            .clone();
        site.clock.advance(601);
        amy.fill("/account", "Log out everywhere else", &[])
            .await
            .goes_to("/account/confirm?next=/account");
        amy.fill(
            "/account/confirm?next=/account",
            "Continue",
            &[("password", PASSWORD)],
        )
        .await
        .goes_to("/account");
        let ben = site.registered("ben").await;
        assert_eq!(
            ben.call("end_session", serde_json::json!({ "session": handle }))
                .await
                .status,
            200
        );
        away.get("/account").await.says(200, "Your account");
        assert_eq!(
            amy.call("end_session", serde_json::json!({ "session": handle }))
                .await
                .status,
            200
        );
        amy.get("/account")
            .await
            .says(200, "That browser is logged out.");
        away.get("/account").await.goes_to("/login?next=/account");
        third
            .get("/account")
            .await
            .says(200, "You logged out another browser: Firefox on Android");
        amy.fill("/account", "Log out everywhere else", &[])
            .await
            .goes_to("/account");
        third.get("/account").await.goes_to("/login?next=/account");
        amy.get("/account")
            .await
            .says(200, "All other browsers are logged out.");
    }
}

#[tokio::test]
async fn a_deleted_account_leaves_its_votes_its_marks_and_nothing_else() {
    for site in Site::on_each_database().await {
        let poll = site.poll().await;
        let amy = site.verified("amy", "+447700900123").await;
        let other = logs_in(&amy, "amy", PASSWORD).await;
        amy.fill(&format!("{poll}/vote"), "Vote", &[("choice", "1")])
            .await
            .goes_to(&format!("{poll}/results"));
        let button = "Delete my account";
        amy.fill(
            "/account/delete",
            button,
            &[("password", "four words or more")],
        )
        .await
        .says(422, "That is not your password.");
        amy.fill("/account/delete", button, &[("password", PASSWORD)])
            .await
            .goes_to("/");
        amy.get("/").await.says(200, "Your account is deleted.");
        for browser in [&amy, &other] {
            browser
                .get("/account")
                .await
                .goes_to("/login?next=/account");
        }
        assert_eq!(
            site.count("SELECT COUNT(*) FROM account WHERE username_key = 'amy'")
                .await,
            0
        );
        assert_eq!(site.count("SELECT COUNT(*) FROM ballot").await, 1);
        assert_eq!(
            site.count(
                "SELECT COUNT(*) FROM audit_event WHERE kind = 'account deleted' AND account_id IS NULL"
            )
            .await,
            1
        );
        assert_eq!(
            site.count(
                "SELECT COUNT(*) FROM audit_event WHERE kind = 'number proved' AND account_id IS NULL"
            )
            .await,
            1
        );
        // A deleted account's number isn't waited for.
        site.clock.advance(31);
        let again = site.verified("amy", "+447700900123").await;
        let vote = serde_json::json!({ "poll": poll.trim_start_matches("/polls/"), "choice": "2" });
        again.call("cast_vote", vote).await.says(
            422,
            "You've already voted in this poll, and that vote stands.",
        );
        assert_eq!(site.count("SELECT COUNT(*) FROM ballot").await, 1);
        again
            .get("/account")
            .await
            .says(200, "You created this account");
        assert!(
            !again.get("/account").await.body.contains("wrong password"),
            "a new account has no past"
        );
    }
}

#[tokio::test]
async fn failed_logins_are_told_to_the_owner_and_forgotten_after_a_year() {
    let site = Site::new().await;
    let amy = site.registered("amy").await;
    let stranger = site.visitor();
    for name in ["amy", "nobody"] {
        let page = stranger
            .fill(
                "/login",
                "Log in",
                &[("username", name), ("password", "four words or more")],
            )
            .await;
        page.says(422, "Your username and password didn't match.");
    }
    amy.get("/account")
        .await
        .says(200, "Someone tried to log in with a wrong password");
    amy.get("/account").await.says(200, &stranger.place());
    assert_eq!(
        site.count(
            "SELECT COUNT(*) FROM audit_event WHERE kind = 'log-in failed' AND account_id IS NULL"
        )
        .await,
        1
    );
    let year = pollstr::accounts::audit::MEMORY;
    for (age, left) in [(year - 1, 3), (year, 0)] {
        pollstr::accounts::audit::forget(&site.state.db, crate::support::app::START_TIME + age)
            .await
            .unwrap();
        assert_eq!(
            site.count("SELECT COUNT(*) FROM audit_event").await,
            left,
            "{age}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_in_flight_is_not_quicker_than_a_changed_password() {
    for site in Site::on_each_database().await {
        let amy = site.registered("amy").await;
        let (mut old, mut new) = (PASSWORD, "some other words");
        for round in 0..20 {
            let thief = amy.other_browser();
            let mut login = thief.form("/login", "Log in").await;
            login.extend([
                ("username".to_owned(), "amy".to_owned()),
                ("password".to_owned(), old.to_owned()),
            ]);
            let mut change = amy.form("/account/password", "Change password").await;
            change.extend([
                ("password".to_owned(), old.to_owned()),
                ("new_password".to_owned(), new.to_owned()),
            ]);
            let (changed, _) = tokio::join!(
                amy.post("/account/password", &change),
                thief.post("/login", &login)
            );
            changed.goes_to("/account");
            thief.get("/account").await.goes_to("/login?next=/account");
            amy.get("/account").await.says(200, "Your account");
            assert_eq!(
                site.count("SELECT COUNT(*) FROM session WHERE account_id IS NOT NULL")
                    .await,
                1,
                "round {round}"
            );
            (old, new) = (new, old);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_change_one_password_at_once_one_does() {
    for site in Site::on_each_database().await {
        let amy = site.registered("amy").await;
        let other = logs_in(&amy, "amy", PASSWORD).await;
        let words = |n: usize| format!("some other words {n}");
        let (first, second) = (words(1), words(2));
        let (one, two) = tokio::join!(
            changes(&amy, PASSWORD, &first),
            changes(&other, PASSWORD, &second)
        );
        let won = |page: &Page| page.status == 303 && page.header("location") == "/account";
        assert!(won(&one) != won(&two), "{} {}", one.status, two.status);
        assert_eq!(
            site.count("SELECT COUNT(*) FROM audit_event WHERE kind = 'password changed'")
                .await,
            1
        );
        assert_eq!(
            site.count("SELECT COUNT(*) FROM session WHERE account_id IS NOT NULL")
                .await,
            1
        );
        logs_in(&amy, "amy", if won(&one) { &first } else { &second }).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_deleted_while_it_votes_leaves_a_vote_with_its_mark_or_neither() {
    for site in Site::on_each_database().await {
        let poll = site.poll().await;
        for round in 0..10 {
            let amy = site
                .verified(&format!("amy{round}"), &format!("+4477009000{round:02}"))
                .await;
            let mut vote = amy.form(&format!("{poll}/vote"), "Vote").await;
            vote.push(("choice".to_owned(), "1".to_owned()));
            let mut delete = amy.form("/account/delete", "Delete my account").await;
            delete.push(("password".to_owned(), PASSWORD.to_owned()));
            let ballot = format!("{poll}/vote");
            let (voted, deleted) = tokio::join!(
                amy.post(&ballot, &vote),
                amy.post("/account/delete", &delete)
            );
            deleted.goes_to("/");
            assert!(voted.status == 303, "round {round}: {}", voted.status);
        }
        assert_eq!(
            site.count("SELECT COUNT(*) FROM account WHERE username LIKE 'amy%'")
                .await,
            0
        );
        let ballots = site.count("SELECT COUNT(*) FROM ballot").await;
        assert_eq!(
            site.count("SELECT COUNT(*) FROM participation").await,
            ballots
        );
        assert_eq!(
            site.count("SELECT COALESCE(SUM(votes), 0) FROM tally WHERE key = 'ballots'")
                .await,
            ballots
        );
    }
}

#[tokio::test]
async fn drafts_go_with_their_owner_and_polls_that_were_opened_stay() {
    for site in Site::on_each_database().await {
        let amy = site.registered("amy").await;
        let owner = Some(
            site.count("SELECT id FROM account WHERE username_key = 'amy'")
                .await,
        );
        let transaction = site.state.db.begin().await.unwrap();
        for draft in [true, false] {
            let poll = Draft {
                owner,
                draft,
                ..Draft::asking(
                    "Where shall we walk?",
                    &["Park", "Beach"],
                    crate::support::app::START_TIME,
                )
            };
            insert(&transaction, &poll, crate::support::app::START_TIME)
                .await
                .unwrap();
        }
        transaction.commit().await.unwrap();
        let walks = "SELECT COUNT(*) FROM poll WHERE question LIKE 'Where shall we%'";
        pollstr::polls::store::purge::forget(&site.state.db)
            .await
            .unwrap();
        assert_eq!(site.count(walks).await, 2);
        amy.fill(
            "/account/delete",
            "Delete my account",
            &[("password", PASSWORD)],
        )
        .await
        .goes_to("/");
        pollstr::polls::store::purge::forget(&site.state.db)
            .await
            .unwrap();
        assert_eq!(
            site.count(&format!("{walks} AND owner_id IS NULL AND NOT draft"))
                .await,
            1
        );
        assert_eq!(site.count(walks).await, 1);
    }
}
