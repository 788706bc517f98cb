//! Opening and closing times in the poll form.

use crate::platform::clock::Seconds;
use crate::polls::manage::poll_form::error::DraftError;
use crate::polls::manage::poll_form::fields::PollForm;
use crate::polls::model::time_zone::{PollTimeZone, Twice};
use crate::web::hypermedia::outcome::Faults;

/// Forms have minute precision: a poll that opens in the current minute opens now.
pub(crate) const MINUTE: Seconds = 60;

/// Validates the opening and closing times. A local time that occurs twice, when clocks are set
/// back, is read such that the poll is open for longer.
pub(crate) fn times(
    form: &PollForm,
    zone: &PollTimeZone,
    draft: bool,
    now: Seconds,
    faults: &mut Faults,
) -> Option<(Seconds, Option<Seconds>)> {
    let opens = faults.check(
        "opens",
        typed_time(&form.opens, zone, Twice::First).and_then(|opens| match opens {
            Some(opens) if !draft && opens <= now - MINUTE => Err(DraftError::OpensInThePast),
            opens => Ok(opens),
        }),
    );
    let closes = faults.check(
        "closes",
        typed_time(&form.closes, zone, Twice::Second).and_then(|closes| match closes {
            Some(closes) if !draft && closes <= now => Err(DraftError::ClosesInThePast),
            closes => Ok(closes),
        }),
    );
    let (opens, closes) = (opens?, closes?);
    // A draft without an opening time opens when it is published.
    let opens_at = if draft {
        opens.unwrap_or(AT_ONCE)
    } else {
        opens.map_or(now, |opens| opens.max(now))
    };
    let in_order = if closes.is_some_and(|closes| closes <= opens_at) {
        Err(DraftError::ClosesFirst)
    } else {
        Ok(())
    };
    faults
        .check("closes", in_order)
        .map(|()| (opens_at, closes))
}

/// Opening time of a draft that opens when it is published.
pub const AT_ONCE: Seconds = 0;

pub(crate) fn typed_time(
    typed: &str,
    zone: &PollTimeZone,
    twice: Twice,
) -> Result<Option<Seconds>, DraftError> {
    if typed.trim().is_empty() {
        Ok(None)
    } else {
        Ok(Some(zone.moment(typed, twice)?))
    }
}

/// Parses a later closing time for an open poll.
///
/// # Errors
/// When the time is invalid, has passed, or isn't later than the current closing time.
pub fn later_close(
    typed: &str,
    zone: &PollTimeZone,
    closes_at: Option<Seconds>,
    now: Seconds,
) -> Result<Seconds, DraftError> {
    let closes = zone.moment(typed, Twice::Second)?;
    if closes <= now {
        return Err(DraftError::ClosesInThePast);
    }
    if closes_at.is_some_and(|closes_at| closes <= closes_at) {
        Err(DraftError::NotLater)
    } else {
        Ok(closes)
    }
}
