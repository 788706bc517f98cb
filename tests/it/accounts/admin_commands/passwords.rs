//! Passwords made by the operator, and changing them.

use serde_json::json;

use crate::accounts::admin_commands::{PASSWORD, given, operator};
use crate::support::app::Site;

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
            .goes_to("/account/recovery/offer");
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
async fn a_password_reset_by_the_operator_still_requires_the_number() {
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
