//! Why a phone number was refused, in words for the user who typed it.

use thiserror::Error;

/// Why a number was refused, in words for the user who typed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PhoneError {
    /// Nothing was typed.
    #[error("Enter your phone number.")]
    Empty,
    /// A national number without a country.
    #[error(
        "Choose your country, or start with + and its code, such as +44\u{a0}7700\u{a0}900123."
    )]
    NoCountry,
    /// No country has this calling code.
    #[error("No country has this code. Check the digits after the +.")]
    UnknownCountry,
    /// Characters other than digits, spaces and the usual separators.
    #[error(
        "Use only digits, spaces and - . ( ) / with one + at the start. Leave out letters and extensions."
    )]
    Characters,
    /// Digits are missing.
    #[error("This number is too short. Check for missing digits and a missing area code.")]
    TooShort,
    /// There are too many digits.
    #[error("This number is too long. Check for extra digits.")]
    TooLong,
    /// A plausible length, but no such number can exist.
    #[error("This isn't a valid number. Check the digits and the country.")]
    NotANumber,
    /// Calls to it cost extra.
    #[error("This is a premium rate number. Use your mobile or home number.")]
    PremiumRate,
    /// Caller and recipient share the cost of calls.
    #[error("This is a shared cost number. Use your mobile or home number.")]
    SharedCost,
    /// Calls to it are free.
    #[error("This is a freephone number. Use your mobile or home number.")]
    TollFree,
    /// A pager.
    #[error("This is a pager. Use your mobile or home number.")]
    Pager,
    /// A voicemail box.
    #[error("This is a voicemail number. Use your mobile or home number.")]
    Voicemail,
    /// A universal access number, which leads to many desks.
    #[error("This is a company number. Use your own mobile or home number.")]
    Company,
    /// A VoIP number, which this site doesn't accept. In some countries people have these at home.
    #[error(
        "This is an internet phone line, which can't be used here even if it's your home phone. Use a mobile number."
    )]
    Voip,
    /// A satellite phone, or a network of no country.
    #[error(
        "This number is on a satellite or global network, which can't be used here. Use your mobile or home number."
    )]
    Satellite,
    /// A personal number, which its owner forwards to other phones.
    #[error(
        "This is a personal number that forwards to other phones, which can't be used here. Use your mobile or home number."
    )]
    Personal,
    /// A machine's SIM card.
    #[error(
        "This is a number for machines, which can't be used here. Use your mobile or home number."
    )]
    Machine,
}
