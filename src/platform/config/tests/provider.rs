//! Unit tests of `provider`.

use super::{config, refused};
use crate::platform::config::provider::*;

#[test]
fn credentials_choose_the_provider_and_never_show_in_a_log() {
    let config = config(&[("VONAGE_API_KEY", "key"), ("VONAGE_API_SECRET", "hush")]).unwrap();
    assert!(matches!(config.verify, Verify::Vonage { .. }));
    assert!(!format!("{config:?}").contains("hush"));
    assert!(!config.demo());
}

#[test]
fn a_provider_without_all_of_its_settings_is_refused_by_the_first_that_is_missing() {
    let vonage = [("VONAGE_API_KEY", "key"), ("VONAGE_API_SECRET", "hush")];
    let twilio = [
        ("TWILIO_ACCOUNT_SID", "AC1"),
        ("TWILIO_AUTH_TOKEN", "hush"),
        ("TWILIO_VERIFY_SERVICE", "VA1"),
    ];
    for (provider, needed) in [
        ("vonage", &vonage[..]),
        ("vonage-v2", &vonage),
        ("twilio", &twilio),
    ] {
        for missing in 0..needed.len() {
            let settings = [&[("POLLSTR_VERIFY", provider)], &needed[..missing]].concat();
            assert_eq!(
                refused(&settings),
                format!(
                    "{}: required by POLLSTR_VERIFY={provider}",
                    needed[missing].0
                )
            );
            if missing > 0 && provider != "vonage-v2" {
                assert_eq!(
                    refused(&needed[..missing]),
                    format!(
                        "{}: required by POLLSTR_VERIFY={provider}",
                        needed[missing].0
                    )
                );
            }
        }
        let whole = config(&[&[("POLLSTR_VERIFY", provider)], needed].concat()).unwrap();
        assert!(!whole.simulated() && !format!("{whole:?}").contains("hush"));
    }
    assert!(
        refused(&[&twilio[..2], &[("TWILIO_VERIFY_SERVICE", "../x")]].concat())
            .starts_with("TWILIO_VERIFY_SERVICE: ")
    );
    assert!(refused(&[&twilio[..], &vonage].concat()).starts_with("POLLSTR_VERIFY: "));
}

#[test]
fn a_brand_is_what_its_provider_takes() {
    let v2 = |brand| {
        refused(&[
            ("POLLSTR_VERIFY", "vonage-v2"),
            ("VONAGE_API_KEY", "k"),
            ("VONAGE_API_SECRET", "s"),
            ("POLLSTR_BRAND", brand),
        ])
    };
    assert!(
        v2("seventeen letters").starts_with("POLLSTR_BRAND: ")
            && v2("a/b").starts_with("POLLSTR_BRAND: ")
    );
    assert_eq!(
        config(&[("POLLSTR_BRAND", "seventeen letters")])
            .unwrap()
            .brand,
        "seventeen letters"
    );
}
