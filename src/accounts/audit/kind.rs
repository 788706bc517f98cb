//! Kinds of audit events, with the texts shown to people.

/// Defines the kinds of audit events: the variant, its name in the database, the text for the
/// account's owner and, for events the owner must learn about, a notice shown until it is
/// dismissed.
macro_rules! happenings {
    ($($(#[doc = $doc:literal])+ $name:ident, $word:literal, $told:literal $(, notice: $notice:literal)?;)+) => {
        /// Kind of an audit event.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum AuditKind { $($(#[doc = $doc])+ $name),+ }

        impl AuditKind {
            /// All kinds.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// Returns the name used in the database and the log.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$name => $word),+ }
            }

            /// Returns the text shown to the account's owner.
            #[must_use]
            pub fn words(self) -> &'static str {
                match self { $(Self::$name => $told),+ }
            }

            /// Returns the notice shown to the owner from the next login on, if any.
            #[must_use]
            pub fn notice(self) -> Option<&'static str> {
                match self { $(Self::$name => happenings!(@ $($notice)?)),+ }
            }
        }
    };
    (@) => { None };
    (@ $notice:literal) => { Some($notice) };
}

happenings! {
    /// An account was registered.
    Registered, "registered", "You made this account";
    /// The right password was entered.
    LoggedIn, "logged in", "You logged in";
    /// A wrong password was entered.
    LogInFailed, "log-in failed", "Somebody tried to log in with a wrong password";
    /// The right password was entered for a suspended account.
    LogInRefused, "log-in refused", "A log-in was refused, because the account is suspended";
    /// The owner logged out.
    LoggedOut, "logged out", "You logged out";
    /// A wrong password was entered within a session.
    PasswordWrong, "password wrong", "A wrong password was typed by somebody who was logged in";
    /// The password was changed.
    PasswordChanged, "password changed", "You changed your password",
        notice: "Your password was changed. If that was not you, ask the site's admin for help.";
    /// The owner ended another session.
    SessionEnded, "session ended", "You logged another browser out";
    /// The owner ended all other sessions.
    SessionsEnded, "sessions ended", "You logged all other browsers out";
    /// A number was verified.
    NumberProved, "number proved", "You proved your number";
    /// A code sent to the account's number was entered correctly.
    CodeUsed, "code used", "You confirmed a log-in with a code to your number";
    /// A wrong code was entered, whether sent, from the app or a recovery code.
    CodeWrong, "code wrong", "A wrong code was typed by somebody with your password";
    /// Another account verified the number, which now belongs to it.
    NumberLeft, "number left", "Your number was proved by another account, and left this one",
        notice: "Your number was proved by another account, so it left this one. Nothing else has changed. You can prove a number again.";
    /// The number was changed.
    NumberChanged, "number changed", "You changed your number",
        notice: "Your number was changed. If that was not you, ask the site's admin for help.";
    /// An authenticator app was set up.
    AppSet, "app set", "You set up an app for codes",
        notice: "An app that makes codes was set up for this account. If that was not you, change your password and remove the app.";
    /// The authenticator app was removed.
    AppRemoved, "app removed", "You removed the app for codes",
        notice: "The app that makes codes was removed from this account. If that was not you, change your password.";
    /// A code from the app was entered correctly.
    AppCodeUsed, "app code used", "You confirmed a log-in with your app";
    /// A passkey was added.
    PasskeyAdded, "passkey added", "You added a passkey",
        notice: "A passkey was added to this account. If that was not you, change your password and remove it.";
    /// A passkey was removed.
    PasskeyRemoved, "passkey removed", "You removed a passkey",
        notice: "A passkey was removed from this account. If that was not you, change your password.";
    /// A passkey assertion was valid.
    PasskeyUsed, "passkey used", "You confirmed a log-in with a passkey";
    /// A passkey assertion was invalid, or by a passkey of another account.
    PasskeyWrong, "passkey wrong", "A passkey that was not right was used by somebody with your password";
    /// New recovery codes were generated.
    RecoveryCodesMade, "recovery codes made", "You made new recovery codes",
        notice: "New recovery codes were made for this account. If that was not you, change your password and make new ones.";
    /// A recovery code was used.
    RecoveryCodeUsed, "recovery code used", "You used a recovery code",
        notice: "A recovery code was used. If that was not you, change your password and make new recovery codes.";
    /// A browser was trusted.
    BrowserRemembered, "browser remembered", "You had this browser remembered";
    /// A trusted browser was forgotten.
    BrowserForgotten, "browser forgotten", "You had a browser forgotten";
    /// All trusted browsers were forgotten.
    BrowsersForgotten, "browsers forgotten", "You had all browsers forgotten";
    /// The account's data was exported.
    DataDownloaded, "data downloaded", "You downloaded your data";
    /// The account was deleted.
    AccountDeleted, "account deleted", "You deleted this account";
    /// A poll, or a draft of one, was created.
    PollMade, "poll made", "You made a poll";
    /// The owner closed a poll.
    PollClosed, "poll closed", "You closed a poll";
    /// The owner deleted a poll.
    PollDeleted, "poll deleted", "You deleted a poll";
    /// An admin took down one of the account's polls.
    PollTakenDown, "poll taken down", "A poll of yours was taken down",
        notice: "A poll of yours was taken down by those who look after this site. Its page says why.";
    /// An admin restored one of the account's polls.
    PollPutBack, "poll put back", "A poll of yours that was taken down is shown again";
    /// An admin closed one of the account's polls.
    PollClosedByOthers, "poll closed by others", "A poll of yours was closed",
        notice: "A poll of yours was closed by those who look after this site. Every vote up to then counts.";
    /// This admin closed a poll.
    ClosedAPoll, "closed a poll", "You closed a poll that you look after";
    /// This admin took down a poll.
    TookPollDown, "took a poll down", "You took a poll down";
    /// This admin restored a poll.
    PutPollBack, "put a poll back", "You showed a poll again";
    /// This admin suspended an account.
    SuspendedAccount, "suspended an account", "You suspended an account";
    /// This admin restored an account.
    RestoredAccount, "restored an account", "You opened an account again";
    /// The operator created the account.
    CreatedByOperator, "created by operator", "The site's admin made this account",
        notice: "The site's admin made this account, and its password. Please choose one of your own.";
    /// The operator changed the role.
    RoleChanged, "role changed", "The site's admin changed what you may do here";
    /// The operator removed the number.
    NumberReset, "number reset", "The site's admin took your number off this account",
        notice: "The site's admin took your number off this account, so that you can prove another. If you did not ask for that, change your password.";
    /// The operator cleared the pending code and the wrong attempts.
    CodesForgotten, "codes forgotten", "The site's admin let you begin again with codes";
    /// The operator reset the password.
    PasswordReset, "password reset", "The site's admin gave this account a new password",
        notice: "The site's admin gave this account a new password. Please choose one of your own.";
    /// An operator or admin suspended the account.
    Suspended, "suspended", "The site's admin suspended this account";
    /// An operator or admin restored the account.
    Restored, "restored", "The site's admin opened this account again";
}

impl AuditKind {
    pub(super) fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|what| what.word() == word)
    }
}
