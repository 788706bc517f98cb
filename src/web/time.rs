//! Formatting of times and durations.

use leptos::prelude::*;
use time::format_description::FormatItem;
use time::macros::format_description;
use time::{OffsetDateTime, UtcOffset};

use crate::web::number::of;

#[cfg(feature = "ssr")]
use {jiff::Timestamp, jiff::tz::TimeZoneDatabase};

const DAY: &[FormatItem<'_>] =
    format_description!("[day padding:none] [month repr:long] [year], [hour]:[minute] UTC");
const BRIEF: &[FormatItem<'_>] =
    format_description!("[day padding:none] [month repr:short] [year], [hour]:[minute]");
const HOUR: &[FormatItem<'_>] = format_description!("[hour]:[minute]:[second] UTC");
const MACHINE: &[FormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");

/// Formats seconds since 1970 as `24 November 2026, 12:05 UTC`.
#[must_use]
pub fn day(at: i64) -> String {
    format(at, DAY)
}

/// Formats seconds since 1970 as `24 Nov 2026, 13:05 GMT+1` in a time zone such as `Europe/Berlin`,
/// or in UTC if the zone is unknown.
#[must_use]
pub fn brief(at: i64, zone: &str) -> String {
    let Some(offset) = offset(at, zone) else {
        return format!("{} UTC", format(at, BRIEF));
    };
    let time = OffsetDateTime::from_unix_timestamp(at)
        .ok()
        .and_then(|at| at.to_offset(offset).format(BRIEF).ok());
    format!("{} {}", time.unwrap_or_default(), distance(offset))
}

/// Returns a zone's offset from UTC at a time; `None` for UTC itself and for unknown zones.
#[cfg(feature = "ssr")]
fn offset(at: i64, zone: &str) -> Option<UtcOffset> {
    let zone = TimeZoneDatabase::bundled()
        .get(zone)
        .ok()
        .filter(|zone| zone.iana_name() != Some("UTC"))?;
    UtcOffset::from_whole_seconds(zone.to_offset(Timestamp::from_second(at).ok()?).seconds()).ok()
}

/// The time zone database is available only on the server.
#[cfg(not(feature = "ssr"))]
fn offset(_at: i64, _zone: &str) -> Option<UtcOffset> {
    None
}

/// Formats an offset as browsers do: `GMT`, `GMT+1`, `GMT-3:30`.
fn distance(offset: UtcOffset) -> String {
    let (hours, minutes) = (offset.whole_hours().abs(), offset.minutes_past_hour().abs());
    let sign = if offset.is_negative() { '-' } else { '+' };
    match (hours, minutes) {
        (0, 0) => "GMT".to_owned(),
        (hours, 0) => format!("GMT{sign}{hours}"),
        (hours, minutes) => format!("GMT{sign}{hours}:{minutes:02}"),
    }
}

/// Formats seconds since 1970 as `12:05:30 UTC`.
#[must_use]
pub fn hour(at: i64) -> String {
    format(at, HOUR)
}

/// Formats seconds since 1970 as `2026-11-24T12:05:30Z`.
#[must_use]
pub fn machine(at: i64) -> String {
    format(at, MACHINE)
}

fn format(at: i64, description: &[FormatItem<'_>]) -> String {
    OffsetDateTime::from_unix_timestamp(at)
        .ok()
        .and_then(|at| at.format(description).ok())
        .unwrap_or_default()
}

/// Formats a duration, such as `2 minutes`, rounded up so that a retry after it is not too early.
#[must_use]
pub fn wait(seconds: i64) -> String {
    match seconds {
        ..=1 => "a moment".to_owned(),
        2..=90 => of(seconds, "second"),
        91..=5_400 => of((seconds + 59) / 60, "minute"),
        _ => of((seconds + 3_599) / 3_600, "hour"),
    }
}

/// Formats the time left until a moment in its largest units, rounded down to minutes: `in 2 days
/// and 3 hours`.
#[must_use]
pub fn left(seconds: i64) -> String {
    let units = [
        (seconds / 86_400, "day"),
        (seconds % 86_400 / 3_600, "hour"),
        (seconds % 3_600 / 60, "minute"),
    ];
    let told: Vec<String> = units
        .into_iter()
        .skip_while(|(count, _)| *count <= 0)
        .take(2)
        .filter(|(count, _)| *count > 0)
        .map(|(count, unit)| of(count, unit))
        .collect();
    if told.is_empty() {
        "in less than a minute".to_owned()
    } else {
        format!("in {}", told.join(" and "))
    }
}

/// Formats the time left until a moment for a list, in its largest unit, rounded down: `3 days left`,
/// `Closes in 2 hours`.
#[must_use]
pub fn closes_in(seconds: i64) -> String {
    const DAY: i64 = 86_400;
    let (count, unit) = match seconds {
        ..60 => return "Closes in less than a minute".to_owned(),
        60..3_600 => return format!("Closes in {}", of(seconds / 60, "minute")),
        3_600..DAY => return format!("Closes in {}", of(seconds / 3_600, "hour")),
        _ => match seconds / DAY {
            days @ ..60 => (days, "day"),
            days @ 60..730 => (days / 30, "month"),
            days => (days / 365, "year"),
        },
    };
    format!("{} left", of(count, unit))
}

/// A `<time>` element, machine-readable. The script shows it in the reader's own zone, at about the
/// same width, so that the layout doesn't shift.
#[component]
pub fn Time(
    /// Seconds since 1970.
    at: i64,
    /// The time zone that the organiser chose; UTC if empty. It is named where scripts don't run.
    #[prop(optional, into)]
    zone: String,
    /// Whether to show only the time of day.
    #[prop(optional)]
    short: bool,
) -> impl IntoView {
    let named = offset(at, &zone).map(|_| format!(" ({})", zone.replace('_', " ")));
    view! {
        <time datetime=machine(at) data-short=short>{if short { hour(at) } else { brief(at, &zone) }}</time>
        {named.map(|named| view! { <noscript>{named}</noscript> })}
    }
}

/// Returns the seconds until a moment; `None` once it has come, and outside the server, which alone
/// knows the time.
#[must_use]
pub fn seconds_until(at: i64) -> Option<i64> {
    #[cfg(feature = "ssr")]
    let left = at - crate::web::context::Ctx::from_context().clock.now();
    #[cfg(not(feature = "ssr"))]
    let left = at.min(0);
    (left > 0).then_some(left)
}

/// The time left until a moment days or hours away, such as `in 2 days and 3 hours`. Scripts keep it
/// current; at the end it says `now`, and elements with `data-after` of its name are shown.
#[component]
pub fn TimeLeft(
    /// Seconds since 1970.
    at: i64,
    /// Seconds left, since the reader's clock may be wrong.
    seconds: i64,
    /// A name for the countdown.
    ends: &'static str,
) -> impl IntoView {
    view! { <time datetime=machine(at) data-left=seconds data-ends=ends>{left(seconds)}</time> }
}

/// A countdown: `at 12:05:30 UTC`, and with scripts `in 24 seconds`, ticking, then `now`.
#[component]
pub fn Countdown(
    /// Seconds since 1970.
    at: i64,
    /// Seconds left, since the reader's clock may be wrong.
    left: i64,
    /// A name for the countdown. At its end, buttons with `data-after` of this name are enabled,
    /// other elements with it are shown, and those with `data-until` are hidden.
    #[prop(optional)]
    ends: Option<&'static str>,
    /// Text announced to screen readers at the end.
    #[prop(optional)]
    say: Option<&'static str>,
) -> impl IntoView {
    let text = format!("at {}", hour(at));
    view! { <time datetime=machine(at) data-short=true data-countdown=left.max(0) data-ends=ends data-say=say>{text}</time> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_as_people_write_them() {
        assert_eq!(day(1_795_521_930), "24 November 2026, 12:05 UTC");
        assert_eq!(hour(1_795_521_930), "12:05:30 UTC");
        assert_eq!(machine(1_795_521_930), "2026-11-24T12:05:30Z");
    }

    #[cfg(feature = "ssr")]
    #[test]
    fn a_time_is_told_on_the_clock_of_its_zone() {
        let told = |zone| brief(1_795_521_930, zone);
        assert_eq!(told("Europe/Berlin"), "24 Nov 2026, 13:05 GMT+1");
        assert_eq!(told("Asia/Kathmandu"), "24 Nov 2026, 17:50 GMT+5:45");
        assert_eq!(told("America/St_Johns"), "24 Nov 2026, 08:35 GMT-3:30");
        assert_eq!(told("Europe/London"), "24 Nov 2026, 12:05 GMT");
        for zone in ["", "UTC", "Europe/Nowhere"] {
            assert_eq!(told(zone), "24 Nov 2026, 12:05 UTC");
        }
        assert_eq!(
            brief(1_782_900_000, "Europe/London"),
            "1 Jul 2026, 11:00 GMT+1"
        );
    }

    #[test]
    fn the_time_left_has_its_two_largest_units() {
        for (seconds, told) in [
            (2 * 86_400 + 3 * 3_600 + 59, "in 2 days and 3 hours"),
            (86_400 + 59 * 60, "in 1 day"),
            (86_399, "in 23 hours and 59 minutes"),
            (3_600, "in 1 hour"),
            (119, "in 1 minute"),
            (59, "in less than a minute"),
            (0, "in less than a minute"),
        ] {
            assert_eq!(left(seconds), told, "{seconds}");
        }
    }

    #[test]
    fn a_list_tells_the_time_left_in_its_largest_unit() {
        let day = 86_400;
        for (seconds, told) in [
            (59, "Closes in less than a minute"),
            (119, "Closes in 1 minute"),
            (3_599, "Closes in 59 minutes"),
            (2 * 3_600 + 59, "Closes in 2 hours"),
            (day - 1, "Closes in 23 hours"),
            (day, "1 day left"),
            (3 * day + 5 * 3_600, "3 days left"),
            (59 * day, "59 days left"),
            (60 * day, "2 months left"),
            (729 * day, "24 months left"),
            (730 * day, "2 years left"),
        ] {
            assert_eq!(closes_in(seconds), told, "{seconds}");
        }
    }

    #[test]
    fn a_wait_is_never_told_too_short() {
        let told = [0, 2, 90, 91, 120, 121, 5_400, 5_401, 7_201].map(wait);
        assert_eq!(
            told,
            [
                "a moment",
                "2 seconds",
                "90 seconds",
                "2 minutes",
                "2 minutes",
                "3 minutes",
                "90 minutes",
                "2 hours",
                "3 hours"
            ]
        );
    }
}
