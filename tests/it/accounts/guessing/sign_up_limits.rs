//! Limits of sign-ups and of names that are taken, by address.

use pollstr::accounts::limits;
use pollstr::accounts::limits::allow_for_an_event;
use pollstr::web::http::client_ip::ClientIp;

use crate::accounts::guessing::{PASSWORD, too_often};
use crate::support::app::Site;

#[tokio::test]
async fn names_that_are_taken_are_told_a_hundred_times_an_hour_and_a_hall_has_more() {
    for site in Site::on_each_database().await {
        site.registered("known").await;
        let asker = site.visitor();
        let (db, now) = (&site.state.db, site.clock.now());
        let address = ClientIp(asker.address().to_owned());
        for _ in 0..99 {
            let _ = limits::count_taken_name(db, &address, now).await.unwrap();
        }
        let ask = async |name: &str| {
            asker
                .fill(
                    "/register",
                    "Create account",
                    &[("username", name), ("password", PASSWORD)],
                )
                .await
        };
        ask("known").await.says(422, "That name is taken.");
        // Taken or free, the response is the same.
        for name in ["known", "unknown"] {
            ask(name).await.says(
                429,
                "Too many usernames tried from your network. Please try again in 60 minutes.",
            );
        }
        allow_for_an_event(db, &address.0, 102, now + 7_200)
            .await
            .unwrap();
        ask("unknown").await.goes_to("/verify");
        assert_eq!(
            site.count("SELECT COUNT(*) FROM failure WHERE rule = 'name taken, address'")
                .await,
            100,
            "a free name is no finding"
        );
    }
}

#[tokio::test]
async fn an_address_makes_two_hundred_accounts_an_hour() {
    let site = Site::new().await;
    let (db, now) = (&site.state.db, site.clock.now());
    let made = async |at| {
        limits::count_registration(db, "203.0.113.9", at)
            .await
            .map_err(too_often)
    };
    for _ in 0..200 {
        let _ = made(now).await.unwrap();
    }
    assert_eq!(made(now + 3_599).await.unwrap_err().wait, 1);
    let _ = made(now + 3_600).await.unwrap();
}
