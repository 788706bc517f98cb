//! Signing up, logging in and out, and passwords, each posted twice.

use crate::accounts::repeated_forms::{deaf, filled, happened, twice};
use crate::accounts::second_factors::{NUMBER, PASSWORD};
use crate::support::app::Site;

#[tokio::test]
async fn a_sign_up_posted_twice_creates_one_account_and_logs_in_both_times() {
    for site in Site::on_each_database().await {
        let amy = site.visitor();
        let fields = [("username", "amy"), ("password", PASSWORD)];
        let to = "/verify?next=/account";
        let second = twice(
            &amy,
            "/register?next=/account",
            "Create account",
            &fields,
            to,
        )
        .await;
        second.get("/verify").await.says(200, "Phone number");
        assert_eq!(
            site.count("SELECT COUNT(*) FROM session WHERE account_id IS NOT NULL")
                .await,
            1
        );
        assert_eq!(happened(&site, "registered").await, 1);
        assert_eq!(
            site.count("SELECT COUNT(*) FROM failure WHERE rule LIKE '%password%'")
                .await,
            0
        );
    }
}

#[tokio::test]
async fn a_name_is_taken_for_everybody_but_the_form_that_made_it_and_its_password() {
    for site in Site::on_each_database().await {
        let amy = site.visitor();
        let fields = [("username", "amy"), ("password", PASSWORD)];
        let other = filled(&amy, "/register", "Create account", &fields).await;
        let form = filled(&amy, "/register", "Create account", &fields).await;
        let late = deaf(&amy);
        amy.post("/register", &form).await.goes_to("/verify");
        late.post("/register", &other)
            .await
            .says(422, "That name is taken.");
        let stranger = site.visitor();
        stranger
            .fill("/register", "Create account", &fields)
            .await
            .says(422, "That name is taken.");
        let mut guess = form.clone();
        guess.last_mut().unwrap().1 = "another four words".to_owned();
        late.post("/register", &guess)
            .await
            .says(422, "That name is taken.");
        assert_eq!(
            site.count("SELECT COUNT(*) FROM failure WHERE rule = 'wrong password, known device'")
                .await,
            1
        );
        late.post("/register", &form).await.goes_to("/verify");
        assert_eq!(late.cookie("session"), amy.cookie("session"));
    }
}

#[tokio::test]
async fn a_password_typed_again_twice_is_taken_both_times() {
    for site in Site::on_each_database().await {
        let amy = site.verified("amy", NUMBER).await;
        site.clock.advance(601);
        let page = "/account/confirm?next=/account/recovery";
        let second = twice(
            &amy,
            page,
            "Continue",
            &[("password", PASSWORD)],
            "/account/recovery",
        )
        .await;
        second
            .get("/account/recovery")
            .await
            .says(200, "Create new codes");
    }
}

#[tokio::test]
async fn a_password_changed_twice_is_changed_once_and_both_answers_say_so() {
    for site in Site::on_each_database().await {
        let amy = site.verified("amy", NUMBER).await;
        let fields = [
            ("password", PASSWORD),
            ("new_password", "five words are even more"),
        ];
        let second = twice(
            &amy,
            "/account/password",
            "Change password",
            &fields,
            "/account",
        )
        .await;
        second.get("/account").await.says(200, "Password changed.");
        assert_eq!(happened(&site, "password changed").await, 1);
        assert_eq!(happened(&site, "password wrong").await, 0);
    }
}

#[tokio::test]
async fn a_log_in_a_log_out_and_an_account_deletion_posted_twice_happen_once() {
    for site in Site::on_each_database().await {
        let amy = site.registered("amy").await;
        let out = filled(&amy, "/", "Log out", &[]).await;
        let second = deaf(&amy);
        amy.post("/", &out).await.goes_to("/");
        second.post("/", &out).await.goes_to("/");
        second.get("/").await.says(200, "You are logged out.");
        assert_eq!(happened(&site, "logged out").await, 1);
        let fields = [("username", "amy"), ("password", PASSWORD)];
        twice(&amy, "/login", "Log in", &fields, "/verify").await;
        assert_eq!(
            site.count("SELECT COUNT(*) FROM session WHERE account_id IS NOT NULL")
                .await,
            1
        );
        assert_eq!(happened(&site, "logged in").await, 1);
        let farewell = filled(
            &amy,
            "/account/delete",
            "Delete my account",
            &[("password", PASSWORD)],
        )
        .await;
        let second = deaf(&amy);
        amy.post("/account/delete", &farewell).await.goes_to("/");
        second.post("/account/delete", &farewell).await.goes_to("/");
        second.get("/").await.says(200, "Your account is deleted.");
        assert_eq!(happened(&site, "account deleted").await, 1);
    }
}
