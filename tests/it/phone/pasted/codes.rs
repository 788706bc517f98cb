//! Pasted codes, recovery codes and receipts.

use crate::accounts::second_factors::{NUMBER, logs_in, makes_codes, sets_up_app};
use crate::phone::pasted::written_with;
use crate::support::app::Site;
use crate::support::html;

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
            .goes_to("/account/recovery/offer");
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
