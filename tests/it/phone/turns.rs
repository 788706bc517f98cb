//! Turns at a number that its owner hasn't verified yet, and mistyped numbers.

use crate::support::app::Site;
use crate::support::browser::{Page, Person};

const NUMBER: &str = "+447700900123";
const OTHER: &str = "+447700900456";
/// Lifetime of the simulated provider's codes.
const LIFE: i64 = 300;
const MINUTE: i64 = 60;

async fn asks(person: &Person, phone: &str) -> Page {
    person
        .fill("/verify", "Send code", &[("phone", phone)])
        .await
}

async fn hostile(site: &Site) -> Vec<Person> {
    let mut people = Vec::new();
    for n in 0..5 {
        people.push(site.registered(&format!("hostile{n}")).await);
    }
    people
}

/// Returns a page without its tokens and waits, and its headers likewise.
fn bare(page: &Page, name: &str) -> (u16, String, Vec<String>) {
    let pieces = page.body.split("name=\"_csrf\" value=\"").enumerate();
    let body: String = pieces
        .map(|(n, piece)| {
            if n == 0 {
                piece
            } else {
                piece.split_once('"').unwrap().1
            }
        })
        .collect();
    let (before, after) = body.split_once("Please try again in ").unwrap();
    let after = after.split_once('.').unwrap().1;
    let headers = page.headers.keys().map(ToString::to_string).collect();
    (
        page.status.as_u16(),
        format!("{before}{after}")
            .replace("such as +44\u{a0}7700\u{a0}900123", "")
            .replace(name, "NAME"),
        headers,
    )
}

#[tokio::test]
async fn five_hostile_accounts_keep_an_owner_off_for_one_codes_life_at_most() {
    for site in Site::on_each_database().await {
        let hostile = hostile(&site).await;
        let owner = site.registered("owner").await;
        asks(&hostile[0], NUMBER).await.goes_to("/verify/code");
        for person in &hostile[1..] {
            assert_eq!(asks(person, NUMBER).await.status, 429);
        }
        site.clock.advance(1);
        let page = asks(&owner, NUMBER).await;
        page.says(429, "We've reached our limit for codes for now.");
        assert_eq!(page.header("retry-after"), LIFE.to_string());
        // They keep trying, and before the owner does, with "Send a new code".
        for _ in 0..LIFE / 30 {
            site.clock.advance(30);
            hostile[0]
                .fill("/verify/code", "Send a new code", &[])
                .await;
            for person in &hostile {
                asks(person, NUMBER).await;
            }
        }
        asks(&owner, NUMBER).await.goes_to("/verify/code");
        owner
            .fill("/verify/code", "Confirm", &[("code", &site.code())])
            .await
            .goes_to("/account/recovery/offer");
    }
}

#[tokio::test]
async fn one_account_keeps_a_number_once_a_day() {
    for site in Site::on_each_database().await {
        let (eve, owner) = (site.registered("eve").await, site.registered("owner").await);
        asks(&eve, NUMBER).await.goes_to("/verify/code");
        site.clock.advance(LIFE);
        // Again, as soon as possible: this time her code gives way.
        asks(&eve, NUMBER).await.goes_to("/verify/code");
        site.clock.advance(30);
        asks(&owner, NUMBER).await.goes_to("/verify/code");
        eve.get("/verify/code")
            .await
            .says(200, "That code no longer works.");
        assert_eq!(
            asks(&eve, NUMBER).await.status,
            429,
            "now it is the owner's"
        );
        owner
            .fill("/verify/code", "Confirm", &[("code", &site.code())])
            .await
            .goes_to("/account/recovery/offer");
    }
}

#[tokio::test]
async fn who_waits_for_a_number_reads_the_words_of_an_ordinary_limit() {
    for site in Site::on_each_database().await {
        let (eve, owner) = (site.registered("eve").await, site.registered("owner").await);
        // An ordinary limit: others used up the messages of another number.
        for n in 0..3 {
            let person = site.registered(&format!("other{n}")).await;
            for _ in 0..if n == 0 { 3 } else { 1 } {
                asks(&person, OTHER).await.goes_to("/verify/code");
                site.clock.advance(31);
            }
            site.clock.advance(LIFE);
        }
        let ordinary = asks(&owner, OTHER).await;
        asks(&eve, NUMBER).await.goes_to("/verify/code");
        let page = asks(&owner, NUMBER).await;
        assert_eq!(bare(&page, "900123"), bare(&ordinary, "900456"));
        let wait = |page: &Page| page.header("retry-after").parse::<i64>().unwrap();
        assert_eq!(
            (wait(&page) % LIFE, wait(&ordinary) % LIFE),
            (0, 0),
            "neither tells when the other asked"
        );
        assert_eq!(wait(&page), LIFE);
        site.clock.advance(100);
        assert_eq!(wait(&asks(&owner, NUMBER).await), LIFE);
    }
}

#[tokio::test]
async fn of_a_numbers_messages_the_last_two_are_for_others() {
    for site in Site::on_each_database().await {
        let (eve, owner) = (site.registered("eve").await, site.registered("owner").await);
        for _ in 0..3 {
            asks(&eve, NUMBER).await.goes_to("/verify/code");
            site.clock.advance(31);
        }
        assert_eq!(asks(&eve, NUMBER).await.status, 429);
        site.clock.advance(LIFE);
        asks(&owner, NUMBER).await.goes_to("/verify/code");
    }
}

#[tokio::test]
async fn a_mistyped_number_costs_no_wait_and_is_soon_its_owners() {
    for site in Site::on_each_database().await {
        let (amy, owner) = (site.registered("amy").await, site.registered("owner").await);
        asks(&amy, "+44 7700 900124").await.goes_to("/verify/code");
        // What was typed is kept for correction.
        amy.get("/verify")
            .await
            .says(200, "value=\"+44 7700 900124\"");
        asks(&amy, NUMBER).await.goes_to("/verify/code");
        // The third has to wait, and what was typed is kept.
        let page = asks(&amy, OTHER).await;
        page.says(
            429,
            "We sent a code a moment ago. You can ask for another in 30 seconds.",
        );
        page.says(429, &format!("value=\"{OTHER}\""));
        // The mistyped number is free immediately; its provider may need half a minute to cancel a
        // code.
        let page = asks(&owner, "+447700900124").await;
        if page.status == 429 {
            site.clock.advance(30);
            asks(&owner, "+447700900124").await.goes_to("/verify/code");
        }
        owner
            .fill("/verify/code", "Confirm", &[("code", &site.code())])
            .await
            .goes_to("/account/recovery/offer");
        let code = site
            .phones()
            .messages()
            .iter()
            .find(|message| message.to == NUMBER)
            .unwrap()
            .code
            .clone();
        amy.fill("/verify/code", "Confirm", &[("code", &code)])
            .await
            .goes_to("/account/recovery/offer");
    }
}

#[tokio::test]
async fn the_code_of_one_number_never_proves_another() {
    for site in Site::on_each_database().await {
        let amy = site.registered("amy").await;
        asks(&amy, NUMBER).await.goes_to("/verify/code");
        let first = site.code();
        asks(&amy, OTHER).await.goes_to("/verify/code");
        let second = site.code();
        if first != second {
            amy.fill("/verify/code", "Confirm", &[("code", &first)])
                .await
                .says(422, "That code is not right.");
        }
        // Back to the first within that half minute: its code is cancelled, so there is one to wait
        // for.
        assert_eq!(asks(&amy, NUMBER).await.status, 429);
        amy.fill("/verify/code", "Confirm", &[("code", &second)])
            .await
            .goes_to("/account/recovery/offer");
        assert_eq!(
            site.count("SELECT COUNT(*) FROM account WHERE number_mac IS NOT NULL")
                .await,
            1
        );
        amy.get("/account").await.says(200, "··56");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_numbers_at_once_an_account_gets_two() {
    for site in Site::on_each_database().await {
        let amy = site.registered("amy").await;
        let form = amy.form("/verify", "Send code").await;
        let posts = (0..20).map(|n| {
            let field = vec![("phone".to_owned(), format!("+447700900{n:03}"))];
            let (amy, form) = (amy.clone(), [form.clone(), field].concat());
            async move { amy.post("/verify", &form).await.status.as_u16() }
        });
        let answers = futures::future::join_all(posts).await;
        assert_eq!(
            answers.iter().filter(|status| **status == 303).count(),
            2,
            "{answers:?}"
        );
        assert_eq!(site.phones().starts(), 2);
        site.clock.advance(MINUTE);
        asks(&amy, NUMBER).await.goes_to("/verify/code");
    }
}
