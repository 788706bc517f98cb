//! One's account: its page, the password again, what is remembered of it, and its end.

use crate::site::Site;

#[tokio::test]
async fn the_account_tells_its_number_and_what_happened() {
    for site in Site::on_each_database().await {
        let amy = site.registered("amy").await;
        amy.get("/account").await.says(200, "You have not proved a number yet.");
        amy.fill("/verify", "Send code", &[("phone", "+447700900123")]).await.goes_to("/verify/code");
        amy.fill("/verify/code", "Confirm", &[("code", &site.code())]).await.goes_to("/");
        let page = amy.get("/account").await;
        page.says(200, "+44 ···· ··23");
        page.says(200, "You made this account");
        page.says(200, "You proved your number");
        assert!(!page.body.contains("900123"), "a number is shown masked");
    }
}

#[tokio::test]
async fn the_password_is_asked_again_under_the_limits_of_a_login_and_gives_a_new_session_id() {
    let site = Site::new().await;
    let amy = site.registered("amy").await;
    let before = amy.cookie("session").unwrap();
    let page = "/account/confirm?next=/account";
    amy.fill(page, "Continue", &[]).await.says(422, "Enter your password.");
    amy.fill(page, "Continue", &[("password", "four words or more")]).await.says(422, "That is not your password.");
    amy.fill(page, "Continue", &[("password", "four words and more")]).await.goes_to("/account");
    assert_ne!(amy.cookie("session").unwrap(), before);
    let thief = amy.other_browser();
    thief.set_cookie("session", &before);
    thief.get("/account").await.goes_to("/login?next=/account");
    amy.get("/account").await.says(200, "A wrong password was typed by somebody who was logged in");
    for _ in 0..9 {
        amy.fill(page, "Continue", &[("password", "four words or more")]).await.says(422, "That is not your password.");
    }
    amy.fill(page, "Continue", &[("password", "four words and more")]).await.says(429, "That did not work too many times.");
}

#[tokio::test]
async fn a_number_that_has_left_is_told_at_the_next_login() {
    for site in Site::on_each_database().await {
        let amy = site.verified("amy", "+447700900123").await;
        site.clock.advance(3_700);
        site.verified("ben", "+447700900123").await;
        let again = amy.other_browser();
        let fields = [("username", "amy"), ("password", "four words and more")];
        again.fill("/login", "Log in", &fields).await.goes_to("/verify");
        again.get("/verify").await.says(200, "Your number was proved by another account");
        assert!(!again.get("/verify").await.body.contains("another account"), "a flash is shown once");
        again.get("/account").await.says(200, "Your number was proved by another account, and left this one");
        assert_eq!(site.count("SELECT COUNT(*) FROM event WHERE what = 'number left' AND place = '' AND browser = ''").await, 1);
    }
}
