//! Pasted phone numbers.

use serde_json::json;

use crate::phone::pasted::written_with;
use crate::support::app::Site;
use crate::support::browser::Page;

const SHOWN: &str = "+44\u{a0}7400\u{a0}123456";

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
            .goes_to("/account/recovery/offer");
    }
}
