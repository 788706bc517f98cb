//! All rate limits: how many in what time, what they are counted under, and the message when one is
//! reached.

use thiserror::Error;

use crate::platform::clock::Seconds;
use crate::verification::TRIES_PER_CODE;
use crate::web::hypermedia::outcome::Refusal;
use crate::web::time;

pub(super) const MINUTE: Seconds = 60;
pub(super) const HOUR: Seconds = 60 * MINUTE;
/// The longest window of any limit.
pub(super) const DAY: Seconds = 24 * HOUR;

/// At most `most` in any `window` seconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rate {
    pub(super) most: i64,
    pub(super) window: Seconds,
}

const fn at_most(most: i64, window: Seconds) -> Rate {
    Rate { most, window }
}

/// A limit on failures (rows of `failure`), on codes sent (rows of `send`), or on what is counted in
/// memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Wrong passwords for one account, from any address.
    PasswordForAccount,
    /// Wrong passwords from one address, for any account.
    PasswordFromAddress,
    /// Wrong passwords for one account on one known device, independent of attempts elsewhere.
    PasswordOnKnownDevice,
    /// Taken usernames that one address tried to sign up with. Members of a club may share names.
    TakenNameFromAddress,
    /// Sign-ups from one address. A whole club may sign up in one hall; an event can be allowed
    /// more.
    RegistrationFromAddress,
    /// New and duplicated polls of one account. The settings say how many.
    PollByAccount,
    /// Wrong codes of one account, across resends, logouts and restarts.
    Code,
    /// Wrong codes from one account's authenticator app.
    AppCode,
    /// Wrong passkey responses of one account, counted together with [`Self::AppCode`].
    Passkey,
    /// Wrong recovery codes of one account.
    RecoveryCode,
    /// Codes sent to one number, across all accounts and spellings.
    SendToNumber,
    /// Codes sent to one number by one account.
    SendToNumberByAccount,
    /// Codes sent by one account.
    SendByAccount,
    /// Codes requested from one address for numbers not verified before. An event can be allowed
    /// more. The limit for verified numbers comes from the settings.
    SendFromAddress,
    /// Codes sent by the whole site in an hour. The settings say how many.
    SendBySite,
    /// Codes sent, or money spent, by the whole site in a day. The settings say how much.
    SendPerDay,
    /// Numbers that one network checked without an account. Counted in memory.
    NumberCheck,
}

impl Limit {
    /// Returns the name in rows of `failure`. Limits that count elsewhere need none.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::PasswordForAccount => "wrong password, account",
            Self::PasswordFromAddress => "wrong password, address",
            Self::PasswordOnKnownDevice => "wrong password, known device",
            Self::TakenNameFromAddress => "name taken, address",
            Self::RegistrationFromAddress => "register, address",
            Self::PollByAccount => "new poll, account",
            Self::Code => "wrong code, account",
            Self::AppCode | Self::Passkey => "wrong app code, account",
            Self::RecoveryCode => "wrong recovery code, account",
            Self::SendToNumber
            | Self::SendToNumberByAccount
            | Self::SendByAccount
            | Self::SendFromAddress
            | Self::SendBySite
            | Self::SendPerDay
            | Self::NumberCheck => "",
        }
    }

    /// Returns the rate; if the settings or an event allow more, `most` is replaced.
    pub(super) const fn rate(self) -> Rate {
        match self {
            Self::PasswordForAccount | Self::PasswordOnKnownDevice => at_most(10, 15 * MINUTE),
            Self::PasswordFromAddress => at_most(50, 15 * MINUTE),
            Self::TakenNameFromAddress => at_most(100, HOUR),
            Self::RegistrationFromAddress => at_most(200, HOUR),
            Self::PollByAccount => at_most(30, DAY),
            Self::Code | Self::AppCode | Self::Passkey | Self::RecoveryCode => at_most(10, DAY),
            Self::SendToNumber | Self::SendByAccount => at_most(5, HOUR),
            Self::SendToNumberByAccount => at_most(3, 10 * MINUTE),
            Self::SendFromAddress => at_most(10, HOUR),
            Self::SendBySite => at_most(i64::MAX, HOUR),
            Self::SendPerDay => at_most(i64::MAX, DAY),
            Self::NumberCheck => at_most(100, 10 * MINUTE),
        }
    }

    /// Returns the first sentence of the message, before when to try again.
    const fn words(self) -> &'static str {
        match self {
            Self::PasswordForAccount | Self::PasswordFromAddress | Self::PasswordOnKnownDevice => {
                "Too many wrong passwords."
            }
            Self::TakenNameFromAddress => "Too many usernames tried from your network.",
            Self::RegistrationFromAddress => "Too many new accounts from your network.",
            Self::PollByAccount => "You've created a lot of polls today.",
            Self::Code | Self::AppCode | Self::RecoveryCode => "Too many wrong codes.",
            Self::Passkey => "Too many failed attempts.",
            Self::SendToNumber
            | Self::SendToNumberByAccount
            | Self::SendByAccount
            | Self::SendFromAddress
            | Self::SendBySite => "We've reached our limit for codes for now.",
            Self::SendPerDay => "We've reached today's limit for codes.",
            Self::NumberCheck => "Too many numbers checked from your network.",
        }
    }

    /// Returns an error unless the wait is over.
    pub(super) fn after(self, wait: Seconds) -> Result<(), TooOften> {
        if wait > 0 {
            Err(TooOften { limit: self, wait })
        } else {
            Ok(())
        }
    }
}

/// A limit is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{} Please try again in {}.", .limit.words(), time::wait(*.wait))]
pub struct TooOften {
    /// The limit.
    pub limit: Limit,
    /// Seconds until the next attempt is allowed.
    pub wait: Seconds,
}

impl From<TooOften> for Refusal {
    fn from(error: TooOften) -> Self {
        Self::TooSoon {
            message: error.to_string(),
            wait: error.wait,
        }
    }
}

/// Consecutive wrong passwords before unknown devices have to wait.
pub(super) const MAX_CONSECUTIVE_FAILURES: i64 = 100;
/// First wait of unknown devices; each further failure doubles it.
pub(super) const MIN_BACKOFF: Seconds = MINUTE;
/// Longest wait of unknown devices.
pub(super) const MAX_BACKOFF: Seconds = 6 * HOUR;

/// Attempts that must be left today for a code to be sent. A code with a single attempt would still
/// cost money, and one typo would end the day.
pub(super) const MIN_TRIES_LEFT: i64 = TRIES_PER_CODE;

/// Seconds between two codes for one account. Providers can't cancel a code earlier (Vonage Verify
/// v1, status 19).
pub const BETWEEN_SENDS: Seconds = 30;
/// Numbers an account may try without that wait: the first may contain a typo.
pub(super) const MAX_NUMBERS_WITHOUT_WAIT: usize = 2;
/// Codes to a number that are reserved for its owner and for accounts that haven't had one there
/// today.
pub(super) const RESERVED_FOR_OTHERS: i64 = 2;
/// Waits that depend on other users are rounded up to a multiple of this, the shortest lifetime of
/// a code, so that they don't reveal when others were sent theirs.
pub(super) const WAIT_GRANULARITY: Seconds = 5 * MINUTE;
/// How long a waiting account has to come back once its turn at a number begins.
pub(super) const TURN_GRACE: Seconds = 2 * MINUTE;

/// Longest lifetime of a code with any provider.
pub const CODE_LIFETIME: Seconds = 10 * MINUTE;
/// How many recent finished codes of an area are judged.
pub(super) const LAST_CODES: i64 = 50;
/// The circuit breaker opens when fewer than this percentage were typed: someone may be earning
/// money with messages that are never read.
pub(super) const MIN_CONFIRMED_PERCENT: i64 = 20;
/// How long it stays open before the first probe.
pub(super) const PAUSE: Seconds = 15 * MINUTE;
/// Seconds between probes; doubled by each one that stays untyped.
pub(super) const BETWEEN_PROBES: Seconds = MINUTE;
/// Longest time between probes.
pub(super) const LONGEST_BETWEEN_PROBES: Seconds = 30 * MINUTE;

/// How long a sent code is remembered; after a day, without its number, account and address.
pub(super) const RETENTION: Seconds = 30 * DAY;
