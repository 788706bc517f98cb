//! Pasting: text from the site itself, and numbers, codes, receipts and names from other programs.

use serde_json::json;

use crate::accounts::recovery_codes::makes_codes;
use crate::accounts::second_factors::{NUMBER, PASSWORD, logs_in, sets_up_app};
use crate::support::app::Site;
use crate::support::browser::Page;
use crate::support::html;

const SHOWN: &str = "+44\u{a0}7400\u{a0}123456";

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
async fn a_number_is_understood_however_it_was_copied() {
    let site = Site::new().await;
    let amy = site.registered("amy").await;
    let shown = async |phone: &str, country: &str| -> Page {
        amy.call("show_number", json!({ "phone": phone, "country": country }))
            .await
    };
    for phone in [
        "\u{202a}+44 7400 123456\u{202c}",
        "\u{2068}+44 7400 123456\u{2069}",
        SHOWN,
        "+44\u{202f}7400\u{2011}123456",
        "\u{feff}+44\u{200b}7400\u{ad}123456",
        "(+44) 7400 123456",
        "tel:+447400123456",
        "+44 7400 123456,",
        "\"+44 7400 123456\"\r\n",
        "＋４４　７４００－１２３４５６",
        "+٤٤ ٧٤٠٠ ١٢٣٤٥٦",
        "०७४०० १२३४५६",
    ] {
        shown(phone, "GB").await.says(200, SHOWN);
    }
    for (country, phone, number) in [
        ("IR", "۰۹۱۲۳۴۵۶۷۸۹", "+98\u{a0}912\u{a0}345\u{a0}6789"),
        ("IN", "९८७६५४३२१०", "+91\u{a0}98765\u{a0}43210"),
        ("SA", "+٩٦٦٥٠١٢٣٤٥٦٧", "+966\u{a0}50\u{a0}123\u{a0}4567"),
        ("US", "+1 (650) 253\u{2011}0000", "+1\u{a0}650-253-0000"),
    ] {
        shown(phone, country).await.says(200, number);
    }
    for phone in [
        "+44 7400 123456 x5",
        "++447400123456",
        "+44 7400 123456#",
        "*44 7400 123456",
        "+44 7400 12345O",
    ] {
        shown(phone, "GB").await.says(
            422,
            "Use only digits, spaces and - . ( ) / with one + at the start.",
        );
    }
}

#[tokio::test]
async fn a_number_that_the_site_shows_and_the_message_with_a_code_can_be_pasted_back() {
    for (n, site) in Site::on_each_database().await.into_iter().enumerate() {
        let amy = site.registered("amy").await;
        let hint = amy
            .get("/verify")
            .await
            .body
            .split("such as ")
            .nth(1)
            .unwrap()
            .split("</p>")
            .next()
            .unwrap()
            .to_owned();
        assert_eq!(hint, "+44\u{a0}7700\u{a0}900123.");
        amy.fill("/verify", "Send code", &[("phone", &hint)])
            .await
            .goes_to("/verify/code");
        let page = amy.get("/verify/code").await;
        page.says(200, "+44 7700 900123");
        // No code, or more than one, uses up no attempt.
        amy.fill("/verify/code", "Confirm", &[("code", "Pollstr")])
            .await
            .says(422, "Enter the 6-digit code.");
        let two = format!(
            "{} {}",
            site.code(),
            if site.code() == "123456" {
                "654321"
            } else {
                "123456"
            }
        );
        amy.fill("/verify/code", "Confirm", &[("code", &two)])
            .await
            .says(422, "more than one code");
        let message = site.phones().messages().first().unwrap().text.clone();
        assert!(message.starts_with("Pollstr code: "), "{message}");
        let code = site.code();
        let typed = [message, written_with('\u{660}', &code)][n % 2].clone();
        amy.fill("/verify/code", "Confirm", &[("code", &typed)])
            .await
            .goes_to("/");
    }
}

#[tokio::test]
async fn a_code_counts_however_it_was_copied() {
    let site = Site::new().await;
    let kinds: [fn(&str) -> String; 8] = [
        |code| written_with('\u{6f0}', code),
        |code| written_with('\u{966}', code),
        |code| written_with('\u{ff10}', code),
        |code| format!("{}\u{2011}{}", &code[..3], &code[3..]),
        |code| format!("G-{code}"),
        |code| format!("\u{2068}{code}\u{2069}."),
        |code| format!("{code} is your code. Valid for 5 minutes.\n@127.0.0.1 #{code}"),
        |code| {
            format!(
                "Pollstr code: {}.",
                code.chars()
                    .map(String::from)
                    .collect::<Vec<_>>()
                    .join(", ")
            )
        },
    ];
    for (n, kind) in kinds.into_iter().enumerate() {
        let person = site.registered(&format!("person{n}")).await;
        person
            .fill(
                "/verify",
                "Send code",
                &[("phone", &format!("+44 7700 90010{n}"))],
            )
            .await
            .goes_to("/verify/code");
        person
            .fill("/verify/code", "Confirm", &[("code", &kind(&site.code()))])
            .await
            .goes_to("/");
    }
    // TOTP codes too.
    let amy = site.verified("amy", NUMBER).await;
    let app = sets_up_app(&site, &amy).await;
    site.clock.advance(60);
    let code = written_with('\u{9e6}', &app.shows(site.clock.now()));
    logs_in(&amy, "amy")
        .await
        .fill(
            "/verify/app",
            "Confirm",
            &[("code", &format!("{code}\u{a0}"))],
        )
        .await
        .goes_to("/");
}

#[tokio::test]
async fn a_receipt_counts_however_it_was_copied() {
    for site in Site::on_each_database().await {
        let (amy, poll) = (site.verified("amy", NUMBER).await, site.poll().await);
        amy.fill(&format!("{poll}/vote"), "Vote", &[("choice", "1")])
            .await
            .goes_to(&format!("{poll}/results"));
        let results = amy.get(&format!("{poll}/results")).await;
        let receipt = html::text(&results.body, "output");
        let page = format!("{poll}/receipt");
        let looked_up =
            async |receipt: &str| amy.fill(&page, "Check", &[("receipt", receipt)]).await;
        let full_width = |text: &str| {
            text.chars()
                .map(|sign| char::from_u32(u32::from(sign) + 0xfee0).unwrap())
                .collect::<String>()
        };
        for copied in [
            receipt.clone(),
            receipt.to_lowercase(),
            receipt.replace('-', "\u{2011}"),
            receipt.replace('-', "\u{a0}–\u{a0}"),
            format!("\u{202a}{receipt}\u{202c}"),
            format!("{receipt}."),
            format!("\"{receipt}\",\t"),
            format!("Your receipt: {receipt}"),
            format!("Your receipt\n{receipt}\nCopy"),
            format!("The ballot with receipt {receipt} is counted."),
            full_width(&receipt),
            written_with('\u{660}', &receipt),
        ] {
            looked_up(&copied).await.says(200, "is counted.");
        }
        for wrong in [
            &receipt[1..],
            "",
            "!",
            &format!("{receipt} 0000-0000-0000-0000"),
        ] {
            looked_up(wrong)
                .await
                .says(422, "A receipt has sixteen letters and digits.");
        }
    }
}

#[tokio::test]
async fn a_recovery_code_counts_however_it_was_copied() {
    let site = Site::new().await;
    let amy = site.verified("amy", NUMBER).await;
    let codes = makes_codes(&amy).await;
    let page = "/verify/recovery";
    let all = codes.join("\n");
    logs_in(&amy, "amy")
        .await
        .fill(page, "Continue", &[("code", &all)])
        .await
        .says(422, "A recovery code has 16 letters and digits");
    for (n, copied) in [
        codes[0].replace('-', "\u{2011}"),
        codes[1].replace('-', "\u{2009}"),
        format!("\u{200e}{},", codes[2].to_lowercase()),
        format!("1. {}", codes[3]),
        codes[4].replace('-', ""),
    ]
    .into_iter()
    .enumerate()
    {
        logs_in(&amy, "amy")
            .await
            .fill(page, "Continue", &[("code", &copied)])
            .await
            .goes_to(page);
        assert_eq!(
            site.count("SELECT COUNT(*) FROM recovery_code").await,
            9 - i64::try_from(n).unwrap()
        );
    }
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
