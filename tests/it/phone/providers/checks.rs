//! Checking codes: right, wrong, expired and unknown ones.

use pollstr::simulator;
use pollstr::verification::{Cancel, Check};

use crate::phone::providers::{VENDORS, Vendor, World};
use crate::support::app::Site;

#[tokio::test]
async fn the_code_that_arrives_is_the_code_that_is_right_once() {
    for world in World::each().await {
        let vendor = world.vendor;
        let id = world.sent().await;
        let (messages, code) = (world.phones.messages(), world.code());
        assert_eq!(
            (messages.len(), messages[0].channel, messages[0].to.as_str()),
            (1, simulator::Channel::Sms, "+447700900123")
        );
        assert!(
            code.len() == 6 && messages[0].text.contains(&format!("Pollstr code: {code}.")),
            "{vendor:?}"
        );
        assert_eq!(
            world.provider.check(&id, &world.wrong_code()).await,
            Check::Wrong,
            "{vendor:?}"
        );
        assert_eq!(
            world.provider.check(&id, &code).await,
            Check::Approved,
            "{vendor:?}"
        );
        assert_eq!(
            world.provider.check(&id, &code).await,
            Check::Gone,
            "{vendor:?}"
        );
        assert_eq!(world.provider.cancel(&id).await, Cancel::Gone, "{vendor:?}");
        assert_eq!(
            (world.phones.starts(), world.phones.checks()),
            (1, 3),
            "{vendor:?}"
        );
    }
}

#[tokio::test]
async fn a_wrong_code_is_told_apart_from_a_dead_one() {
    for world in World::each().await {
        let id = world.sent().await;
        let (right, wrong) = (world.code(), world.wrong_code());
        for _ in 0..world.vendor.most_wrong() {
            assert_eq!(
                world.provider.check(&id, &wrong).await,
                Check::Wrong,
                "{:?}",
                world.vendor
            );
        }
        assert_eq!(
            world.provider.check(&id, &right).await,
            Check::TooManyWrong,
            "{:?}",
            world.vendor
        );
    }
}

#[tokio::test]
async fn unknown_ids_and_ids_of_other_providers_are_gone() {
    for world in World::each().await {
        for id in VENDORS.map(Vendor::unknown_id) {
            assert_eq!(
                world.provider.check(&id, "123456").await,
                Check::Gone,
                "{:?} {id:?}",
                world.vendor
            );
            assert_eq!(
                world.provider.cancel(&id).await,
                Cancel::Gone,
                "{:?} {id:?}",
                world.vendor
            );
        }
    }
}

#[tokio::test]
async fn the_demos_phone_shows_the_line_by_which_phones_fill_a_code_in() {
    let site = Site::new().await;
    let amy = site.registered("amy").await;
    amy.fill("/verify", "Send code", &[("phone", "+447700900123")])
        .await
        .goes_to("/verify/code");
    amy.get("/simulator")
        .await
        .says(200, &format!("\n@127.0.0.1 #{}</p>", site.code()));
}
