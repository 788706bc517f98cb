//! Unit tests of `location`.

use super::*;

#[test]
fn a_path_on_this_site_leads_on() {
    for path in [
        "/",
        "/polls/ab/vote",
        "/polls/%0A/vote",
        "/?a=b&c=%C3%A9",
        "/a//b",
        "/a?next=//evil.example",
    ] {
        assert_eq!(
            NextPath::parse(path).as_ref().map(NextPath::as_str),
            Some(path)
        );
    }
}

#[test]
fn what_might_lead_off_this_site_is_dropped() {
    for path in [
        "",
        "polls",
        "//evil.example",
        "/\\evil.example",
        "\\/evil",
        "https://evil.example",
        "/\t/evil.example",
        "/a\r\nb",
        "/é",
        "/a b",
        "/\0",
    ] {
        assert_eq!(NextPath::parse(path), None, "{path:?}");
    }
}

#[test]
fn the_way_back_survives_the_trip_through_a_query() {
    let next = NextPath::parse("/polls/%0A/vote?a=b&c=%C3%A9").unwrap();
    assert_eq!(
        next.after("/login"),
        "/login?next=/polls/%250A/vote%3Fa%3Db%26c%3D%25C3%25A9"
    );
}
