//! From the digits that were typed to the number that was meant: as they are dialled in the country that was chosen, with the plus
//! left out, or as they were written before the country renumbered.
//!
//! Of several readings the first that exists is taken. So nothing here changes what a number is that can be dialled as it stands.

use rlibphonenumber::{
    PHONE_NUMBER_UTIL, ParseError, PhoneNumber, PhoneNumberFormat, PhoneNumberType as Kind, Region,
};

use crate::verification::channel::Channel;
use crate::verification::numbers::fictional::fictional;
use crate::verification::numbers::phone_error::PhoneError;

/// What a number began with, how many digits followed, and what it begins with now.
const RENUMBERED: [(&str, usize, &str); 17] = [
    // Mexico, until 2019: 1 from abroad to a mobile; 01, 044 and 045 within the country.
    ("521", 10, "52"),
    ("5201", 10, "52"),
    ("52044", 10, "52"),
    ("52045", 10, "52"),
    // Benin, until November 2024.
    ("229", 8, "22901"),
    // Numbers of overseas departments, dialled from France as French ones.
    ("33590", 6, "590590"),
    ("33690", 6, "590690"),
    ("33691", 6, "590691"),
    ("33594", 6, "594594"),
    ("33694", 6, "594694"),
    ("33696", 6, "596696"),
    ("33697", 6, "596697"),
    ("33262", 6, "262262"),
    ("33692", 6, "262692"),
    ("33693", 6, "262693"),
    ("33269", 6, "262269"),
    ("33639", 6, "262639"),
];

/// Reads digits with an optional `+` in front. Where no reading exists, the plainest is told, to say what is wrong with it; `fiction`
/// is whether numbers of books and films exist.
pub(crate) fn understand(
    dialled: &str,
    region: Option<Region>,
    fiction: bool,
) -> Result<PhoneNumber, PhoneError> {
    let exists = |number: &PhoneNumber| {
        number.is_valid() || (fiction && fictional(&digits(number)).is_some())
    };
    let readings = readings(dialled, region, fiction);
    if let Some(number) = readings.iter().flatten().find(|number| exists(number)) {
        return Ok(number.clone());
    }
    if let Some(number) = readings
        .iter()
        .flatten()
        .filter_map(renumbered)
        .find(exists)
    {
        return Ok(number);
    }
    readings
        .into_iter()
        .next()
        .unwrap_or(Err(PhoneError::NoCountry))
}

/// What these digits may mean, the plainest first.
fn readings(
    dialled: &str,
    region: Option<Region>,
    fiction: bool,
) -> Vec<Result<PhoneNumber, PhoneError>> {
    if dialled.starts_with('+') {
        return vec![abroad(dialled)];
    }
    let mut readings = Vec::new();
    if let Some(digits) = dialled.strip_prefix("00") {
        readings.push(abroad(&format!("+{digits}")));
    }
    if let Some(region) = region {
        readings.extend(without_plus(dialled, region, fiction).map(Ok));
        // The library knows what the country dials before numbers of others: 0011 in Australia, 011 in North America.
        readings.push(
            PhoneNumber::parse(dialled, Some(region))
                .map_err(|error| explain(&error, PhoneError::NoCountry)),
        );
    }
    readings
}

fn abroad(number: &str) -> Result<PhoneNumber, PhoneError> {
    PhoneNumber::parse(number, None).map_err(|error| explain(&error, PhoneError::UnknownCountry))
}

/// A mobile of this country with its calling code, but without the plus. Read as a national number it may be a stranger's landline.
fn without_plus(dialled: &str, region: Region, fiction: bool) -> Option<PhoneNumber> {
    let code = PHONE_NUMBER_UTIL.get_country_code_for_region(region)?;
    let number = dialled
        .starts_with(&code.to_string())
        .then(|| abroad(&format!("+{dialled}")).ok())??;
    let mobile =
        number.is_valid() && matches!(number.get_type(), Kind::Mobile | Kind::FixedLineOrMobile);
    let pretended = fiction && fictional(&digits(&number)) == Some(Channel::Sms);
    (number.country_code == code && (mobile || pretended)).then_some(number)
}

/// The number that has taken the place of this one.
fn renumbered(number: &PhoneNumber) -> Option<PhoneNumber> {
    let digits = digits(number);
    let now = RENUMBERED.iter().find_map(|(before, length, after)| {
        let rest = digits
            .strip_prefix(before)
            .filter(|rest| rest.len() == *length)?;
        Some(format!("+{after}{rest}"))
    });
    // Brazil's mobiles of eight digits have got a ninth, behind the area code.
    let ninth = || {
        let (area, rest) = (
            digits.get(..4).filter(|area| area.starts_with("55"))?,
            digits.get(4..)?,
        );
        (rest.len() == 8 && rest.starts_with(['6', '7', '8', '9']))
            .then(|| format!("+{area}9{rest}"))
    };
    abroad(&now.or_else(ninth)?).ok()
}

fn digits(number: &PhoneNumber) -> String {
    number
        .format_as(PhoneNumberFormat::E164)
        .trim_start_matches('+')
        .to_owned()
}

fn explain(error: &ParseError, no_country: PhoneError) -> PhoneError {
    match error {
        ParseError::InvalidCountryCode => no_country,
        ParseError::NotANumber(_) => PhoneError::NotANumber,
        ParseError::TooShortAfterIdd | ParseError::TooShortNsn => PhoneError::TooShort,
        ParseError::TooLongNsn => PhoneError::TooLong,
    }
}
