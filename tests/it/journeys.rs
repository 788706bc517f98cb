//! Journeys from the first visit to the vote, and what goes wrong on the way.

use pollstr::polls::store::drafts;
use pollstr::polls::store::drafts::Draft;
use pollstr::simulator::WireFault;
use serde_json::json;

use crate::support::app::{START_TIME, Site};
use crate::support::html;

#[tokio::test]
async fn a_stranger_registers_proves_a_number_votes_and_sees_the_results() {
    for site in Site::on_each_database().await {
        let (amy, poll) = (site.visitor(), site.poll().await);
        amy.get(&format!("{poll}/vote"))
            .await
            .goes_to(&format!("/login?next={poll}/vote"));
        let fields = [("username", "amy"), ("password", "four words and more")];
        amy.fill(
            &format!("/register?next={poll}/vote"),
            "Create account",
            &fields,
        )
        .await
        .goes_to(&format!("/verify?next={poll}/vote"));
        let verify = format!("/verify?next={poll}/vote");
        let code_page = format!("/verify/code?next={poll}/vote");
        amy.fill(&verify, "Send code", &[("phone", "+44 7700 900123")])
            .await
            .goes_to(&code_page);
        assert_eq!(site.phones().messages()[0].to, "+447700900123");
        amy.get(&code_page).await.says(200, "+44 7700 900123");
        amy.fill(&code_page, "Confirm", &[("code", &site.code())])
            .await
            .goes_to(&format!("{poll}/vote"));
        amy.fill(&format!("{poll}/vote"), "Vote", &[("choice", "2")])
            .await
            .goes_to(&format!("{poll}/results"));
        let results = amy.get(&format!("{poll}/results")).await;
        results.says(200, "1 vote so far");
        results.says(200, "Your receipt");
        assert!(
            !amy.get(&format!("{poll}/results"))
                .await
                .body
                .contains("Your receipt"),
            "a receipt is shown once"
        );
        amy.fill(&format!("{poll}/vote"), "Log out", &[])
            .await
            .goes_to("/");
        amy.get("/").await.says(200, "You are logged out.");
    }
}

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
        .goes_to("/");
    elsewhere.get("/verify").await.goes_to("/");
}

#[tokio::test]
async fn a_wrong_code_says_how_many_tries_are_left_and_a_dead_one_offers_another() {
    let site = Site::new().await;
    let amy = site.registered("amy").await;
    amy.fill("/verify", "Send code", &[("phone", "+447700900123")])
        .await
        .goes_to("/verify/code");
    let right = site.code();
    let wrong = if right == "000000" {
        "000001"
    } else {
        "000000"
    };
    amy.fill("/verify/code", "Confirm", &[("code", "12345")])
        .await
        .says(422, "Enter the 6-digit code.");
    amy.fill("/verify/code", "Confirm", &[("code", wrong)])
        .await
        .says(422, "That code is not right. You have 2 tries left.");
    amy.fill("/verify/code", "Confirm", &[("code", wrong)])
        .await
        .says(422, "You have 1 try left.");
    amy.fill("/verify/code", "Confirm", &[("code", wrong)])
        .await
        .says(422, "no longer works");
    amy.fill("/verify/code", "Send a new code", &[])
        .await
        .says(429, "You can ask for another in 30 seconds.");
    site.clock.advance(29);
    amy.fill("/verify/code", "Send a new code", &[])
        .await
        .says(429, "You can ask for another in a moment.");
    site.clock.advance(1);
    amy.fill("/verify/code", "Send a new code", &[])
        .await
        .goes_to("/verify/code");
    assert_ne!(site.phones().messages().len(), 1);
    amy.fill("/verify/code", "Confirm", &[("code", &site.code())])
        .await
        .goes_to("/");
}

#[tokio::test]
async fn a_code_dies_at_its_last_second() {
    let site = Site::new().await;
    let amy = site.registered("amy").await;
    amy.fill("/verify", "Send code", &[("phone", "+447700900123")])
        .await
        .goes_to("/verify/code");
    let form = amy.form("/verify/code", "Confirm").await;
    let with_code = [form, vec![("code".to_owned(), site.code())]].concat();
    site.clock.advance(300);
    amy.post("/verify/code", &with_code)
        .await
        .says(422, "no longer works");
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

#[tokio::test]
async fn what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost() {
    let site = Site::new().await;
    let visitor = site.visitor();
    let page = visitor
        .fill(
            "/register",
            "Create account",
            &[("username", "amy archer"), ("password", "short")],
        )
        .await;
    page.says(
        422,
        "Use only letters, digits, dots, dashes and underscores.",
    );
    page.says(422, "value=\"amy archer\"");
    page.says(422, "Use at least 8 characters.");
    assert!(!page.body.contains("short"));
    let page = visitor
        .fill(
            "/login",
            "Log in",
            &[("username", "amy"), ("password", "wrong password")],
        )
        .await;
    page.says(
        422,
        "Your username and password didn't match. Please try again.",
    );
    page.says(422, "value=\"amy\"");
    visitor
        .fill("/login", "Log in", &[])
        .await
        .says(422, "Enter your username.");
    site.registered("amy").await;
    visitor
        .fill(
            "/register",
            "Create account",
            &[("username", "AMY"), ("password", "four words and more")],
        )
        .await
        .says(422, "That name is taken.");
}

#[tokio::test]
async fn the_same_refusal_reaches_htmx_and_json_in_their_own_words() {
    let site = Site::new().await;
    let visitor = site.visitor();
    let form = visitor.form("/login", "Log in").await;
    let page = visitor
        .send(
            visitor
                .request(reqwest::Method::POST, "/login")
                .header("hx-request", "true")
                .form(&form),
        )
        .await;
    assert_eq!(
        (page.status.as_u16(), page.header("hx-push-url")),
        (422, "false")
    );
    assert!(
        page.body
            .starts_with("<title>Log in · Pollstr</title><main id=\"main\""),
        "{}",
        page.body
    );
    let answer = visitor.call("login", json!({})).await;
    answer.says(
        422,
        r#""fields":{"password":"Enter your password.","username":"Enter your username."}"#,
    );
    let full = [
        form,
        vec![
            ("username".to_owned(), "test".to_owned()),
            ("password".to_owned(), "test1234".to_owned()),
        ],
    ]
    .concat();
    let page = visitor
        .send(
            visitor
                .request(reqwest::Method::POST, "/login")
                .header("hx-request", "true")
                .form(&full),
        )
        .await;
    assert_eq!(
        (page.status.as_u16(), page.header("hx-redirect")),
        (200, "/verify")
    );
}

#[tokio::test]
async fn a_provider_that_fails_verifies_nobody_and_uses_nothing_up() {
    let site = Site::new().await;
    let amy = site.registered("amy").await;
    for fault in [
        WireFault::Status500,
        WireFault::Html,
        WireFault::RedirectElsewhere,
        WireFault::NumericStatus,
        WireFault::BadCredentials,
    ] {
        site.phones().set_fault(Some(fault));
        let page = amy
            .fill("/verify", "Send code", &[("phone", "+447700900123")])
            .await;
        assert_eq!(page.status, 503, "{fault:?}");
    }
    assert_eq!(site.count("SELECT COUNT(*) FROM send").await, 0);
    site.phones().set_fault(None);
    amy.fill("/verify", "Send code", &[("phone", "+447700900123")])
        .await
        .goes_to("/verify/code");
    for fault in [
        WireFault::Status500,
        WireFault::Html,
        WireFault::OtherRequestId,
        WireFault::NumericStatus,
        WireFault::Throttled,
    ] {
        site.phones().set_fault(Some(fault));
        let page = amy
            .fill("/verify/code", "Confirm", &[("code", &site.code())])
            .await;
        assert_eq!(page.status, 503, "{fault:?}");
    }
    site.phones().set_fault(None);
    amy.fill("/verify/code", "Confirm", &[("code", &site.code())])
        .await
        .goes_to("/");
}

#[tokio::test]
async fn a_code_whose_name_was_lost_on_the_way_is_not_taken_over() {
    let site = Site::new().await;
    let amy = site.registered("amy").await;
    site.phones().set_fault(Some(WireFault::Truncated));
    let page = amy
        .fill("/verify", "Send code", &[("phone", "+447700900123")])
        .await;
    assert_eq!(page.status, 503);
    site.phones().set_fault(None);
    let page = amy
        .fill("/verify", "Send code", &[("phone", "+447700900123")])
        .await;
    page.says(429, "We've reached our limit for codes for now.");
    site.clock.advance(300);
    amy.fill("/verify", "Send code", &[("phone", "+447700900123")])
        .await
        .goes_to("/verify/code");
}

#[tokio::test]
async fn codes_are_sent_so_often_and_no_oftener() {
    let site = Site::new().await;
    let amy = site.registered("amy").await;
    for _ in 0..3 {
        amy.fill("/verify", "Send code", &[("phone", "+447700900123")])
            .await
            .goes_to("/verify/code");
        site.clock.advance(31);
    }
    let page = amy
        .fill("/verify", "Send code", &[("phone", "+447700900123")])
        .await;
    page.says(429, "We've reached our limit for codes for now.");
    let wait: i64 = page.header("retry-after").parse().unwrap();
    site.clock.advance(wait - 1);
    assert_eq!(
        amy.fill("/verify", "Send code", &[("phone", "+447700900123")])
            .await
            .status,
        429
    );
    site.clock.advance(1);
    amy.fill("/verify", "Send code", &[("phone", "+447700900123")])
        .await
        .goes_to("/verify/code");
    let ben = site.registered("ben").await;
    assert_eq!(
        ben.fill("/verify", "Send code", &[("phone", "+447700900123")])
            .await
            .status,
        429,
        "a number under way is not another's"
    );
}

#[tokio::test]
async fn guessing_passwords_stops_the_guesser_and_not_the_owner() {
    let site = Site::new().await;
    let (guesser, owner) = (
        site.registered("eve").await.other_browser(),
        site.registered("amy").await.other_browser(),
    );
    for _ in 0..10 {
        let page = guesser
            .call("login", json!({ "username": "amy", "password": "a guess" }))
            .await;
        assert_eq!(page.status, 422);
    }
    guesser
        .call("login", json!({ "username": "amy", "password": "a guess" }))
        .await
        .says(429, "Too many wrong passwords.");
    owner
        .call(
            "login",
            json!({ "username": "amy", "password": "four words and more" }),
        )
        .await
        .says(200, "/verify");
    site.clock.advance(900);
    assert_eq!(
        guesser
            .call("login", json!({ "username": "amy", "password": "a guess" }))
            .await
            .status,
        422
    );
}

#[tokio::test]
async fn long_lists_go_page_by_page_there_and_back() {
    for site in Site::on_each_database().await {
        let transaction = site.state.db.begin().await.unwrap();
        for number in 1..=42 {
            let draft = Draft::asking(
                &format!("Question number {number}?"),
                &["A", "B"],
                START_TIME,
            );
            drafts::insert(&transaction, &draft, START_TIME)
                .await
                .unwrap();
        }
        transaction.commit().await.unwrap();
        let visitor = site.visitor();
        let open = async |path: &str| {
            let body = visitor.get(path).await.body;
            let link = |rel: &str| html::attribute(&body, &format!("a[{rel}]"), "href");
            let numbers = body
                .split("Question number ")
                .skip(1)
                .map(|rest| rest.split('?').next().unwrap().parse().unwrap());
            (
                numbers.collect::<Vec<u32>>(),
                link("rel=\"prev\""),
                link("rel=\"next\""),
            )
        };
        let (first, newer, older) = open("/?q=number").await;
        assert_eq!((first, newer), ((23..=42).rev().collect(), None));
        let (second, newer, third) = open(&older.unwrap()).await;
        assert_eq!(
            (second.clone(), newer.as_deref()),
            ((3..=22).rev().collect(), Some("/?q=number"))
        );
        let (last, newer, none) = open(&third.unwrap()).await;
        assert_eq!((last, none), (vec![2, 1], None));
        assert_eq!(newer.as_deref(), Some("/?q=number&page=2"));
        // A page number alone gives the same page; a number past the end gives an empty one, and a
        // malformed one the first.
        assert_eq!(open("/?q=number&page=2").await.0, second);
        assert_eq!(open("/?q=number&page=9").await.0, [0_u32; 0]);
        for odd in ["0", "-1", "x", "99999999999999999999"] {
            assert_eq!(
                open(&format!("/?q=number&page={odd}")).await.0.len(),
                20,
                "{odd}"
            );
        }
        // The next page continues after the last poll of the previous one, whatever happened in
        // between.
        let moved = format!("/?page=2&after={}", "nosuchpoll");
        assert_eq!(open(&moved).await.0.len(), 20);
    }
}
