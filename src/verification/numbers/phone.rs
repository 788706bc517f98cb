//! A phone number, parsed once at the boundary and canonical from then on.
//!
//! A [`Phone`] from [`Phone::parse`] can be sent a code, two spellings of one number give equal
//! values, and no log shows a whole number by accident. The owner of the number, the provider and
//! the settings are out of scope; the [`Policy`] is passed in.

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

/// Maximum number of digits in E.164, including the country code. The library accepts longer
/// national numbers.
const E164_DIGITS: usize = 15;

/// Maximum number of typed digits: 15 for E.164, an international prefix, a national prefix, and
/// some to spare.
const MAX_DIGITS: usize = 20;

/// Minimum number of digits. E.164 sets no minimum; the shortest numbers in use have 7.
const MIN_DIGITS: usize = 4;

/// A phone number in E.164, the only form that is stored and compared.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Phone(String);

/// Whether the digits are a country's calling code, such as `44`. No calling code is a prefix of
/// another.
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
    /// Parses a number as people type it. `country` is an ISO 3166 region such as `GB`; it is
    /// needed for national numbers only, and ignored when the number begins with `+`, or with `00`
    /// and a calling code.
    ///
    /// # Errors
    /// A [`PhoneError`] with a message for the user, if no code can or should be sent to the
    /// number.
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

    /// Restores a number from [`Phone::e164`]. Only its shape is checked, since numbering plans
    /// change over the years; `None` if it isn't shaped like E.164.
    #[must_use]
    pub fn from_stored(e164: String) -> Option<Self> {
        let digits = e164.strip_prefix('+')?;
        let shaped = (MIN_DIGITS..=E164_DIGITS).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit());
        (shaped && !digits.starts_with('0')).then_some(Self(e164))
    }

    /// Returns the stored form: `+` and digits.
    #[must_use]
    pub fn e164(&self) -> &str {
        &self.0
    }

    /// Returns the E.164 form without `+`, as some providers expect it.
    #[must_use]
    pub fn digits(&self) -> &str {
        self.0.trim_start_matches('+')
    }

    /// Returns the whole number with its country's usual spacing. For its owner's eyes only.
    #[must_use]
    pub fn formatted(&self) -> String {
        match self.number() {
            Some(number) => number
                .format_as(PhoneNumberFormat::International)
                .into_owned(),
            None => self.0.clone(),
        }
    }

    /// Returns the country code and last two digits, as in `+44 ···· ··23`: enough to recognise
    /// your own number, but not someone else's.
    #[must_use]
    pub fn masked(&self) -> String {
        let tail = self
            .0
            .get(self.0.len().saturating_sub(2)..)
            .unwrap_or_default();
        format!("+{} ···· ··{tail}", self.country_code())
    }

    /// Returns the calling code, such as 44, or zero for a stored number whose code is no longer in
    /// use.
    #[must_use]
    pub fn country_code(&self) -> u16 {
        self.number()
            .and_then(|number| u16::try_from(number.country_code).ok())
            .unwrap_or(0)
    }

    /// Returns the country of this number. If several share its calling code and the number doesn't
    /// tell, returns the largest. `None` for numbers of no country, such as satellite phones.
    #[must_use]
    pub fn country(&self) -> Option<&'static Country> {
        let number = self.number()?;
        let region = number
            .get_region_code()
            .or_else(|| PHONE_NUMBER_UTIL.get_region_for_country_code(number.country_code))?;
        countries::find(&region.to_string())
    }

    /// Returns how to send codes to this number: landlines are called, everything else gets a text.
    /// Where mobiles and landlines look alike, as in the United States and Canada, a text is tried.
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

    /// Whether this is or may be a mobile; in the United States and Canada the number doesn't tell.
    #[must_use]
    pub fn is_mobile(&self) -> bool {
        match fictional(self.digits()) {
            Some(channel) => channel == Channel::Sms,
            None => self.number().is_some_and(|number| {
                matches!(number.get_type(), Kind::Mobile | Kind::FixedLineOrMobile)
            }),
        }
    }

    /// Returns why numbers of this kind get no codes, even if the number was verified before.
    #[must_use]
    pub fn shut(&self, policy: &Policy) -> Option<PhoneError> {
        unreachable::shut(&self.number()?, self.digits(), policy)
    }

    fn number(&self) -> Option<PhoneNumber> {
        PhoneNumber::parse(&self.0, None).ok()
    }
}

/// Shows the masked form only, so that `{:?}` in a log or an assertion doesn't reveal the number.
impl fmt::Debug for Phone {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Phone({})", self.masked())
    }
}

/// Reduces typed or pasted text to digits with an optional leading `+`.
///
/// The library would also accept letters as keypad digits, `;ext=` and `phone-context`. Each would
/// be a second spelling of the same number, so only plain digits are passed on to it.
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
        0..MIN_DIGITS => return Err(PhoneError::TooShort),
        MIN_DIGITS..=MAX_DIGITS => {}
        _ => return Err(PhoneError::TooLong),
    }
    Ok(if opened.is_some() {
        format!("+{digits}")
    } else {
        digits
    })
}

/// Whether this is a separator that people write between digits.
fn is_between(sign: char) -> bool {
    matches!(sign, ' ' | '-' | '.' | '(' | ')' | '[' | ']' | '/')
}

/// Parses a country picked in a form. Only two letters are accepted, since the library also has a
/// region for the whole world.
fn region(country: &str) -> Option<Region> {
    let country = country.trim().to_ascii_uppercase();
    let two_letters = country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_uppercase());
    if two_letters {
        country.parse().ok()
    } else {
        None
    }
}

/// Checks that the number can exist and that numbers of its kind get codes.
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
#[path = "phone_tests/mod.rs"]
mod tests;
