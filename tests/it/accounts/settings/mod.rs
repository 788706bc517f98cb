//! The account page: its sections, typing the password again, recent activity, and deletion.

mod deletion;
mod notices;
mod password;
mod sessions;

use crate::support::app::Site;
use crate::support::browser::{Page, Person};

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
            .goes_to("/account/recovery/offer");
        let page = amy.get("/account").await;
        page.says(200, "+44 ···· ··23");
        page.says(200, "You created this account");
        page.says(200, "You verified your number");
        assert!(!page.body.contains("900123"), "a number is shown masked");
    }
}
