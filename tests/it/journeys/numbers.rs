//! Proving a number: in each session, by one account at a time, and for one vote.

use crate::support::app::Site;

#[tokio::test]
async fn verification_is_asked_for_in_each_session_and_only_at_the_proved_number() {
    let site = Site::new().await;
    let amy = site.verified("amy", "+447700900123").await;
    let elsewhere = amy.other_browser();
    let poll = site.poll().await;
    let fields = [("username", "AMY"), ("password", "four words and more")];
    elsewhere
        .fill(&format!("/login?next={poll}/vote"), "Log in", &fields)
        .await
        .goes_to(&format!("{poll}/vote"));
    elsewhere
        .get(&format!("{poll}/vote"))
        .await
        .goes_to(&format!("/verify?next={poll}/vote"));
    site.clock.advance(60);
    elsewhere
        .fill("/verify", "Send code", &[("phone", "+447700900999")])
        .await
        .goes_to("/verify/code");
    assert_eq!(
        site.phones().messages()[0].to,
        "+447700900123",
        "a password alone sends no code to another number"
    );
    elsewhere
        .fill("/verify/code", "Confirm", &[("code", &site.code())])
        .await
        .goes_to("/account/recovery/offer");
    elsewhere.get("/verify").await.goes_to("/");
}

#[tokio::test]
async fn a_number_that_somebody_new_proves_leaves_its_old_account() {
    let site = Site::new().await;
    let amy = site.verified("amy", "+447700900123").await;
    site.clock.advance(3_700);
    site.verified("ben", "+447700900123").await;
    let poll = site.poll().await;
    amy.get(&format!("{poll}/vote"))
        .await
        .goes_to(&format!("/verify?next={poll}/vote"));
    assert_eq!(
        site.count("SELECT COUNT(*) FROM account WHERE number_mac IS NOT NULL")
            .await,
        1
    );
}

#[tokio::test]
async fn a_number_votes_once_even_from_a_new_account() {
    let site = Site::new().await;
    let poll = site.poll().await;
    let amy = site.verified("amy", "+447700900123").await;
    amy.fill(&format!("{poll}/vote"), "Vote", &[("choice", "1")])
        .await
        .goes_to(&format!("{poll}/results"));
    site.clock.advance(3_700);
    let ben = site.verified("ben", "+447700900123").await;
    let form = [
        ("poll", poll.trim_start_matches("/polls/")),
        ("choice", "2"),
    ];
    ben.call("cast_vote", form.iter().copied().collect())
        .await
        .says(
            422,
            "You've already voted in this poll, and that vote stands.",
        );
    assert_eq!(site.count("SELECT COUNT(*) FROM ballot").await, 1);
}
