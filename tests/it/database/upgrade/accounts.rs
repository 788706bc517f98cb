//! Accounts, second factors and sessions after an upgrade.

use crate::accounts::second_factors::App;
use crate::database::upgrade::Upgraded;

#[tokio::test]
async fn accounts_log_in_as_before_the_upgrade() {
    for upgraded in Upgraded::on_each_database().await {
        let site = &upgraded.site;
        for (name, number) in upgraded.accounts() {
            let person = upgraded.logs_in(name, "/verify").await;
            let Some(number) = number.filter(|_| name != "olivia") else {
                continue;
            };
            // The stored number can still be decrypted, and gets a code without being typed.
            person
                .fill("/verify", "Send code", &[])
                .await
                .goes_to("/verify/code");
            let message = site.phones().messages().first().unwrap().clone();
            assert_eq!(message.to.trim_start_matches('+'), &number[1..], "{name}");
            person
                .fill("/verify/code", "Confirm", &[("code", &message.code)])
                .await
                .goes_to("/account/recovery/offer");
        }
    }
}

#[tokio::test]
async fn second_factors_work_as_before_the_upgrade() {
    for upgraded in Upgraded::on_each_database().await {
        let site = &upgraded.site;
        let app = App::with_secret(upgraded.facts["totp"].as_str().unwrap());
        let by_app = upgraded.logs_in("olivia", "/verify").await;
        let code = app.shows(site.clock.now());
        by_app
            .fill("/verify", "Confirm", &[("code", &code)])
            .await
            .goes_to("/");
        let by_recovery = upgraded.logs_in("olivia", "/verify").await;
        let code = upgraded.facts["recovery"][3].as_str().unwrap();
        let spent = by_recovery
            .fill("/verify/recovery", "Continue", &[("code", code)])
            .await;
        assert_eq!(spent.status, 303, "{}", spent.body);
        let left = "SELECT COUNT(*) FROM recovery_code";
        assert_eq!(site.count(left).await, 9);
    }
}

#[tokio::test]
async fn sessions_and_trusted_browsers_go_on_after_the_upgrade() {
    for upgraded in Upgraded::on_each_database().await {
        let ballot = format!("/polls/{}/vote", upgraded.poll("open single"));
        let eve = upgraded.verified("eve");
        eve.get(&ballot).await.says(200, "Which dog is the best?");
        let trusted = upgraded.site.visitor();
        let token = upgraded.facts["cookies"]["trusted"]["remembered"].as_str();
        trusted.set_cookie("remembered", token.unwrap());
        upgraded.logs_in_with(&trusted, "olivia", "/verify").await;
        trusted
            .get(&ballot)
            .await
            .says(200, "Which dog is the best?");
    }
}
