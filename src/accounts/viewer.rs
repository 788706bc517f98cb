//! The viewer of the current page.

use std::sync::Arc;

use leptos::prelude::use_context;

use crate::web::hypermedia::outcome::Refusal;

/// The sender of this request, according to the session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Viewer {
    /// Not logged in.
    #[default]
    Anonymous,
    /// Logged in with a password.
    LoggedIn(Person),
    /// Logged in with a password and a number verified in this session.
    Verified(Person),
}

/// The account details that pages need.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// The account's ID; never shown.
    pub id: i64,
    /// The username as it was chosen.
    pub username: String,
    /// Whether the account has a verified number.
    pub has_number: bool,
    /// That number, encrypted.
    pub number: Option<Arc<SealedNumber>>,
    /// Whether the account is an admin.
    pub admin: bool,
    /// Whether the password was typed in this session within the last ten minutes.
    pub password_recent: bool,
    /// Whether the password was set by the operator and must still be changed.
    pub password_given: bool,
    /// Whether a recovery code was used in this session within the last ten minutes.
    pub recovered: bool,
}

/// A verified number as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedNumber {
    /// The number, encrypted for its account.
    pub sealed: Vec<u8>,
    /// Its HMAC.
    pub mac: Vec<u8>,
}

/// The change-password page.
pub const PASSWORD_PAGE: &str = "/account/password";

/// The level that a page or server function requires.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Logged in with a password.
    LoggedIn,
    /// Logged in with a number verified in this session.
    Verified,
    /// Verified, with an admin account.
    Admin,
}

impl Viewer {
    /// Returns the viewer of the current request.
    #[must_use]
    pub fn from_context() -> Self {
        use_context().unwrap_or_default()
    }

    /// Returns the viewer's account, if logged in.
    #[must_use]
    pub fn person(&self) -> Option<&Person> {
        match self {
            Self::Anonymous => None,
            Self::LoggedIn(person) | Self::Verified(person) => Some(person),
        }
    }

    /// Returns the account if it has the level. A password that was set by the operator, and is
    /// therefore known to someone else, gives no more than [`Level::LoggedIn`].
    ///
    /// # Errors
    /// The first requirement that is not met.
    pub fn admit(self, level: Level) -> Result<Person, Refusal> {
        let person = self.reach(level)?;
        if person.password_given && level > Level::LoggedIn {
            let message = "Please choose your own password first.".to_owned();
            return Err(Refusal::Elsewhere {
                message,
                path: PASSWORD_PAGE.to_owned(),
            });
        }
        Ok(person)
    }

    fn reach(self, level: Level) -> Result<Person, Refusal> {
        match (self, level) {
            (Self::Anonymous, _) => Err(Refusal::LogIn),
            (Self::LoggedIn(_), Level::Verified | Level::Admin) => Err(Refusal::Verify),
            (Self::Verified(person), Level::Admin) if !person.admin => Err(Refusal::Forbidden {
                message: "This page is for admins only.".to_owned(),
            }),
            (Self::LoggedIn(person) | Self::Verified(person), _) => Ok(person),
        }
    }

    /// Returns the account if the viewer is its owner, as far as can be told: if it has a number,
    /// that must be verified in this session. A stolen password alone changes nothing in such an
    /// account.
    ///
    /// # Errors
    /// The first requirement that is not met.
    pub fn admit_owner(self) -> Result<Person, Refusal> {
        let level = if self.person().is_some_and(|person| person.has_number) {
            Level::Verified
        } else {
            Level::LoggedIn
        };
        self.reach(level)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_level_lets_through_who_has_it() {
        let amy = || Person {
            id: 1,
            username: "amy".to_owned(),
            ..Person::default()
        };
        let admin = || Person {
            admin: true,
            ..amy()
        };
        assert_eq!(
            Viewer::Anonymous.admit(Level::LoggedIn),
            Err(Refusal::LogIn)
        );
        assert_eq!(
            Viewer::Anonymous.admit(Level::Verified),
            Err(Refusal::LogIn)
        );
        assert_eq!(Viewer::LoggedIn(amy()).admit(Level::LoggedIn), Ok(amy()));
        assert_eq!(
            Viewer::LoggedIn(amy()).admit(Level::Verified),
            Err(Refusal::Verify)
        );
        assert_eq!(Viewer::Verified(amy()).admit(Level::LoggedIn), Ok(amy()));
        assert_eq!(Viewer::Verified(amy()).admit(Level::Verified), Ok(amy()));
        assert_eq!(Viewer::Anonymous.admit(Level::Admin), Err(Refusal::LogIn));
        assert_eq!(
            Viewer::LoggedIn(admin()).admit(Level::Admin),
            Err(Refusal::Verify)
        );
        assert!(matches!(
            Viewer::Verified(amy()).admit(Level::Admin),
            Err(Refusal::Forbidden { .. })
        ));
        assert_eq!(Viewer::Verified(admin()).admit(Level::Admin), Ok(admin()));
    }

    #[test]
    fn a_password_that_somebody_else_made_opens_its_change_and_nothing_verified() {
        let amy = || Person {
            has_number: true,
            admin: true,
            password_given: true,
            ..Person::default()
        };
        let change = |answer| matches!(answer, Err(Refusal::Elsewhere { path, .. }) if path == PASSWORD_PAGE);
        assert!(change(Viewer::Verified(amy()).admit(Level::Verified)));
        assert!(change(Viewer::Verified(amy()).admit(Level::Admin)));
        assert_eq!(
            Viewer::LoggedIn(amy()).admit(Level::Verified),
            Err(Refusal::Verify),
            "the number comes first"
        );
        assert_eq!(Viewer::LoggedIn(amy()).admit(Level::LoggedIn), Ok(amy()));
        assert_eq!(
            Viewer::Verified(amy()).admit_owner(),
            Ok(amy()),
            "or it could not be changed"
        );
    }

    #[test]
    fn an_account_with_a_number_is_its_owners_only_with_the_number_proved() {
        let amy = |has_number| Person {
            has_number,
            ..Person::default()
        };
        assert_eq!(Viewer::Anonymous.admit_owner(), Err(Refusal::LogIn));
        assert_eq!(Viewer::LoggedIn(amy(false)).admit_owner(), Ok(amy(false)));
        assert_eq!(
            Viewer::LoggedIn(amy(true)).admit_owner(),
            Err(Refusal::Verify)
        );
        assert_eq!(Viewer::Verified(amy(true)).admit_owner(), Ok(amy(true)));
    }
}
