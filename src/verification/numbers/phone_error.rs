//! Why a phone number was refused, in words for the person who typed it.

use thiserror::Error;

/// Why a number was refused, in words for the person who typed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PhoneError {
    /// Nothing was typed.
    #[error("Enter your phone number.")]
    Empty,
    /// A national number, and nothing that says of which country.
    #[error("Choose your country, or start with + and its code, as in +44\u{a0}7700\u{a0}900123.")]
    NoCountry,
    /// The digits after the + are no country's.
    #[error("No country has this code. Check the digits after the +.")]
    UnknownCountry,
    /// Something other than digits, spaces, and the usual marks between them.
    #[error(
        "Use only digits, spaces and - . ( ) / with one + at the start. Leave out letters and extensions."
    )]
    Characters,
    /// Digits are missing.
    #[error(
        "This number is too short. Check that no digit is missing, and that the area code is there."
    )]
    TooShort,
    /// There are digits too many.
    #[error("This number is too long. Check that it has no digit too many.")]
    TooLong,
    /// The right sort of length, but nobody can have this number.
    #[error("This is not a number that anybody can have. Check the digits and the country.")]
    NotANumber,
    /// Calls to it cost extra.
    #[error("This is a premium rate number. Use your mobile or home number.")]
    PremiumRate,
    /// Calls to it are paid by both sides.
    #[error("This is a shared cost number. Use your mobile or home number.")]
    SharedCost,
    /// Calls to it are free.
    #[error("This is a freephone number. Use your mobile or home number.")]
    TollFree,
    /// A pager cannot be asked for a code by everybody.
    #[error("This is a pager. Use your mobile or home number.")]
    Pager,
    /// It leads to a mailbox.
    #[error("This is a voicemail number. Use your mobile or home number.")]
    Voicemail,
    /// A universal access number: many desks behind one number.
    #[error("This is a company number. Use your own mobile or home number.")]
    Company,
    /// Internet telephony, which this site does not take. In some countries these are what people have at home.
    #[error(
        "This is an internet phone line, which can't be used here even if it is your home phone. Use a mobile number."
    )]
    Voip,
    /// A phone in reach of a satellite, or of a network of no country.
    #[error(
        "This is a number of a satellite or global network, which can't be used here. Use your mobile or home number."
    )]
    Satellite,
    /// A number that its owner has led to wherever they are.
    #[error(
        "This is a personal number that leads to other phones, which can't be used here. Use your mobile or home number."
    )]
    Personal,
    /// A number of a thing that has a SIM.
    #[error(
        "This is a number for machines, which can't be used here. Use your mobile or home number."
    )]
    Machine,
}
