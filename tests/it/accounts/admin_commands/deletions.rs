//! Accounts that the operator deleted.

use pollstr::platform::clock::Clock;

use crate::support::app::Site;
use crate::support::operator::{run, told};

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_deletes_an_account_as_its_owner_could() {
    for site in Site::on_each_database_at(Clock::system, &[]).await {
        let poll = site.poll().await;
        let amy = site.verified("amy", "+447700900123").await;
        amy.fill(&format!("{poll}/vote"), "Vote", &[("choice", "1")])
            .await
            .goes_to(&format!("{poll}/results"));
        let accounts = "SELECT COUNT(*) FROM account WHERE username_key = 'amy'";
        let asked = run(&site, &["user", "delete", "AMY"]);
        assert_eq!(
            asked.fails(4),
            "nothing was changed; add --yes to delete amy"
        );
        assert!(
            asked.out.starts_with(
                "This deletes the account amy with its phone number, sessions and drafts."
            ) && asked.out.contains("It has published no polls."),
            "{asked:?}"
        );
        assert_eq!(site.count(accounts).await, 1);
        assert_eq!(
            told(&site, &["user", "delete", "amy", "--yes"]),
            "amy is deleted.\n"
        );
        assert_eq!(site.count(accounts).await, 0);
        amy.get("/account").await.goes_to("/login?next=/account");
        assert_eq!(site.count("SELECT COUNT(*) FROM ballot").await, 1);
        assert_eq!(site.count("SELECT COUNT(*) FROM participation").await, 1);
        let recorded = "SELECT COUNT(*) FROM audit_event WHERE kind = 'account deleted' AND account_id IS NULL AND browser = 'the command line'";
        assert_eq!(site.count(recorded).await, 1);
        run(&site, &["user", "delete", "amy", "--yes"]).fails(3);
    }
}
