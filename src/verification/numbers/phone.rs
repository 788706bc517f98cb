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
use thiserror::Error;

use crate::platform::pasted;
use crate::verification::Channel;
use crate::verification::numbers::countries::Country;
use crate::verification::numbers::{countries, dialling, unreachable};

/// The most that E.164 allows, country code included. The library knows national plans that go past it.
const E164_DIGITS: usize = 15;

/// More digits than anybody needs to write a number: 15 of E.164, an international prefix, a national one, and some to spare.
const MOST_DIGITS: usize = 20;

/// Fewer digits than any number with its country code has; E.164 names no least, the shortest in use have 7 in all.
const FEWEST_DIGITS: usize = 4;

/// Ranges that regulators keep for books and films, so that nobody is rung up: the digits every such number begins with, how many
/// follow, and how it would be reached. Published by Ofcom (UK), Arcep (France) and ACMA (Australia).
const FICTION: [(&str, usize, Channel); 10] = [
    ("447700900", 3, Channel::Sms),
    ("441632960", 3, Channel::Voice),
    ("442079460", 3, Channel::Voice),
    ("3319900", 4, Channel::Voice),
    ("3326191", 4, Channel::Voice),
    ("3335301", 4, Channel::Voice),
    ("3346571", 4, Channel::Voice),
    ("3353649", 4, Channel::Voice),
    ("3363998", 4, Channel::Sms),
    ("61491570", 3, Channel::Sms),
];

/// North American area codes whose calls are free or dear: never fiction, even at 555 01xx.
const SPECIAL_AREAS: [&str; 8] = ["800", "833", "844", "855", "866", "877", "888", "900"];

/// A phone number in E.164, the only form that is stored and compared.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Phone(String);

/// Which numbers are taken that a stricter site would refuse.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// Numbers kept for fiction, as in +44 7700 900123: for a pretended phone network, since no real one reaches them.
    pub fiction: bool,
    /// Internet telephony, where one person may have many numbers for little money.
    pub voip: bool,
    /// The first digits of numbers that are taken whatever their sort: `8816`, or `339` for lines over the internet in France.
    pub named: Vec<String>,
}

impl Policy {
    /// Whether a number is named by its first digits.
    pub(crate) fn names(&self, digits: &str) -> bool {
        self.named
            .iter()
            .any(|first| digits.starts_with(first.as_str()))
    }
}

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

/// How a number kept for fiction would be reached, if it were real; `None` for every other number. Digits without `+`.
pub(crate) fn fictional(digits: &str) -> Option<Channel> {
    if let Some(national) = digits.strip_prefix('1') {
        return fictional_in_north_america(national).then_some(Channel::Sms);
    }
    let kept = |(prefix, free, _): &&(&str, usize, Channel)| {
        digits
            .strip_prefix(*prefix)
            .is_some_and(|rest| rest.len() == *free)
    };
    FICTION.iter().find(kept).map(|(_, _, channel)| *channel)
}

/// 555 0100 to 555 0199 in every ordinary area code, after the North American numbering plan's administrator.
fn fictional_in_north_america(national: &str) -> bool {
    let (Some(area), Some(local)) = (national.get(..3), national.get(3..)) else {
        return false;
    };
    let ordinary = area.starts_with(|c: char| ('2'..='9').contains(&c))
        && !area.ends_with("11")
        && !SPECIAL_AREAS.contains(&area);
    ordinary && local.len() == 7 && local.starts_with("55501")
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRICT: Policy = Policy {
        fiction: false,
        voip: false,
        named: Vec::new(),
    };
    const DEMO: Policy = Policy {
        fiction: true,
        voip: false,
        named: Vec::new(),
    };

    fn strict(input: &str) -> Result<String, PhoneError> {
        Phone::parse(input, None, STRICT).map(|phone| phone.e164().to_owned())
    }

    fn demo(input: &str) -> Result<String, PhoneError> {
        Phone::parse(input, None, DEMO).map(|phone| phone.e164().to_owned())
    }

    #[test]
    fn every_spelling_of_a_number_is_the_same_number() {
        let spellings = [
            ("+41446681800", None),
            ("  +41 44 668 18 00\t", None),
            ("0041 44 668 18 00", None),
            ("00 41 (44) 668-18-00", None),
            ("+41 (0)44 668.18.00", None),
            ("+41 044 668 18 00", None),
            ("+41/44/6681800", None),
            ("044 668 18 00", Some("CH")),
            ("044 668 18 00", Some(" ch ")),
            ("44 668 18 00", Some("CH")),
            ("+41 44 668 18 00", Some("US")),
            ("+41 44 668 18 00", Some("nonsense")),
        ];
        for (typed, country) in spellings {
            let phone = Phone::parse(typed, country, STRICT).map(|phone| phone.e164().to_owned());
            assert_eq!(
                phone.as_deref(),
                Ok("+41446681800"),
                "{typed:?} {country:?}"
            );
        }
    }

    #[test]
    fn the_canonical_form_parses_to_itself() {
        let typed = [
            "+1 1 650 253 0000",
            "+39 06 698 12345",
            "+44 7400 123456",
            "+49 30 123456",
            "+54 9 11 2345 6789",
            "+55 1196123-4567",
        ];
        for typed in typed {
            let once = strict(typed).expect(typed);
            assert_eq!(strict(&once).as_ref(), Ok(&once));
        }
        assert_eq!(
            strict("+39 06 698 12345").as_deref(),
            Ok("+390669812345"),
            "an Italian zero belongs to the number"
        );
    }

    #[test]
    fn a_number_is_read_however_it_was_copied() {
        let copied = [
            // Out of contacts and messengers.
            "\u{202a}+44 7400 123456\u{202c}",
            "\u{202d}+44 7400 123456\u{202c}",
            "\u{2068}+44 7400 123456\u{2069}",
            "\u{200e}+44 7400 123456",
            "\u{feff}+447400123456",
            // Out of our own pages, web pages, PDFs and word processors.
            "+44\u{a0}7400\u{a0}123456",
            "+44\u{202f}7400\u{202f}123456",
            "+44\u{2009}7400\u{3000}123456",
            "+44\u{2011}7400\u{2011}123456",
            "+44–7400—123456",
            "+44 7400 123\u{ad}456",
            "+44\u{200b}7400123456",
            "+44 7400\n123456",
            "+44\u{2212}7400\u{2043}123456",
            "+44·7400·123456",
            // Out of spreadsheets, links and sentences.
            "\"+44 7400 123456\"\r\n",
            "'+447400123456\t",
            "tel:+447400123456",
            "TEL: +44-7400-123456",
            "+44 7400 123456,",
            "+44 7400 123456.",
            "+44 7400 123456;",
            "(+44) 7400 123456",
            "(+44)(7400)123456",
            "[+44] 7400 123456",
            "- +44 7400 123456",
            // As keyboards and calling systems of the world write it.
            "\u{ff0b}447400123456",
            "＋４４　７４００－１２３４５６",
            "（＋４４）７４００ー１２３４５６",
            "+٤٤ ٧٤٠٠ ١٢٣٤٥٦",
            "٠٠٤٤٧٤٠٠١٢٣٤٥٦",
            "+۴۴۷۴۰۰۱۲۳۴۵۶",
            "+४४ ७४०० १२३४५६",
            "+৪৪৭৪০০১২৩৪৫৬",
            "+๔๔๗๔๐๐๑๒๓๔๕๖",
            "+𝟒𝟒𝟕𝟒𝟎𝟎𝟏𝟐𝟑𝟒𝟓𝟔",
            "+44 7400 12345\u{0666}",
        ];
        for typed in copied {
            assert_eq!(strict(typed).as_deref(), Ok("+447400123456"), "{typed:?}");
        }
        for typed in [
            "+1 (650) 253\u{2011}0000",
            "+1 (650)\u{a0}253-0000",
            "\u{202a}+1 (650) 253-0000\u{202c}",
        ] {
            assert_eq!(strict(typed).as_deref(), Ok("+16502530000"), "{typed:?}");
        }
        assert_eq!(strict("+٩٦٦٥٠١٢٣٤٥٦٧").as_deref(), Ok("+966501234567"));
        let national = [
            ("IR", "۰۹۱۲۳۴۵۶۷۸۹", "+989123456789"),
            ("IR", "۰۹۱۲ ۳۴۵ ۶۷۸۹", "+989123456789"),
            ("IN", "९८७६५४३२१०", "+919876543210"),
            ("SA", "٠٥٠١٢٣٤٥٦٧", "+966501234567"),
            ("BD", "০১৭১২৩৪৫৬৭৮", "+8801712345678"),
            ("TH", "๐๘๑๒๓๔๕๖๗๘", "+66812345678"),
            ("JP", "０９０－１２３４－５６７８", "+819012345678"),
            ("JP", "０９０ー１２３４ー５６７８", "+819012345678"),
            ("GB", "(07400) 123456", "+447400123456"),
        ];
        for (country, typed, number) in national {
            assert_eq!(
                Phone::parse(typed, Some(country), STRICT)
                    .map(|phone| phone.e164().to_owned())
                    .as_deref(),
                Ok(number),
                "{typed}"
            );
        }
    }

    #[test]
    fn a_number_as_it_is_shown_can_be_pasted_back() {
        for number in [
            "+44 7700 900123",
            "+1 212 555 0100",
            "+33 1 99 00 12 34",
            "+61 491 570 156",
        ] {
            let phone = Phone::parse(number, None, DEMO).unwrap();
            for shown in [
                phone.formatted(),
                phone.formatted().replace(' ', "\u{a0}"),
                format!("{},", phone.formatted()),
            ] {
                assert_eq!(
                    Phone::parse(&shown, None, DEMO),
                    Ok(phone.clone()),
                    "{shown:?}"
                );
            }
        }
    }

    #[test]
    fn letters_extensions_and_a_second_plus_are_refused() {
        let refused = [
            "+44 7400 12345O",
            "+1 800 FLOWERS",
            "+447400123456;ext=5",
            "+447400123456 x5",
            "+447400123456,5",
            "+447400123456、5",
            "+44740012\u{0}3456",
            "++447400123456",
            "+\u{200b}+447400123456",
            "447400+123456",
            "44 (+7400) 123456",
            "00+447400123456",
            "+44*7400#123456",
            "＋44＊7400＃123456",
            "*+447400123456*",
            "phone: +447400123456",
            "+44740012345½",
            "+44740012345六",
            "+44 7400 123456\u{2460}",
        ];
        for typed in refused {
            assert_eq!(strict(typed), Err(PhoneError::Characters), "{typed:?}");
        }
    }

    #[test]
    fn each_refusal_says_what_to_do() {
        assert_eq!(strict(""), Err(PhoneError::Empty));
        for empty in [" \t\n", "\u{a0}", "\u{202a}\u{202c}", "."] {
            assert_eq!(strict(empty), Err(PhoneError::Empty), "{empty:?}");
        }
        assert_eq!(strict("07400 123456"), Err(PhoneError::NoCountry));
        assert_eq!(strict("447400123456"), Err(PhoneError::NoCountry));
        for country in ["", "XX", "GBR", "001", "G1", "+44", "\u{0}\u{0}"] {
            assert_eq!(
                Phone::parse("07400 123456", Some(country), STRICT),
                Err(PhoneError::NoCountry),
                "{country:?}"
            );
        }
        assert_eq!(strict("+999 123 456 789"), Err(PhoneError::UnknownCountry));
        assert_eq!(strict("+0044 7400 123456"), Err(PhoneError::UnknownCountry));
        for short in ["+", "+()", "+44", "7", "+44 7400 1"] {
            assert_eq!(strict(short), Err(PhoneError::TooShort), "{short}");
        }
        assert_eq!(
            strict("+1 253 0000"),
            Err(PhoneError::TooShort),
            "the area code is missing"
        );
        for long in [
            "+44 7400 123456 789",
            "+49 4687 534163 0187",
            &"1".repeat(5_000),
            &format!("+{}", "9".repeat(300)),
        ] {
            assert_eq!(strict(long), Err(PhoneError::TooLong));
        }
        assert_eq!(strict("+1 123 456 7890"), Err(PhoneError::NotANumber));
    }

    #[test]
    fn numbers_that_cost_or_belong_to_nobody_are_refused_by_kind() {
        assert_eq!(strict("+44 909 879 0000"), Err(PhoneError::PremiumRate));
        assert_eq!(strict("+1 900 234 5678"), Err(PhoneError::PremiumRate));
        assert_eq!(strict("+808 1234 5678"), Err(PhoneError::SharedCost));
        assert_eq!(strict("+1 800 234 5678"), Err(PhoneError::TollFree));
        assert_eq!(strict("+800 1234 5678"), Err(PhoneError::TollFree));
        assert_eq!(strict("+44 7640 123456"), Err(PhoneError::Pager));
        assert_eq!(strict("+44 55 1234 5678"), Err(PhoneError::Company));
        assert_eq!(strict("+41 860 74 123 45 67"), Err(PhoneError::Voicemail));
    }

    #[test]
    fn internet_telephony_goes_by_the_policy() {
        assert_eq!(strict("+44 56 1234 5678"), Err(PhoneError::Voip));
        let phone = Phone::parse(
            "+44 56 1234 5678",
            None,
            Policy {
                voip: true,
                ..STRICT
            },
        )
        .unwrap();
        assert_eq!(
            (phone.e164(), phone.channel()),
            ("+445612345678", Channel::Sms)
        );
    }

    #[test]
    fn fiction_is_accepted_in_a_demo_and_only_there_unless_it_could_be_real() {
        let kept = [
            ("+44 7700 900000", Channel::Sms),
            ("+44 7700 900999", Channel::Sms),
            ("+44 1632 960123", Channel::Voice),
            ("+44 20 7946 0999", Channel::Voice),
            ("+1 212 555 0100", Channel::Sms),
            ("+1 555 555 0199", Channel::Sms),
            ("+33 1 99 00 12 34", Channel::Voice),
            ("+33 5 36 49 12 34", Channel::Voice),
            ("+33 6 39 98 12 34", Channel::Sms),
            ("+61 491 570 156", Channel::Sms),
        ];
        for (typed, channel) in kept {
            let phone = Phone::parse(typed, None, DEMO).expect(typed);
            assert_eq!(phone.channel(), channel, "{typed}");
            assert_eq!(Phone::from_stored(phone.e164().to_owned()), Some(phone));
        }
        assert_eq!(demo("07700 900123"), Err(PhoneError::NoCountry));
        assert_eq!(
            Phone::parse("07700 900123", Some("GB"), DEMO)
                .unwrap()
                .e164(),
            "+447700900123"
        );
        assert_eq!(strict("+44 7700 900123"), Err(PhoneError::NotANumber));
        assert_eq!(strict("+1 555 555 0199"), Err(PhoneError::NotANumber));
    }

    #[test]
    fn what_lies_beside_fiction_is_judged_as_usual() {
        for typed in [
            "+44 7700 901000",
            "+1 555 555 0200",
            "+1 555 555 0099",
            "+1 100 555 0100",
        ] {
            assert_eq!(demo(typed), Err(PhoneError::NotANumber), "{typed}");
        }
        assert_eq!(demo("+1 800 555 0100"), Err(PhoneError::TollFree));
        assert_eq!(demo("+44 7700 90012"), Err(PhoneError::NotANumber));
        assert_eq!(demo("+44 7700 9001234"), Err(PhoneError::TooLong));
        assert_eq!(demo("+44 7400 123456").as_deref(), Ok("+447400123456"));
    }

    #[test]
    fn a_fixed_line_is_rung_up_and_everything_else_gets_a_text() {
        let channel = |typed| Phone::parse(typed, None, STRICT).map(|phone| phone.channel());
        assert_eq!(channel("+41 44 668 18 00"), Ok(Channel::Voice));
        assert_eq!(channel("+44 7400 123456"), Ok(Channel::Sms));
        assert_eq!(channel("+1 650 253 0000"), Ok(Channel::Sms));
        assert_eq!(channel("+1 416 555 0199"), Ok(Channel::Sms));
    }

    #[test]
    fn a_number_shows_itself_whole_only_when_asked_to() {
        let phone = Phone::parse("+44 7700 900123", None, DEMO).unwrap();
        assert_eq!(phone.masked(), "+44 ···· ··23");
        assert_eq!(format!("{phone:?}"), "Phone(+44 ···· ··23)");
        assert_eq!(phone.formatted(), "+44 7700 900123");
        assert_eq!((phone.digits(), phone.country_code()), ("447700900123", 44));
        assert_eq!(
            Phone::parse("+1 650 253 0000", None, STRICT)
                .unwrap()
                .masked(),
            "+1 ···· ··00"
        );
    }

    #[test]
    fn a_number_belongs_to_a_country_even_where_several_share_a_code() {
        let country = |typed| {
            Phone::parse(typed, None, DEMO)
                .unwrap()
                .country()
                .map(|country| country.region)
        };
        assert_eq!(country("+44 7700 900123"), Some("GB"));
        assert_eq!(country("+44 7781 123456"), Some("GG"));
        assert_eq!(country("+1 650 253 0000"), Some("US"));
        assert_eq!(country("+1 416 555 0199"), Some("CA"));
        assert_eq!(country("+1 212 555 0100"), Some("US"));
        let policy = Policy {
            named: vec!["881".to_owned()],
            ..STRICT
        };
        assert_eq!(
            Phone::parse("+881 612345678", None, policy)
                .unwrap()
                .country(),
            None
        );
    }

    #[test]
    fn what_was_stored_is_taken_back_by_its_shape_alone() {
        let stored = |text: &str| Phone::from_stored(text.to_owned());
        let retired = stored("+999123456").unwrap();
        assert_eq!(
            (retired.country_code(), retired.formatted()),
            (0, "+999123456".to_owned())
        );
        for odd in [
            "",
            "+",
            "447700900123",
            "+44 7700 900123",
            "+44770090012x",
            "+044770090012",
            "+1234567890123456",
            "+44７００",
        ] {
            assert_eq!(stored(odd), None, "{odd:?}");
        }
    }
}
