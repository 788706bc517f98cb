//! Pasting: text from the site itself, and numbers, codes, receipts and names from other programs.

mod codes;
mod numbers;

use crate::accounts::second_factors::{NUMBER, PASSWORD};
use crate::support::app::Site;

/// Returns a text with its digits in another script, whose zero this is.
fn written_with(nought: char, text: &str) -> String {
    let digit = |sign: char| {
        sign.to_digit(10)
            .and_then(|digit| char::from_u32(u32::from(nought) + digit))
            .unwrap_or(sign)
    };
    text.chars().map(digit).collect()
}

#[tokio::test]
async fn a_name_logs_in_however_it_was_copied() {
    for site in Site::on_each_database().await {
        site.registered("zoë-m").await;
        for copied in [
            "zoë-m",
            " zoe\u{308}-m\t",
            "\u{202a}ZOË-M\u{202c}",
            "zoë\u{2011}m,",
            "\u{feff}zoë-m.",
            "\u{a0}ｚｏë－ｍ\u{3000}",
            "zo\u{ad}ë-m",
        ] {
            let answer = site
                .visitor()
                .fill(
                    "/login",
                    "Log in",
                    &[("username", copied), ("password", PASSWORD)],
                )
                .await;
            assert_eq!(
                answer.header("location"),
                "/verify",
                "{copied:?}: {}",
                answer.body
            );
        }
        // Wrong passwords are counted together for every spelling of a name.
        for n in 0..11 {
            let name = format!("zoë{}-m", "\u{200b}".repeat(n));
            let answer = site
                .visitor()
                .fill(
                    "/login",
                    "Log in",
                    &[("username", &name), ("password", "another one")],
                )
                .await;
            assert_eq!(
                answer.status.as_u16(),
                422,
                "each from an address of its own"
            );
        }
        assert_eq!(
            site.count(
                "SELECT COUNT(DISTINCT key) FROM failure WHERE rule = 'wrong password, account'"
            )
            .await,
            1
        );
    }
}

#[tokio::test]
async fn no_field_cuts_off_what_is_pasted_into_it() {
    let site = Site::new().await;
    let amy = site.registered("amy").await;
    let mut pages = vec![
        site.visitor().get("/login").await,
        site.visitor().get("/register").await,
        amy.get("/verify").await,
    ];
    amy.fill("/verify", "Send code", &[("phone", NUMBER)])
        .await
        .goes_to("/verify/code");
    pages.push(amy.get("/verify/code").await);
    pages.push(amy.get(&format!("{}/receipt", site.poll().await)).await);
    for page in pages {
        assert_eq!(page.status, 200);
        for attribute in [
            "maxlength",
            "pattern",
            "type=\"number\"",
            "type=\"email\"",
            "onpaste",
        ] {
            assert!(!page.body.contains(attribute), "{attribute}: {}", page.body);
        }
    }
}
