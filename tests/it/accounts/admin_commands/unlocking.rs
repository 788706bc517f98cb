//! Wrong passwords and codes that the operator cleared.

use crate::accounts::admin_commands::{PASSWORD, operator};
use crate::support::app::Site;
use crate::support::browser::Person;

const WRONG: &str = "four words or more";

/// Tries to log in until it is refused, and returns how many wrong passwords were compared.
async fn guesses(person: &Person) -> usize {
    for guess in 0..20 {
        let fields = [("username", "Amy"), ("password", WRONG)];
        let page = person.fill("/login", "Log in", &fields).await;
        if page.status == 429 {
            page.says(429, "Too many wrong passwords.");
            return guess;
        }
        page.says(422, "didn't match");
    }
    panic!("nothing limits it");
}

#[tokio::test]
async fn nobody_waits_after_wrong_passwords_that_the_operator_has_cleared() {
    for site in Site::on_each_database().await {
        let amy = site.verified("amy", "+447700900123").await;
        let (known, stranger) = (amy.other_browser(), site.visitor());
        assert_eq!(guesses(&known).await, 10);
        assert_eq!(guesses(&stranger).await, 10);
        // Strangers have waited for hours, and so would the owner.
        site.execute("UPDATE password_failure SET failures = 120")
            .await;
        assert_eq!(
            operator(&site).unlock("AMY").await.unwrap(),
            "amy can try again now: cleared 240 wrong passwords and 0 wrong codes."
        );
        assert_eq!(site.count("SELECT COUNT(*) FROM password_failure").await, 0);
        assert_eq!(guesses(&stranger).await, 10);
        known
            .fill(
                "/login",
                "Log in",
                &[("username", "amy"), ("password", PASSWORD)],
            )
            .await
            .goes_to("/verify");
        known
            .get("/account")
            .await
            .says(200, "An admin cleared your wrong passwords and codes");
    }
}

#[tokio::test]
async fn clearing_wrong_passwords_leaves_those_of_other_accounts_and_addresses() {
    for site in Site::on_each_database().await {
        site.registered("amy").await;
        let ben = site.registered("ben").await.other_browser();
        for _ in 0..3 {
            let fields = [("username", "ben"), ("password", WRONG)];
            ben.fill("/login", "Log in", &fields)
                .await
                .says(422, "didn't match");
        }
        let failures = "SELECT COUNT(*) FROM failure";
        let streaks = "SELECT COUNT(*) FROM password_failure";
        let before = (site.count(failures).await, site.count(streaks).await);
        assert!(before.0 > 0 && before.1 > 0);
        assert_eq!(
            operator(&site).unlock("amy").await.unwrap(),
            "amy has no wrong passwords or codes; nothing changed."
        );
        assert_eq!(
            (site.count(failures).await, site.count(streaks).await),
            before
        );
        operator(&site).unlock("ben").await.unwrap();
        // Those that were counted for ben's address stay.
        let left = format!(
            "{failures} WHERE rule LIKE 'wrong password%' AND rule <> 'wrong password, address'"
        );
        assert_eq!((site.count(&left).await, site.count(streaks).await), (0, 0));
        let address = format!("{failures} WHERE rule = 'wrong password, address'");
        assert_eq!(site.count(&address).await, 3);
    }
}

#[tokio::test]
async fn wrong_codes_are_cleared_too() {
    for site in Site::on_each_database().await {
        let amy = site.registered("amy").await;
        amy.fill("/verify", "Send code", &[("phone", "+447700900123")])
            .await
            .goes_to("/verify/code");
        let wrong = if site.code() == "000000" {
            "000001"
        } else {
            "000000"
        };
        amy.fill("/verify/code", "Confirm", &[("code", wrong)])
            .await
            .says(422, "");
        assert_eq!(
            operator(&site).unlock("amy").await.unwrap(),
            "amy can try again now: cleared 0 wrong passwords and 1 wrong code."
        );
        let wrong = "SELECT COUNT(*) FROM failure WHERE rule = 'wrong code, account'";
        assert_eq!(site.count(wrong).await, 0);
    }
}
