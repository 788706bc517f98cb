//! Kinds of audit events, with the words that people read.

/// Makes the closed set of what can happen: the name in code, the word in the database, the words for the account's owner, and, for
/// what the owner must be told without asking, the notice that waits until it was read.
macro_rules! happenings {
    ($($(#[doc = $doc:literal])+ $name:ident, $word:literal, $told:literal $(, notice: $notice:literal)?;)+) => {
        /// Everything that is remembered.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum AuditKind { $($(#[doc = $doc])+ $name),+ }

        impl AuditKind {
            /// All there are.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// As it stands in the database and in the log.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$name => $word),+ }
            }

            /// As the account's owner reads it.
            #[must_use]
            pub fn words(self) -> &'static str {
                match self { $(Self::$name => $told),+ }
            }

            /// What the owner must be told at the next log-in.
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
    /// Somebody made an account.
    Registered, "registered", "You made this account";
    /// The right password was given.
    LoggedIn, "logged in", "You logged in";
    /// A wrong password was given.
    LogInFailed, "log-in failed", "Somebody tried to log in with a wrong password";
    /// The right password was given, and the account is suspended.
    LogInRefused, "log-in refused", "A log-in was refused, because the account is suspended";
    /// A session was ended by its owner.
    LoggedOut, "logged out", "You logged out";
    /// A wrong password was given inside a session.
    PasswordWrong, "password wrong", "A wrong password was typed by somebody who was logged in";
    /// The password is another.
    PasswordChanged, "password changed", "You changed your password",
        notice: "Your password was changed. If that was not you, ask the site's admin for help.";
    /// One other session was ended.
    SessionEnded, "session ended", "You logged another browser out";
    /// All other sessions were ended.
    SessionsEnded, "sessions ended", "You logged all other browsers out";
    /// A number was proved.
    NumberProved, "number proved", "You proved your number";
    /// A code that was sent to the account's number was right.
    CodeUsed, "code used", "You confirmed a log-in with a code to your number";
    /// A code was wrong, however it came.
    CodeWrong, "code wrong", "A wrong code was typed by somebody with your password";
    /// The number was proved by another account, and is its own now.
    NumberLeft, "number left", "Your number was proved by another account, and left this one",
        notice: "Your number was proved by another account, so it left this one. Nothing else has changed. You can prove a number again.";
    /// The number is another.
    NumberChanged, "number changed", "You changed your number",
        notice: "Your number was changed. If that was not you, ask the site's admin for help.";
    /// An app makes codes.
    AppSet, "app set", "You set up an app for codes",
        notice: "An app that makes codes was set up for this account. If that was not you, change your password and remove the app.";
    /// No app makes codes any more.
    AppRemoved, "app removed", "You removed the app for codes",
        notice: "The app that makes codes was removed from this account. If that was not you, change your password.";
    /// A code of the app was right.
    AppCodeUsed, "app code used", "You confirmed a log-in with your app";
    /// There is another passkey.
    PasskeyAdded, "passkey added", "You added a passkey",
        notice: "A passkey was added to this account. If that was not you, change your password and remove it.";
    /// A passkey is good for nothing any more.
    PasskeyRemoved, "passkey removed", "You removed a passkey",
        notice: "A passkey was removed from this account. If that was not you, change your password.";
    /// A passkey's answer was right.
    PasskeyUsed, "passkey used", "You confirmed a log-in with a passkey";
    /// A passkey's answer was wrong, or the passkey none of the account's.
    PasskeyWrong, "passkey wrong", "A passkey that was not right was used by somebody with your password";
    /// There are new recovery codes.
    RecoveryCodesMade, "recovery codes made", "You made new recovery codes",
        notice: "New recovery codes were made for this account. If that was not you, change your password and make new ones.";
    /// A recovery code was used.
    RecoveryCodeUsed, "recovery code used", "You used a recovery code",
        notice: "A recovery code was used. If that was not you, change your password and make new recovery codes.";
    /// A browser was told to keep something.
    BrowserRemembered, "browser remembered", "You had this browser remembered";
    /// A browser is not remembered any more.
    BrowserForgotten, "browser forgotten", "You had a browser forgotten";
    /// No browser is.
    BrowsersForgotten, "browsers forgotten", "You had all browsers forgotten";
    /// The account's data were downloaded.
    DataDownloaded, "data downloaded", "You downloaded your data";
    /// The account is gone.
    AccountDeleted, "account deleted", "You deleted this account";
    /// A poll, or a draft of one, was made.
    PollMade, "poll made", "You made a poll";
    /// A poll was closed by its owner.
    PollClosed, "poll closed", "You closed a poll";
    /// A poll was deleted by its owner.
    PollDeleted, "poll deleted", "You deleted a poll";
    /// By somebody who looks after the site: a poll of this account was taken down.
    PollTakenDown, "poll taken down", "A poll of yours was taken down",
        notice: "A poll of yours was taken down by those who look after this site. Its page says why.";
    /// By somebody who looks after the site: a poll of this account is shown again.
    PollPutBack, "poll put back", "A poll of yours that was taken down is shown again";
    /// By somebody who looks after the site: a poll of this account was closed.
    PollClosedByOthers, "poll closed by others", "A poll of yours was closed",
        notice: "A poll of yours was closed by those who look after this site. Every vote up to then counts.";
    /// Whoever looks after the site closed a poll.
    ClosedAPoll, "closed a poll", "You closed a poll that you look after";
    /// Whoever looks after the site took a poll down.
    TookPollDown, "took a poll down", "You took a poll down";
    /// Whoever looks after the site showed a poll again.
    PutPollBack, "put a poll back", "You showed a poll again";
    /// Whoever looks after the site suspended an account.
    SuspendedAccount, "suspended an account", "You suspended an account";
    /// Whoever looks after the site opened an account again.
    RestoredAccount, "restored an account", "You opened an account again";
    /// By the operator: an account was made.
    CreatedByOperator, "created by operator", "The site's admin made this account",
        notice: "The site's admin made this account, and its password. Please choose one of your own.";
    /// By the operator: the role is another.
    RoleChanged, "role changed", "The site's admin changed what you may do here";
    /// By the operator: the number was taken off.
    NumberReset, "number reset", "The site's admin took your number off this account",
        notice: "The site's admin took your number off this account, so that you can prove another. If you did not ask for that, change your password.";
    /// By the operator: the code that was out is forgotten, and the wrong ones are.
    CodesForgotten, "codes forgotten", "The site's admin let you begin again with codes";
    /// By the operator: the password is another.
    PasswordReset, "password reset", "The site's admin gave this account a new password",
        notice: "The site's admin gave this account a new password. Please choose one of your own.";
    /// By the operator: the account was closed for now.
    Suspended, "suspended", "The site's admin suspended this account";
    /// By the operator: the account was opened again.
    Restored, "restored", "The site's admin opened this account again";
}

impl AuditKind {
    pub(super) fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|what| what.word() == word)
    }
}
