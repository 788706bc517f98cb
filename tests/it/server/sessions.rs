//! Sessions and their cookies: when a session ends, and when its id changes.

use crate::support::app::Site;

#[tokio::test]
async fn a_session_ends_after_a_day_without_a_request_and_after_thirty_days() {
    const HOUR: i64 = 3_600;
    let site = Site::new().await;
    let amy = site.registered("amy").await;
    for _ in 0..31 {
        amy.get("/verify").await.says(200, "Phone number");
        site.clock.advance(23 * HOUR);
    }
    amy.get("/verify").await.says(200, "Phone number");
    site.clock.advance(23 * HOUR);
    amy.get("/verify").await.goes_to("/login?next=/verify");
    let ben = site.registered("ben").await;
    site.clock.advance(24 * HOUR + 299);
    ben.get("/verify").await.says(200, "Phone number");
    site.clock.advance(24 * HOUR + 600);
    ben.get("/verify").await.goes_to("/login?next=/verify");
}

#[tokio::test]
async fn each_step_up_has_a_new_session_id_and_the_old_one_is_dead() {
    let site = Site::new().await;
    let amy = site.registered("amy").await;
    let before = amy.cookie("session").unwrap();
    amy.fill("/verify", "Send code", &[("phone", "+447700900123")])
        .await
        .goes_to("/verify/code");
    amy.fill("/verify/code", "Confirm", &[("code", &site.code())])
        .await
        .goes_to("/account/recovery/offer");
    assert_ne!(amy.cookie("session").unwrap(), before);
    let thief = amy.other_browser();
    thief.set_cookie("session", &before);
    thief.get("/verify").await.goes_to("/login?next=/verify");
}

#[tokio::test]
async fn on_https_cookies_are_this_hosts_alone_and_browsers_are_told_to_stay() {
    let clock = pollstr::platform::clock::Clock::manual(crate::support::app::START_TIME);
    let site = Site::provided(
        clock,
        &[
            ("POLLSTR_ORIGIN", "https://polls.example.org"),
            ("POLLSTR_VERIFY", "simulator"),
        ],
    )
    .await;
    let amy = site.visitor();
    let form = amy.get("/register").await;
    let registered = amy
        .fill(
            "/register",
            "Create account",
            &[("username", "amy"), ("password", "four words and more")],
        )
        .await;
    for (page, name) in [(&form, "__Host-csrf="), (&registered, "__Host-session=")] {
        let cookie = page.header("set-cookie");
        assert!(cookie.starts_with(name), "{cookie}");
        for attribute in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/"] {
            assert!(
                cookie.split("; ").any(|part| part == attribute),
                "{attribute}: {cookie}"
            );
        }
        assert!(!cookie.contains("Domain"), "{cookie}");
        assert_eq!(
            page.header("strict-transport-security"),
            "max-age=63072000",
            "subdomains are not ours"
        );
    }
}
