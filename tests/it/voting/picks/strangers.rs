//! Picks that are not of this poll, browser or account.

use crate::support::app::Site;
use crate::support::browser::Person;
use crate::voting::ballots::asked;
use crate::voting::picks::{
    NUMBER, PASSWORD, filled, has_lost_its_pick, picks, signs_up, verifies,
};

#[tokio::test]
async fn a_pick_is_of_no_use_in_another_poll_or_browser_or_changed() {
    let site = Site::new().await;
    let (poll, other) = (asked(&site, |_| ()).await, asked(&site, |_| ()).await);
    let ballot = format!("{poll}/vote");
    let amy = site.visitor();
    picks(&amy, &poll, &[("choice", "2")]).await;
    signs_up(&amy, "amy", &ballot).await;
    verifies(&site, &amy, NUMBER, &ballot).await;
    let pick = amy.cookie("pick").unwrap();
    has_lost_its_pick(&amy, &format!("{other}/vote")).await;

    let ben = site.verified("ben", "+447700900124").await;
    ben.set_cookie("pick", &pick);
    has_lost_its_pick(&ben, &ballot).await;
    // With a visit of his own, too.
    let eve = site.visitor();
    picks(&eve, &other, &[("choice", "1")]).await;
    eve.set_cookie("pick", &pick);
    signs_up(&eve, "eve", &ballot).await;
    verifies(&site, &eve, "+447700900125", &ballot).await;
    has_lost_its_pick(&eve, &ballot).await;

    let changed = format!("{}A", &pick[..pick.len() - 2]);
    for wrong in [&changed, &pick[1..], "AAAA", "!"] {
        amy.set_cookie("pick", wrong);
        has_lost_its_pick(&amy, &ballot).await;
    }
    amy.set_cookie("pick", &pick);
    assert_eq!(filled(&amy.get(&ballot).await), ["2"]);
}

#[tokio::test]
async fn a_pick_is_not_shown_to_the_next_person_at_the_same_browser() {
    for site in Site::on_each_database().await {
        let poll = asked(&site, |_| ()).await;
        let ballot = format!("{poll}/vote");
        site.verified("ben", "+447700900124").await;
        let logs_in = async |browser: &Person, name: &str| {
            let page = format!("/login?next={ballot}");
            let fields = [("username", name), ("password", PASSWORD)];
            let mut form = browser.form(&page, "Log in").await;
            form.extend(fields.map(|(name, value)| (name.to_owned(), value.to_owned())));
            form
        };
        let verifies_again = async |browser: &Person| {
            let verify = format!("/verify?next={ballot}");
            browser.fill(&verify, "Send code", &[]).await;
            let code = format!("/verify/code?next={ballot}");
            let code_typed = [("code", &*site.code())];
            browser
                .fill(&code, "Confirm", &code_typed)
                .await
                .goes_to(&ballot);
        };

        // Logged out in between.
        let browser = site.visitor();
        picks(&browser, &poll, &[("choice", "2")]).await;
        signs_up(&browser, "amy", &ballot).await;
        browser.fill("/", "Log out", &[]).await.goes_to("/");
        let ended = |browser: &Person| browser.cookie("visit").as_deref() == Some("");
        assert!(ended(&browser));
        let pick = browser.cookie("pick").unwrap();
        let form = logs_in(&browser, "ben").await;
        browser.post("/login", &form).await.goes_to(&ballot);
        verifies_again(&browser).await;
        has_lost_its_pick(&browser, &ballot).await;
        browser.fill("/", "Log out", &[]).await.goes_to("/");

        // Another account logs in over it, on a page that was left open.
        let shared = site.visitor();
        picks(&shared, &poll, &[("choice", "2")]).await;
        assert_ne!(shared.cookie("pick").unwrap(), pick);
        let left_open = logs_in(&shared, "ben").await;
        signs_up(&shared, "eve", &ballot).await;
        let visit = shared.cookie("visit").unwrap();
        shared.post("/login", &left_open).await.goes_to(&ballot);
        assert!(ended(&shared));
        site.clock.advance(60);
        verifies_again(&shared).await;
        // Not even with the cookie of the visit, which has been Eve's since she signed up.
        shared.set_cookie("visit", &visit);
        has_lost_its_pick(&shared, &ballot).await;
    }
}
