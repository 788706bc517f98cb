//! Unit tests of `trusted_browsers`.

use super::*;

fn carried(value: &str, https: bool) -> TrustCookie {
    TrustCookie::of(
        &HeaderMap::from_iter([(
            axum::http::header::COOKIE,
            HeaderValue::from_str(value).unwrap(),
        )]),
        https,
    )
}

#[test]
fn what_a_browser_keeps_is_read_back_and_nothing_else_is() {
    let kept = TrustCookie(vec![TrustToken([7; 32]), TrustToken([8; 32])]);
    for https in [false, true] {
        let cookie = kept.cookie(https);
        assert_eq!(carried(cookie.split(';').next().unwrap(), https), kept);
        assert_eq!(
            cookie.starts_with("__Host-") && cookie.contains("; Secure"),
            https
        );
        for attribute in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=2592000"] {
            assert!(cookie.contains(&format!("; {attribute}")), "{cookie}");
        }
    }
    for text in [
        "remembered=",
        "remembered=07",
        "other=07",
        "remembered=zz",
        "remembered=..",
        "remembered=07.zz",
    ] {
        assert_eq!(carried(text, false), TrustCookie::default(), "{text}");
    }
}

#[test]
fn a_browser_keeps_so_many_and_no_more() {
    let many = TrustCookie((0..20).map(|n| TrustToken([n; 32])).collect());
    assert_eq!(
        carried(many.cookie(false).split(';').next().unwrap(), false).0,
        many.0[..ACCOUNTS]
    );
}
