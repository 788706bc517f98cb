//! Flash messages: what was just done, shown once on the next page.

use serde::{Deserialize, Serialize};

use crate::web::components::page::layout::FlashMessage;

/// What was just done, shown on the next page.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub enum Flash {
    /// Logged out.
    LoggedOut,
    /// The number is verified.
    Verified,
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
    pub(super) fn message(self) -> FlashMessage {
        FlashMessage {
            words: self.words(),
            good: true,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::LoggedOut => "You are logged out.",
            Self::Verified => "Thanks, your number is verified.",
            Self::Confirmed => "Thanks, that code is right.",
            Self::AppSet => "App set up. You can use its codes from now on.",
            Self::AppRemoved => "App removed. You'll get codes by text again.",
            Self::PasskeyAdded => "Passkey added. Use it next time you log in.",
            Self::PasskeyRemoved => "Passkey removed. Remove it from your device too.",
            Self::Recognised => "Thanks, your passkey worked.",
            Self::NumberChanged => "Number changed. All other browsers are logged out.",
            Self::BrowserForgotten => "Browser forgotten.",
            Self::BrowsersForgotten => "All browsers forgotten.",
            Self::PasswordChanged => "Password changed. All other browsers are logged out.",
            Self::SessionEnded => "That browser is logged out.",
            Self::SessionsEnded => "All other browsers are logged out.",
            Self::AccountDeleted => "Your account is deleted.",
            Self::NumberLeft => {
                "Another account verified your number, so we removed it here. You can verify it again."
            }
            Self::Notice => "You have a security notice in your account.",
        }
    }
}

pub(crate) const DATA_KEY: &str = "done";
