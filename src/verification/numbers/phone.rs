//! A phone number, parsed once at the edge and canonical from then on.
//!
//! Promises that a [`Phone`] that came out of [`Phone::parse`] is one a code can be sent to, that two spellings of one number give
//! equal values, and that no log shows a whole number by accident. Must not know who owns a number, how a code reaches it, or any
//! setting: the [`Policy`] is handed in.

use std::fmt;

use rlibphonenumber::{
    NumberLengthType, PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, PhoneNumberType as Kind,
    Region, ValidationError,
};

use crate::platform::pasted;
use crate::verification::channel::Channel;
use crate::verification::numbers::countries::Country;
use crate::verification::numbers::fictional::fictional;
use crate::verification::numbers::phone_error::PhoneError;
use crate::verification::numbers::policy::Policy;
use crate::verification::numbers::{countries, dialling, unreachable};

/// The most that E.164 allows, country code included. The library knows national plans that go past it.
const E164_DIGITS: usize = 15;

/// More digits than anybody needs to write a number: 15 of E.164, an international prefix, a national one, and some to spare.
const MOST_DIGITS: usize = 20;

/// Fewer digits than any number with its country code has; E.164 names no least, the shortest in use have 7 in all.
const FEWEST_DIGITS: usize = 4;

/// A phone number in E.164, the only form that is stored and compared.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Phone(String);

/// Whether digits are the calling code of a country, such as `44`. No code begins like another.
#[must_use]
pub fn is_calling_code(digits: &str) -> bool {
    let plain = !digits.starts_with('0') && digits.bytes().all(|digit| digit.is_ascii_digit());
    plain
        && digits.parse().is_ok_and(|code: i32| {
            PHONE_NUMBER_UTIL
                .get_supported_calling_codes()
                .any(|known| known == code)
        })
}

impl Phone {
    /// Reads a number as people type them. `country` is an ISO 3166 region such as `GB`; it is needed only for a national number
    /// and ignored when the number itself begins with `+`, or with `00` and a country's code.
    ///
    /// # Errors
    /// A [`PhoneError`] for the person to read when no code could or should be sent to what was typed.
    pub fn parse(input: &str, country: Option<&str>, policy: Policy) -> Result<Self, PhoneError> {
        let number =
            dialling::understand(&dialled(input)?, country.and_then(region), policy.fiction)?;
        let phone = Self(number.format_as(PhoneNumberFormat::E164).into_owned());
        if phone.digits().len() > E164_DIGITS {
            return Err(PhoneError::TooLong);
        }
        if !(policy.fiction && fictional(phone.digits()).is_some()) {
            judge(&number, phone.digits(), &policy)?;
        }
        Ok(phone)
    }

    /// Takes back a number that [`Phone::e164`] gave earlier. Only the shape is looked at, since validity changes with the years
    /// and is not asked again; `None` when it is not even shaped like E.164.
    #[must_use]
    pub fn from_stored(e164: String) -> Option<Self> {
        let digits = e164.strip_prefix('+')?;
        let shaped = (FEWEST_DIGITS..=E164_DIGITS).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit());
        (shaped && !digits.starts_with('0')).then_some(Self(e164))
    }

    /// The stored form: `+`, country code, number, digits only.
    #[must_use]
    pub fn e164(&self) -> &str {
        &self.0
    }

    /// E.164 without its `+`, as some providers want it.
    #[must_use]
    pub fn digits(&self) -> &str {
        self.0.trim_start_matches('+')
    }

    /// The whole number with its country's usual spaces, for its owner's eyes.
    #[must_use]
    pub fn formatted(&self) -> String {
        match self.number() {
            Some(number) => number
                .format_as(PhoneNumberFormat::International)
                .into_owned(),
            None => self.0.clone(),
        }
    }

    /// Country code and the last two digits, as in `+44 ···· ··23`: enough to know one's own number by, and nobody else's.
    #[must_use]
    pub fn masked(&self) -> String {
        let tail = self
            .0
            .get(self.0.len().saturating_sub(2)..)
            .unwrap_or_default();
        format!("+{} ···· ··{tail}", self.country_code())
    }

    /// The country calling code, such as 44. Zero for a stored number whose code no country has any more.
    #[must_use]
    pub fn country_code(&self) -> u16 {
        self.number()
            .and_then(|number| u16::try_from(number.country_code).ok())
            .unwrap_or(0)
    }

    /// The country of this number, among those that share a calling code; the largest of them where the number is none's own. `None`
    /// for numbers of no country, such as those of satellites.
    #[must_use]
    pub fn country(&self) -> Option<&'static Country> {
        let number = self.number()?;
        let region = number
            .get_region_code()
            .or_else(|| PHONE_NUMBER_UTIL.get_region_for_country_code(number.country_code))?;
        countries::find(&region.to_string())
    }

    /// How a code reaches this number: a fixed line is rung up, everything else gets a text. Where mobile and fixed lines look
    /// alike, as in the United States and Canada, a text is tried.
    #[must_use]
    pub fn channel(&self) -> Channel {
        if let Some(channel) = fictional(self.digits()) {
            return channel;
        }
        match self.number().map(|number| number.get_type()) {
            Some(Kind::FixedLine) => Channel::Voice,
            _ => Channel::Sms,
        }
    }

    /// Whether it is a mobile, or may be one: in the United States and Canada nothing tells.
    #[must_use]
    pub fn is_mobile(&self) -> bool {
        match fictional(self.digits()) {
            Some(channel) => channel == Channel::Sms,
            None => self.number().is_some_and(|number| {
                matches!(number.get_type(), Kind::Mobile | Kind::FixedLineOrMobile)
            }),
        }
    }

    /// Why no codes go to a number of this sort, though it was proved before.
    #[must_use]
    pub fn shut(&self, policy: &Policy) -> Option<PhoneError> {
        unreachable::shut(&self.number()?, self.digits(), policy)
    }

    fn number(&self) -> Option<PhoneNumber> {
        PhoneNumber::parse(&self.0, None).ok()
    }
}

/// Shows the masked form only, so that a `{:?}` in a log or an assertion gives no number away.
impl fmt::Debug for Phone {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Phone({})", self.masked())
    }
}

/// Reduces what was typed or pasted to digits with an optional `+` in front.
///
/// The library would read letters as keypad digits, `;ext=` and `phone-context`. Each is a second spelling of one number, so only the
/// plain form gets as far as the library.
fn dialled(input: &str) -> Result<String, PhoneError> {
    let typed = pasted::number(input);
    if typed.is_empty() {
        return Err(PhoneError::Empty);
    }
    let opened = typed.trim_start_matches(is_between).strip_prefix('+');
    let rest = opened.unwrap_or(&typed);
    if !rest
        .chars()
        .all(|sign| sign.is_ascii_digit() || is_between(sign))
    {
        return Err(PhoneError::Characters);
    }
    let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
    match digits.len() {
        0..FEWEST_DIGITS => return Err(PhoneError::TooShort),
        FEWEST_DIGITS..=MOST_DIGITS => {}
        _ => return Err(PhoneError::TooLong),
    }
    Ok(if opened.is_some() {
        format!("+{digits}")
    } else {
        digits
    })
}

/// The marks that people write between the digits of a number.
fn is_between(sign: char) -> bool {
    matches!(sign, ' ' | '-' | '.' | '(' | ')' | '[' | ']' | '/')
}

/// The library's region for a country picked in a form; only two letters, since the library knows the whole world as one, too.
fn region(country: &str) -> Option<Region> {
    let country = country.trim().to_ascii_uppercase();
    let two_letters = country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_uppercase());
    if two_letters {
        country.parse().ok()
    } else {
        None
    }
}

/// Whether this is a number that somebody can have, and of a sort that a code may go to.
fn judge(number: &PhoneNumber, digits: &str, policy: &Policy) -> Result<(), PhoneError> {
    match number.is_possible_with_reason() {
        Ok(NumberLengthType::IsPossible) => {}
        Ok(NumberLengthType::IsPossibleLocalOnly) | Err(ValidationError::TooShort) => {
            return Err(PhoneError::TooShort);
        }
        Err(ValidationError::TooLong) => return Err(PhoneError::TooLong),
        Err(ValidationError::InvalidCountryCode) => return Err(PhoneError::UnknownCountry),
        Err(ValidationError::InvalidLength) => return Err(PhoneError::NotANumber),
    }
    if !number.is_valid() {
        return Err(PhoneError::NotANumber);
    }
    if let Some(error) = unreachable::shut(number, digits, policy) {
        return Err(error);
    }
    match number.get_type() {
        Kind::FixedLine
        | Kind::Mobile
        | Kind::FixedLineOrMobile
        | Kind::PersonalNumber
        | Kind::VoIP => Ok(()),
        Kind::PremiumRate => Err(PhoneError::PremiumRate),
        Kind::SharedCost => Err(PhoneError::SharedCost),
        Kind::TollFree => Err(PhoneError::TollFree),
        Kind::Pager => Err(PhoneError::Pager),
        Kind::VoiceMail => Err(PhoneError::Voicemail),
        Kind::UAN => Err(PhoneError::Company),
        Kind::Unknown => Err(PhoneError::NotANumber),
    }
}

#[cfg(test)]
#[path = "phone_tests.rs"]
mod tests;
