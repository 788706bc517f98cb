//! Flash messages: what was just done, shown once on the next page.

use serde::{Deserialize, Serialize};

use crate::web::components::layout::FlashMessage;

/// What was just done, shown on the next page.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub enum Flash {
    /// Logged out.
    LoggedOut,
    /// The number is verified.
    Verified,
    /// A number is verified for the first time, and there are no recovery codes yet.
    FirstVerified,
    /// The authenticator app's code was correct.
    Confirmed,
    /// An authenticator app was set up.
    AppSet,
    /// The authenticator app was removed.
    AppRemoved,
    /// A passkey was added.
    PasskeyAdded,
    /// A passkey was removed.
    PasskeyRemoved,
    /// The passkey was accepted.
    Recognised,
    /// The number was changed.
    NumberChanged,
    /// A trusted browser was forgotten.
    BrowserForgotten,
    /// All trusted browsers were forgotten.
    BrowsersForgotten,
    /// The password was changed.
    PasswordChanged,
    /// Another session was ended.
    SessionEnded,
    /// All other sessions were ended.
    SessionsEnded,
    /// The account was deleted.
    AccountDeleted,
    /// The number was verified by another account and removed from this one.
    NumberLeft,
    /// There is an unread notice about the account.
    Notice,
}

impl Flash {
    pub(super) fn flash(self) -> FlashMessage {
        let link = (matches!(self, Self::FirstVerified)).then_some((
            "/account/recovery",
            "Make recovery codes for the day your phone is lost",
        ));
        FlashMessage {
            words: self.words(),
            link,
            good: true,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::LoggedOut => "You are logged out.",
            Self::Verified | Self::FirstVerified => "Thank you, your number is verified.",
            Self::Confirmed => "Thank you, that was the right code.",
            Self::AppSet => "Your app is set up. You can use its codes from now on.",
            Self::AppRemoved => "Your app is removed. Codes come by text message again.",
            Self::PasskeyAdded => "Your passkey is added. You can use it from your next log-in on.",
            Self::PasskeyRemoved => "That passkey is removed. Remove it from your device too.",
            Self::Recognised => "Thank you, that was your passkey.",
            Self::NumberChanged => "Your number is changed. All other browsers are logged out.",
            Self::BrowserForgotten => "That browser is not remembered any more.",
            Self::BrowsersForgotten => "No browser is remembered any more.",
            Self::PasswordChanged => "Your password is changed. All other browsers are logged out.",
            Self::SessionEnded => "That browser is logged out.",
            Self::SessionsEnded => "All other browsers are logged out.",
            Self::AccountDeleted => "Your account is deleted.",
            Self::NumberLeft => {
                "Your number was proved by another account, and has left this one. You can prove a number again."
            }
            Self::Notice => "There is something to read in your account.",
        }
    }
}

pub(crate) const DONE: &str = "done";
