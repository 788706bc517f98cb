//! What kind of line a number belongs to, in words for its owner.

use rlibphonenumber::{PhoneNumber, PhoneNumberType as Kind};

use crate::verification::channel::Channel;
use crate::verification::numbers::fictional::fictional;
use crate::verification::numbers::phone::Phone;
use crate::verification::numbers::phone_error::PhoneError;
use crate::verification::numbers::policy::Policy;

/// The kind of line that a number belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// A mobile.
    Mobile,
    /// A landline.
    Landline,
    /// A mobile or a landline; the number doesn't tell, as in the United States and Canada.
    MobileOrLandline,
    /// An internet phone line.
    Internet,
    /// A personal number, which its owner forwards to other phones.
    Personal,
    /// A satellite phone, or a network of no country.
    Satellite,
    /// A machine's SIM card.
    Machine,
}

impl LineKind {
    /// Returns the kind of a number, whether or not this site accepts it.
    #[must_use]
    pub fn of(phone: &Phone) -> Self {
        if let Some(channel) = fictional(phone.digits()) {
            return match channel {
                Channel::Sms => Self::Mobile,
                Channel::Voice => Self::Landline,
            };
        }
        match phone.shut(&Policy::default()) {
            Some(PhoneError::Voip) => return Self::Internet,
            Some(PhoneError::Personal) => return Self::Personal,
            Some(PhoneError::Satellite) => return Self::Satellite,
            Some(PhoneError::Machine) => return Self::Machine,
            _ => {}
        }
        let parsed = PhoneNumber::parse(phone.e164(), None);
        match parsed.map(|number| number.get_type()) {
            Ok(Kind::FixedLine) => Self::Landline,
            Ok(Kind::FixedLineOrMobile) => Self::MobileOrLandline,
            _ => Self::Mobile,
        }
    }

    /// Returns the words that follow "is".
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Mobile => "a mobile number",
            Self::Landline => "a landline",
            Self::MobileOrLandline => "a mobile number or a landline",
            Self::Internet => "an internet phone line",
            Self::Personal => "a personal number that forwards to other phones",
            Self::Satellite => "a number on a satellite or global network",
            Self::Machine => "a number for machines",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_told_whether_or_not_it_gets_codes() {
        let named = ["44", "33", "1", "881", "88", "3197", "4932"].map(ToOwned::to_owned);
        let policy = Policy {
            fiction: true,
            voip: true,
            named: named.to_vec(),
        };
        for (number, kind) in [
            ("+447400123456", LineKind::Mobile),
            ("+442071838750", LineKind::Landline),
            ("+12125551234", LineKind::MobileOrLandline),
            ("+445601234567", LineKind::Internet),
            ("+49321234567890", LineKind::Internet),
            ("+447012345678", LineKind::Personal),
            ("+881612345678", LineKind::Satellite),
            ("+3197012345678", LineKind::Machine),
            ("+447700900123", LineKind::Mobile),
            ("+442079460123", LineKind::Landline),
        ] {
            let phone = Phone::from_stored(number.to_owned()).unwrap();
            assert_eq!(LineKind::of(&phone), kind, "{number}");
            let parsed = Phone::parse(number, None, policy.clone());
            assert_eq!(parsed.as_ref(), Ok(&phone), "{number}");
        }
    }
}
