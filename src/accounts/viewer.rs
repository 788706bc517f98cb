//! Who is looking at this page.

use leptos::prelude::use_context;

use crate::web::refusal::Refusal;

/// Whoever sent this request, as the session knows them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Viewer {
    /// Nobody that we know.
    #[default]
    Anonymous,
    /// Somebody who gave a password.
    LoggedIn(Person),
    /// Somebody who gave a password and proved a number in this session.
    Verified(Person),
}

/// An account, as far as pages need to know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The account's row number; never shown.
    pub id: i64,
    /// The name as it was chosen.
    pub username: String,
    /// Whether a number was proved before.
    pub has_number: bool,
}

/// What a page or a server function asks of whoever wants it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// A password.
    LoggedIn,
    /// A password, and a number proved in this session.
    Verified,
}

impl Viewer {
    /// Whoever sent the request that is being answered.
    #[must_use]
    pub fn now() -> Self {
        use_context().unwrap_or_default()
    }

    /// The account behind it, if there is one.
    #[must_use]
    pub fn person(&self) -> Option<&Person> {
        match self {
            Self::Anonymous => None,
            Self::LoggedIn(person) | Self::Verified(person) => Some(person),
        }
    }

    /// Lets through whoever has the level.
    ///
    /// # Errors
    /// What is missing first.
    pub fn admit(self, level: Level) -> Result<Person, Refusal> {
        match (self, level) {
            (Self::Anonymous, _) => Err(Refusal::LogIn),
            (Self::LoggedIn(_), Level::Verified) => Err(Refusal::Verify),
            (Self::LoggedIn(person) | Self::Verified(person), _) => Ok(person),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_level_lets_through_who_has_it() {
        let amy = || Person { id: 1, username: "amy".to_owned(), has_number: false };
        assert_eq!(Viewer::Anonymous.admit(Level::LoggedIn), Err(Refusal::LogIn));
        assert_eq!(Viewer::Anonymous.admit(Level::Verified), Err(Refusal::LogIn));
        assert_eq!(Viewer::LoggedIn(amy()).admit(Level::LoggedIn), Ok(amy()));
        assert_eq!(Viewer::LoggedIn(amy()).admit(Level::Verified), Err(Refusal::Verify));
        assert_eq!(Viewer::Verified(amy()).admit(Level::LoggedIn), Ok(amy()));
        assert_eq!(Viewer::Verified(amy()).admit(Level::Verified), Ok(amy()));
    }
}
