//! Time zones: converts between times typed into forms and Unix seconds.
//!
//! The time zone database is compiled in, so that every machine gives the same answer.

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};
use thiserror::Error;

use crate::platform::clock::Seconds;

static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// Prefixes of geographic zone names, as opposed to legacy and technical ones.
const REGIONS: [&str; 10] = [
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
];

/// An IANA time zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PollTimeZone(TimeZone);

/// Which of two instants is meant when clocks go back and a local time occurs twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Twice {
    /// The earlier one.
    First,
    /// The later one.
    Second,
}

/// Why a typed time was rejected.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TimeError {
    /// The time zone is unknown.
    #[error("We don't know this time zone. Enter a city in it, such as Berlin or New York.")]
    NoZone,
    /// The text isn't a date and time.
    #[error("Enter a date and time, such as 2026-11-24T18:30.")]
    BodyError,
    /// The local time is skipped when clocks go forward.
    #[error(
        "In {0} the clocks go forward that day, so this time doesn't exist. Choose an earlier or later one."
    )]
    Skipped(String),
}

impl PollTimeZone {
    /// Parses a zone name, such as `Europe/Berlin`, or the city in it.
    pub fn parse(typed: &str) -> Result<Self, TimeError> {
        let name = typed.trim().replace(' ', "_");
        let zone = ZONES.get(&name).ok().or_else(|| by_city(&name));
        zone.map(Self).ok_or(TimeError::NoZone)
    }

    /// The IANA name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// Parses a typed time. Forms send local time in this zone, `2026-11-24T18:30`; API clients may
    /// add a UTC offset, `2026-11-24T18:30Z`.
    pub fn moment(&self, typed: &str, twice: Twice) -> Result<Seconds, TimeError> {
        if let Ok(moment) = typed.trim().parse::<Timestamp>() {
            return Ok(moment.as_second());
        }
        let time: DateTime = typed.trim().parse().map_err(|_| TimeError::BodyError)?;
        let moments = self.0.to_ambiguous_timestamp(time);
        if let AmbiguousOffset::Gap { .. } = moments.offset() {
            return Err(TimeError::Skipped(self.name().to_owned()));
        }
        let moment = match twice {
            Twice::First => moments.earlier(),
            Twice::Second => moments.later(),
        };
        moment
            .map(Timestamp::as_second)
            .map_err(|_| TimeError::BodyError)
    }

    /// Formats an instant as local time for a form's date and time field.
    #[must_use]
    pub fn shown(&self, moment: Seconds) -> String {
        let Ok(moment) = Timestamp::from_second(moment) else {
            return String::new();
        };
        let time = self.0.to_datetime(moment);
        let (day, hour, minute, second) = (time.date(), time.hour(), time.minute(), time.second());
        if second == 0 {
            format!("{day}T{hour:02}:{minute:02}")
        } else {
            format!("{day}T{hour:02}:{minute:02}:{second:02}")
        }
    }
}

/// Finds a geographic zone by the city that it is named after.
fn by_city(city: &str) -> Option<TimeZone> {
    let is_it = |name: &str| {
        name.rsplit_once('/').is_some_and(|(region, named)| {
            let region = region.split('/').next().unwrap_or_default();
            named.eq_ignore_ascii_case(city) && REGIONS.contains(&region)
        })
    };
    let mut names = ZONES.available();
    let name = names.find(|name| is_it(name.as_str()))?;
    ZONES.get(name.as_str()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn berlin(typed: &str, twice: Twice) -> Result<Seconds, TimeError> {
        PollTimeZone::parse("Europe/Berlin")
            .unwrap()
            .moment(typed, twice)
    }

    #[test]
    fn a_time_is_that_of_the_organisers_clock() {
        let utc = PollTimeZone::parse("UTC").unwrap();
        assert_eq!(
            utc.moment("2026-11-24T12:05:30", Twice::First),
            Ok(1_795_521_930)
        );
        assert_eq!(berlin("2026-11-24T13:05", Twice::First), Ok(1_795_521_900));
        assert_eq!(
            berlin("2026-07-01T12:00", Twice::First),
            utc.moment("2026-07-01T10:00", Twice::First)
        );
        assert_eq!(
            berlin("2026-11-24T12:05:30Z", Twice::First),
            Ok(1_795_521_930)
        );
        assert_eq!(
            berlin("2026-11-24T12:05:30-03:00", Twice::First),
            Ok(1_795_521_930 + 3 * 3_600)
        );
        let kathmandu = PollTimeZone::parse("asia/kathmandu").unwrap();
        assert_eq!(
            (
                kathmandu.name(),
                kathmandu.moment("2026-11-24T17:50", Twice::First)
            ),
            ("Asia/Kathmandu", Ok(1_795_521_900))
        );
    }

    #[test]
    fn an_hour_that_is_skipped_is_no_time() {
        for skipped in ["2027-03-28T02:00", "2027-03-28T02:30", "2027-03-28T02:59"] {
            assert_eq!(
                berlin(skipped, Twice::First),
                Err(TimeError::Skipped("Europe/Berlin".to_owned())),
                "{skipped}"
            );
        }
        let (before, after) = (
            berlin("2027-03-28T01:59", Twice::First),
            berlin("2027-03-28T03:00", Twice::First),
        );
        assert_eq!(after.unwrap() - before.unwrap(), 60);
    }

    #[test]
    fn of_an_hour_that_comes_twice_either_can_be_meant() {
        let (first, second) = (
            berlin("2026-10-25T02:30", Twice::First).unwrap(),
            berlin("2026-10-25T02:30", Twice::Second).unwrap(),
        );
        assert_eq!(second - first, 3_600);
        let once = berlin("2026-10-25T03:00", Twice::First).unwrap();
        assert_eq!(
            (
                berlin("2026-10-25T03:00", Twice::Second).unwrap(),
                once - second
            ),
            (once, 1_800)
        );
    }

    #[test]
    fn what_is_shown_is_read_back_as_the_same_moment() {
        for name in [
            "UTC",
            "Europe/Berlin",
            "Asia/Kathmandu",
            "America/St_Johns",
            "Pacific/Apia",
        ] {
            let zone = PollTimeZone::parse(name).unwrap();
            for moment in [0, 1_795_521_900, 1_795_521_930, 1_806_192_000] {
                assert_eq!(
                    zone.moment(&zone.shown(moment), Twice::First),
                    Ok(moment),
                    "{name}"
                );
            }
        }
        assert_eq!(
            PollTimeZone::parse("Europe/Berlin")
                .unwrap()
                .shown(1_795_521_900),
            "2026-11-24T13:05"
        );
    }

    #[test]
    fn what_is_no_time_and_no_zone_is_refused() {
        for typed in [
            "",
            "tomorrow",
            "2026-02-30T10:00",
            "2026-11-24T25:00",
            "99999-01-01T00:00",
            "2026-11-24T12:05\u{0}",
        ] {
            assert_eq!(
                berlin(typed, Twice::First),
                Err(TimeError::BodyError),
                "{typed}"
            );
        }
        for name in [
            "",
            "Europe",
            "Europe/Nowhere",
            "Nowhere",
            "../etc/passwd",
            "+02:00",
        ] {
            assert_eq!(PollTimeZone::parse(name), Err(TimeError::NoZone), "{name}");
        }
    }

    #[test]
    fn a_zone_is_found_by_its_name_or_its_city() {
        for (typed, name) in [
            ("Europe/Berlin", "Europe/Berlin"),
            (" berlin ", "Europe/Berlin"),
            ("New York", "America/New_York"),
            ("america/new york", "America/New_York"),
            ("Kolkata", "Asia/Kolkata"),
            ("utc", "UTC"),
        ] {
            let zone = PollTimeZone::parse(typed).unwrap();
            assert_eq!(zone.name(), name, "{typed}");
        }
    }
}
