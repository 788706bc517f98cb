//! Opening and closing times in the poll form.

use crate::platform::clock::Seconds;
use crate::polls::manage::poll_form::error::DraftError;
use crate::polls::manage::poll_form::fields::PollForm;
use crate::polls::manage::poll_form::time_fields::{AT_TIME, DAY, NEVER, WEEK};
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
    let typed = typed_time(&form.closes, zone, Twice::Second).and_then(|closes| match closes {
        Some(closes) if !draft && closes <= now => Err(DraftError::ClosesInThePast),
        closes => Ok(closes),
    });
    // A typed time counts, whether or not its button is pressed: it may have been pressed last.
    let closing = match (form.until.as_str(), faults.check("closes", typed)?) {
        ("" | NEVER | AT_TIME, Some(closes)) => Ok(Closing::At(closes)),
        (DAY | WEEK, Some(_)) => Err(("closes", DraftError::ClosesTwice)),
        ("" | NEVER, None) => Ok(Closing::Never),
        (DAY, None) => Ok(Closing::After(86_400)),
        (WEEK, None) => Ok(Closing::After(7 * 86_400)),
        (AT_TIME, None) => Err(("closes", DraftError::NoClosingTime)),
        _ => Err(("until", DraftError::Unknown)),
    };
    let closing = match closing {
        Ok(closing) => closing,
        Err((field, error)) => return faults.check(field, Err(error)),
    };
    let opens = opens?;
    // A draft without an opening time opens when it is published.
    let opens_at = if draft {
        opens.unwrap_or(AT_ONCE)
    } else {
        opens.map_or(now, |opens| opens.max(now))
    };
    let closes = match closing {
        Closing::Never => None,
        Closing::At(closes) => Some(closes),
        Closing::After(long) => Some(opens_at.max(now) + long),
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

/// When a poll closes, as the form says it.
enum Closing {
    Never,
    At(Seconds),
    /// So many seconds after it opens.
    After(Seconds),
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
