//! Every limit by its name: how many, in what time.

use crate::platform::clock::Seconds;
use crate::verification::TRIES_PER_CODE;

pub(super) const MINUTE: Seconds = 60;
pub(super) const HOUR: Seconds = 60 * MINUTE;
/// No limit looks further back, but for the last codes of a country.
pub(super) const DAY: Seconds = 24 * HOUR;

/// At most `most` in any `window` seconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rate {
    pub(super) most: i64,
    pub(super) window: Seconds,
}

pub(super) const fn at_most(most: i64, window: Seconds) -> Rate {
    Rate { most, window }
}

/// A named limit on failures.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    pub(super) name: &'static str,
    pub(super) rate: Rate,
}

/// Wrong passwords for one account, from whatever address.
pub(super) const WRONG_PASSWORD_FOR_ACCOUNT: Rule = Rule {
    name: "wrong password, account",
    rate: at_most(10, 15 * MINUTE),
};
/// Wrong passwords from one address, for whatever account.
pub(super) const WRONG_PASSWORD_FROM_ADDRESS: Rule = Rule {
    name: "wrong password, address",
    rate: at_most(50, 15 * MINUTE),
};
/// Wrong passwords for one account on a device that it knows, whatever strangers do.
pub(super) const WRONG_PASSWORD_ON_KNOWN_DEVICE: Rule = Rule {
    name: "wrong password, known device",
    rate: at_most(10, 15 * MINUTE),
};
/// After so many wrong passwords in a row strangers wait…
pub(super) const MOST_IN_A_ROW: i64 = 100;
/// …so long at first, then twice as long after each…
pub(super) const FIRST_WAIT_OF_STRANGERS: Seconds = MINUTE;
/// …up to this.
pub(super) const LONGEST_WAIT_OF_STRANGERS: Seconds = 6 * HOUR;
/// Usernames that one address found taken when it made an account. A club has members of the same name.
pub(super) const NAME_TAKEN_FROM_ADDRESS: Rule = Rule {
    name: "name taken, address",
    rate: at_most(100, HOUR),
};
/// New accounts from one address. A club registers in one hall; more are allowed for an event.
pub(super) const REGISTER_FROM_ADDRESS: Rule = Rule {
    name: "register, address",
    rate: at_most(200, HOUR),
};
/// New polls of one account, and copies of polls; the settings say how many.
pub(super) const NEW_POLL_OF_ACCOUNT: Rule = Rule {
    name: "new poll, account",
    rate: at_most(30, DAY),
};
/// Wrong codes of one account, whatever is resent, logged out of or restarted.
pub(super) const WRONG_CODE_OF_ACCOUNT: Rule = Rule {
    name: "wrong code, account",
    rate: at_most(10, DAY),
};
/// No code is sent that could not be wrong so often: one that leaves a single try is paid for, and then the day is over.
pub(super) const FEWEST_TRIES: i64 = TRIES_PER_CODE;
/// Wrong codes of one account's app.
pub(super) const WRONG_APP_CODE_OF_ACCOUNT: Rule = Rule {
    name: "wrong app code, account",
    rate: at_most(10, DAY),
};
/// Wrong recovery codes of one account.
pub(super) const WRONG_RECOVERY_CODE_OF_ACCOUNT: Rule = Rule {
    name: "wrong recovery code, account",
    rate: at_most(10, DAY),
};

/// Between two messages for one account, in seconds: the providers cannot cancel earlier (Vonage Verify v1, status 19).
pub const BETWEEN_SENDS: Seconds = 30;
/// So many numbers an account may try without that wait: the first may have a typing error in it.
pub(super) const NUMBERS_AT_ONCE: i64 = 2;
/// Messages to one number, over all accounts and spellings…
pub(super) const TO_NUMBER: Rate = at_most(5, HOUR);
/// …of which the last are kept for accounts that have not had one there today, and for the owner.
pub(super) const KEPT_FOR_OTHERS: i64 = 2;
/// Messages of one account to one number.
pub(super) const TO_NUMBER_BY_ACCOUNT: Rate = at_most(3, 10 * MINUTE);
/// Waits that tell of what others did are rounded up to so many seconds, the shortest life of a code: else they would tell when.
pub(super) const ROUNDED_TO: Seconds = 5 * MINUTE;
/// An account that was told to come back for its turn at a number is expected so long after it begins.
pub(super) const COMES_BACK: Seconds = 2 * MINUTE;
/// Messages for one account.
pub(super) const BY_ACCOUNT: Rate = at_most(5, HOUR);
/// Messages asked for at one address, to numbers that their account has not proved before. To proved ones there may
/// be as many as the settings say. More are allowed for an event.
pub(super) const FROM_ADDRESS_TO_NEW: Rate = at_most(10, HOUR);

/// After so many seconds a code is over, whoever sent it.
pub const CODE_IS_OVER: Seconds = 10 * MINUTE;
/// The breaker looks at so many of the last codes of a network, a prefix or a country that came to an end…
pub(super) const LAST_CODES: i64 = 50;
/// …and stops when fewer than these, in percent, were typed in: then somebody is paid for messages that nobody reads.
pub(super) const FEWEST_CONFIRMED: i64 = 20;
/// So long nothing goes out to new numbers there, in seconds…
pub(super) const PAUSE: Seconds = 15 * MINUTE;
/// …and then one message in so many seconds, to see whether it was all over. The wait doubles with each that stays untyped…
pub(super) const BETWEEN_PROBES: Seconds = MINUTE;
/// …up to this.
pub(super) const LONGEST_BETWEEN_PROBES: Seconds = 30 * MINUTE;

/// How long a message is remembered, after a day without its number, its account and its address.
pub(super) const REMEMBERED: Seconds = 30 * DAY;
