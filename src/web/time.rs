//! Times as people read them.

use leptos::prelude::*;
use time::OffsetDateTime;
use time::format_description::FormatItem;
use time::macros::format_description;

const DAY: &[FormatItem<'_>] = format_description!("[day padding:none] [month repr:long] [year], [hour]:[minute] UTC");
const HOUR: &[FormatItem<'_>] = format_description!("[hour]:[minute]:[second] UTC");
const MACHINE: &[FormatItem<'_>] = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");

/// As in `24 November 2026, 12:05 UTC`; takes seconds since 1970.
#[must_use]
pub fn day(at: i64) -> String {
    format(at, DAY)
}

/// As in `12:05:30 UTC`; takes seconds since 1970.
#[must_use]
pub fn hour(at: i64) -> String {
    format(at, HOUR)
}

/// As in `2026-11-24T12:05:30Z`; takes seconds since 1970.
#[must_use]
pub fn machine(at: i64) -> String {
    format(at, MACHINE)
}

fn format(at: i64, description: &[FormatItem<'_>]) -> String {
    OffsetDateTime::from_unix_timestamp(at).ok().and_then(|at| at.format(description).ok()).unwrap_or_default()
}

/// A wait in words, as in `2 minutes`; rounded up, so that coming back then is not too soon.
#[must_use]
pub fn wait(seconds: i64) -> String {
    let of = |count: i64, unit: &str| format!("{count} {unit}{}", if count == 1 { "" } else { "s" });
    match seconds {
        ..=1 => "a moment".to_owned(),
        2..=90 => of(seconds, "second"),
        91..=5_400 => of((seconds + 59) / 60, "minute"),
        _ => of((seconds + 3_599) / 3_600, "hour"),
    }
}

/// A time in a page, exact for machines. Where scripts run it is shown in the reader's own zone.
#[component]
pub fn Time(
    /// Seconds since 1970.
    at: i64,
    /// Whether the time of day is enough.
    #[prop(optional)]
    short: bool,
) -> impl IntoView {
    view! { <time datetime=machine(at) data-short=short>{if short { hour(at) } else { day(at) }}</time> }
}

/// A time that is waited for: `at 12:05:30 UTC`, and where scripts run `in 24 seconds`, ticking, then `now`.
#[component]
pub fn Countdown(
    /// Seconds since 1970.
    at: i64,
    /// Seconds until then, since the reader's clock may be wrong.
    left: i64,
    /// A name for the wait. When it is over, buttons with `data-after` of this name can be pressed and other elements with it are
    /// shown, and those with `data-until` are hidden.
    #[prop(optional)]
    ends: Option<&'static str>,
    /// What is said to whoever listens when the wait is over.
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

    #[test]
    fn a_wait_is_never_told_too_short() {
        let told = [0, 2, 90, 91, 120, 121, 5_400, 5_401, 7_201].map(wait);
        assert_eq!(
            told,
            ["a moment", "2 seconds", "90 seconds", "2 minutes", "2 minutes", "3 minutes", "90 minutes", "2 hours", "3 hours"]
        );
    }
}
