//! Works out which number was meant by the digits that were typed: a national number as dialled in
//! the chosen country, one with the plus left out, or one from before the country renumbered.
//!
//! Of several readings, the first that exists is used, so a number that can be dialled as it is
//! stays unchanged.

use rlibphonenumber::{
    PHONE_NUMBER_UTIL, ParseError, PhoneNumber, PhoneNumberFormat, PhoneNumberType as Kind, Region,
};

use crate::verification::channel::Channel;
use crate::verification::numbers::fictional::fictional;
use crate::verification::numbers::phone_error::PhoneError;

/// Old prefix, number of digits after it, and new prefix.
const RENUMBERED: [(&str, usize, &str); 17] = [
    // Mexico, until 2019: 1 from abroad to a mobile; 01, 044 and 045 within the country.
    ("521", 10, "52"),
    ("5201", 10, "52"),
    ("52044", 10, "52"),
    ("52045", 10, "52"),
    // Benin, until November 2024.
    ("229", 8, "22901"),
    // Numbers in French overseas departments, as dialled from mainland France.
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

/// Parses digits with an optional leading `+`. If no reading exists, the error is that of the most
/// literal one. `fiction` says whether fictional numbers are accepted.
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

/// Returns the possible readings of the digits, most literal first.
fn readings(
    dialled: &str,
    region: Option<Region>,
    fiction: bool,
) -> Vec<Result<PhoneNumber, PhoneError>> {
    if dialled.starts_with('+') {
        return vec![parse_international(dialled)];
    }
    let mut readings = Vec::new();
    if let Some(digits) = dialled.strip_prefix("00") {
        readings.push(parse_international(&format!("+{digits}")));
    }
    if let Some(region) = region {
        readings.extend(without_plus(dialled, region, fiction).map(Ok));
        // The library knows each country's international prefix: 0011 in Australia, 011 in North
        // America.
        readings.push(
            PhoneNumber::parse(dialled, Some(region))
                .map_err(|error| explain(&error, PhoneError::NoCountry)),
        );
    }
    readings
}

fn parse_international(number: &str) -> Result<PhoneNumber, PhoneError> {
    PhoneNumber::parse(number, None).map_err(|error| explain(&error, PhoneError::UnknownCountry))
}

/// Reads the digits as a mobile number of this country, with calling code but no plus. Read as a
/// national number they could be a stranger's landline.
fn without_plus(dialled: &str, region: Region, fiction: bool) -> Option<PhoneNumber> {
    let code = PHONE_NUMBER_UTIL.get_country_code_for_region(region)?;
    let number = dialled
        .starts_with(&code.to_string())
        .then(|| parse_international(&format!("+{dialled}")).ok())??;
    let mobile =
        number.is_valid() && matches!(number.get_type(), Kind::Mobile | Kind::FixedLineOrMobile);
    let pretended = fiction && fictional(&digits(&number)) == Some(Channel::Sms);
    (number.country_code == code && (mobile || pretended)).then_some(number)
}

/// Returns the number that replaced this one when the country renumbered.
fn renumbered(number: &PhoneNumber) -> Option<PhoneNumber> {
    let digits = digits(number);
    let now = RENUMBERED.iter().find_map(|(before, length, after)| {
        let rest = digits
            .strip_prefix(before)
            .filter(|rest| rest.len() == *length)?;
        Some(format!("+{after}{rest}"))
    });
    // Brazil added a ninth digit, after the area code, to eight-digit mobile numbers.
    let ninth = || {
        let (area, rest) = (
            digits.get(..4).filter(|area| area.starts_with("55"))?,
            digits.get(4..)?,
        );
        (rest.len() == 8 && rest.starts_with(['6', '7', '8', '9']))
            .then(|| format!("+{area}9{rest}"))
    };
    parse_international(&now.or_else(ninth)?).ok()
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
