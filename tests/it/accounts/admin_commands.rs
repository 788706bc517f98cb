//! Account management by the operator, and what account owners notice of it.

use pollstr::accounts::admin::commands::AccountAdmin;
use serde_json::json;

use crate::support::app::{Site, folder, program};

const PASSWORD: &str = "four words and more";

fn operator(site: &Site) -> AccountAdmin {
    AccountAdmin {
        db: site.state.db.clone(),
        now: site.clock.now(),
    }
}

#[tokio::test]
async fn a_password_that_the_operator_made_is_changed_before_anything_else() {
    for site in Site::on_each_database().await {
        let poll = site.poll().await;
        let said = operator(&site)
            .create(&site.state.hasher, "Amy", true)
            .await
            .unwrap();
        let given = given(&said);
        let amy = site.visitor();
        amy.fill(
            "/login",
            "Log in",
            &[("username", "amy"), ("password", &given)],
        )
        .await
        .goes_to("/verify");
        amy.fill("/verify", "Send code", &[("phone", "+447700900123")])
            .await
            .goes_to("/verify/code");
        amy.fill("/verify/code", "Confirm", &[("code", &site.code())])
            .await
            .goes_to("/");
        // Even a verified session only reaches the password page, and returns from there.
        let change = format!("/account/password?next={poll}/vote");
        amy.get(&format!("{poll}/vote")).await.goes_to(&change);
        amy.get("/admin")
            .await
            .goes_to("/account/password?next=/admin");
        let vote = json!({ "poll": poll.trim_start_matches("/polls/"), "choice": "1" });
        amy.call("cast_vote", vote.clone())
            .await
            .says(403, "Please choose your own password first.");
        amy.get(&change).await.says(200, "Choose your own password");
        let choose = |old: &str, new: &str| {
            let fields = [
                ("password", old.to_owned()),
                ("new_password", new.to_owned()),
            ];
            let (amy, change) = (&amy, &change);
            async move {
                amy.fill(
                    change,
                    "Change password",
                    &fields
                        .each_ref()
                        .map(|(name, value)| (*name, value.as_str())),
                )
                .await
            }
        };
        choose(&given, &given)
            .await
            .says(422, "That's your current password.");
        choose(&given, PASSWORD)
            .await
            .goes_to(&format!("{poll}/vote"));
        amy.call("cast_vote", vote).await.says(200, "results");
        amy.get("/admin").await.says(200, "Accounts");
        assert_eq!(
            site.count("SELECT COUNT(*) FROM account WHERE must_change_password")
                .await,
            0
        );
        // Another password set by the operator must be changed too.
        let said = operator(&site)
            .reset_password(&site.state.hasher, "amy")
            .await
            .unwrap();
        assert_eq!(
            site.count("SELECT COUNT(*) FROM account WHERE must_change_password")
                .await,
            1,
            "{said}"
        );
    }
}

fn given(said: &str) -> String {
    said.split("(shown once): ")
        .nth(1)
        .unwrap()
        .lines()
        .next()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn an_account_that_the_operator_made_is_told_to_choose_a_password() {
    let site = Site::new().await;
    let said = operator(&site)
        .create(&site.state.hasher, "Amy", true)
        .await
        .unwrap();
    let password = &given(&said);
    let amy = site.visitor();
    amy.fill(
        "/login",
        "Log in",
        &[("username", "amy"), ("password", password)],
    )
    .await
    .goes_to("/verify");
    amy.get("/account")
        .await
        .says(200, "Please choose your own password.");
    let again = operator(&site)
        .create(&site.state.hasher, "amy", false)
        .await
        .unwrap_err();
    assert_eq!(again.to_string(), "there is an account \"amy\" already");
    assert_eq!(
        site.count("SELECT COUNT(*) FROM account WHERE role = 'admin'")
            .await,
        1
    );
}

#[tokio::test]
async fn a_suspended_account_is_out_at_once_and_told_why_after_the_right_password() {
    for site in Site::on_each_database().await {
        let amy = site.verified("amy", "+447700900123").await;
        let poll = site.poll().await;
        let ballot = amy.form(&format!("{poll}/vote"), "Vote").await;
        let said = operator(&site)
            .suspend("amy", "It made polls about cats.")
            .await
            .unwrap();
        assert_eq!(said, "amy is suspended; sessions ended: 1.");
        let choice = vec![("choice".to_owned(), "1".to_owned())];
        amy.post(&format!("{poll}/vote"), &[ballot, choice].concat())
            .await
            .goes_to(&format!("/login?next={poll}/vote"));
        amy.get("/account").await.goes_to("/login?next=/account");
        let wrong = amy
            .fill(
                "/login",
                "Log in",
                &[("username", "amy"), ("password", "four words or more")],
            )
            .await;
        wrong.says(422, "Your username and password didn't match.");
        assert!(
            !wrong.body.contains("suspended"),
            "only the right password learns of it"
        );
        let right = amy
            .fill(
                "/login",
                "Log in",
                &[("username", "amy"), ("password", PASSWORD)],
            )
            .await;
        right.says(
            422,
            "Reason from the site's admin: It made polls about cats.",
        );
        operator(&site).restore("amy").await.unwrap();
        amy.fill(
            "/login",
            "Log in",
            &[("username", "amy"), ("password", PASSWORD)],
        )
        .await
        .goes_to("/verify");
        let page = amy.get("/account").await;
        page.says(
            200,
            "An admin suspended this account: It made polls about cats.",
        );
        page.says(200, "An admin lifted this account's suspension");
        page.says(200, "A login was refused because the account is suspended");
    }
}

#[tokio::test]
async fn a_number_that_the_operator_took_off_can_be_proved_again() {
    for site in Site::on_each_database().await {
        let amy = site.verified("amy", "+447700900123").await;
        operator(&site).reset_phone("AMY").await.unwrap();
        assert_eq!(
            operator(&site).reset_phone("amy").await.unwrap(),
            "amy has no number; cleared any pending code and failed attempts."
        );
        amy.get("/account").await.goes_to("/login?next=/account");
        amy.fill(
            "/login",
            "Log in",
            &[("username", "amy"), ("password", PASSWORD)],
        )
        .await
        .goes_to("/verify");
        amy.get("/account")
            .await
            .says(200, "removed your number so you can verify another");
        amy.fill("/verify", "Send code", &[("phone", "+447700900456")])
            .await
            .goes_to("/verify/code");
        amy.fill("/verify/code", "Confirm", &[("code", &site.code())])
            .await
            .goes_to("/");
        assert_eq!(
            operator(&site)
                .reset_phone("nobody")
                .await
                .unwrap_err()
                .to_string(),
            "there is no account \"nobody\""
        );
    }
}

#[tokio::test]
async fn whoever_has_forgotten_the_password_gets_another_and_still_proves_the_number() {
    let site = Site::new().await;
    let amy = site.verified("amy", "+447700900123").await;
    let said = operator(&site)
        .reset_password(&site.state.hasher, "amy")
        .await
        .unwrap();
    let password = &given(&said);
    amy.get("/account").await.goes_to("/login?next=/account");
    amy.fill(
        "/login",
        "Log in",
        &[("username", "amy"), ("password", PASSWORD)],
    )
    .await
    .says(422, "didn't match");
    amy.fill(
        "/login",
        "Log in",
        &[("username", "amy"), ("password", password)],
    )
    .await
    .goes_to("/verify");
    amy.get("/account")
        .await
        .says(200, "reset your password. Please choose your own.");
    amy.get("/account/password")
        .await
        .goes_to("/verify?next=/account/password");
}

#[tokio::test]
async fn a_suspension_needs_a_reason() {
    let site = Site::new().await;
    let amy = site.registered("amy").await;
    for reason in ["", "  ", "a\nb", &"x".repeat(201)] {
        operator(&site).suspend("amy", reason).await.unwrap_err();
    }
    amy.get("/account").await.says(200, "Your account");
    operator(&site)
        .suspend("amy", &"x".repeat(200))
        .await
        .unwrap();
}

#[tokio::test]
async fn the_commands_about_accounts_say_what_they_did_or_why_not_in_one_line() {
    let folder = folder();
    let run = |arguments: &[&str]| {
        let output = program(&folder)
            .arg("user")
            .args(arguments)
            .output()
            .unwrap();
        (
            output.status.success(),
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    assert!(program(&folder).arg("migrate").status().unwrap().success());
    let said = run(&["create", "amy", "--admin"]).1;
    assert!(
        said.starts_with("amy is an admin. Password (shown once): "),
        "{said}"
    );
    assert_eq!(run(&["role", "amy", "member"]).1, "amy is a member now.\n");
    assert_eq!(run(&["role", "amy", "admin"]).1, "amy is an admin now.\n");
    assert_eq!(
        run(&["reset-phone", "amy"]).1,
        "amy has no number; cleared any pending code and failed attempts.\n"
    );
    assert_eq!(
        run(&["suspend", "amy", "--reason", "away"]).1,
        "amy is suspended; sessions ended: 0.\n"
    );
    assert_eq!(run(&["restore", "amy"]).1, "amy can log in again.\n");
    assert_eq!(
        run(&["restore", "ben"]),
        (
            false,
            String::new(),
            "pollstr: there is no account \"ben\"\n".to_owned()
        )
    );
    assert!(!run(&["suspend", "amy"]).0);
}
