//! When a poll closes: after a day or a week, at a time, or when its owner closes it.

use serde_json::{Value, json};

use crate::polls::create::{NUMBER, faults, id, made, make, stored, with};
use crate::support::app::{START_TIME, Site};
use crate::support::browser::Person;
use crate::support::html;

const DAY: i64 = 86_400;

async fn closes_at(site: &Site, olga: &Person, more: Value) -> Option<i64> {
    stored(site, &make(olga, more).await).await.poll.closes_at
}

#[tokio::test]
async fn a_day_and_a_week_count_from_the_opening() {
    let site = Site::new().await;
    let olga = site.verified("olga", NUMBER).await;
    let opens = "2027-01-01T10:00";
    let opens_at = 1_798_797_600;
    for (more, expected) in [
        (json!({}), None),
        (json!({ "until": "never" }), None),
        (json!({ "until": "day" }), Some(START_TIME + DAY)),
        (json!({ "until": "week" }), Some(START_TIME + 7 * DAY)),
        (
            json!({ "until": "week", "opens": opens }),
            Some(opens_at + 7 * DAY),
        ),
        (json!({ "until": "time", "closes": opens }), Some(opens_at)),
        // A time that was typed counts, even if its button was not pressed.
        (json!({ "until": "never", "closes": opens }), Some(opens_at)),
        (
            json!({ "until": "day", "save": "draft" }),
            Some(START_TIME + DAY),
        ),
    ] {
        assert_eq!(
            closes_at(&site, &olga, more.clone()).await,
            expected,
            "{more}"
        );
    }
}

#[tokio::test]
async fn answers_that_contradict_or_miss_a_time_are_named_at_their_field() {
    let site = Site::new().await;
    let olga = site.verified("olga", NUMBER).await;
    for (more, field, message) in [
        (
            json!({ "until": "time" }),
            "closes",
            "Enter a time, or choose another answer.",
        ),
        (
            json!({ "until": "day", "closes": "2027-01-01T10:00" }),
            "closes",
            "Choose “At this time”, or empty this.",
        ),
        (json!({ "until": "soon" }), "until", "Choose one of these."),
    ] {
        let refused = faults(&olga.call("create_poll", with(more)).await);
        assert_eq!(refused, json!({ field: message }));
    }
}

#[tokio::test]
async fn a_closing_time_shows_as_a_time_when_the_poll_is_edited() {
    let site = Site::new().await;
    let olga = site.verified("olga", NUMBER).await;
    let picked = async |path: &str| {
        let page = olga.get(&format!("{path}/edit")).await;
        let picked = html::attribute(&page.body, "input[name=until][checked]", "value");
        let closes = html::attribute(&page.body, "input[name=closes]", "value");
        (picked.unwrap(), closes.unwrap_or_default())
    };
    let path = make(
        &olga,
        json!({ "until": "week", "save": "draft", "zone": "UTC" }),
    )
    .await;
    let (until, closes) = picked(&path).await;
    assert_eq!(until, "time");
    let form = with(json!({ "poll": id(&path), "until": until, "closes": closes }));
    made(&olga.call("edit_poll", form).await);
    // Forms have minute precision.
    let expected = (START_TIME + 7 * DAY) / 60 * 60;
    assert_eq!(stored(&site, &path).await.poll.closes_at, Some(expected));
    let form = with(json!({ "poll": id(&path), "until": "never", "save": "draft" }));
    let path = make(&olga, form).await;
    assert_eq!(picked(&path).await, ("never".to_owned(), String::new()));
}
