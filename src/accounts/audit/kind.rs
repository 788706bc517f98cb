//! Kinds of audit events, with the texts shown to people.

/// Defines the kinds of audit events: the variant, its name in the database, the text for the
/// account's owner and, for events the owner must learn about, a notice shown until it is
/// dismissed.
macro_rules! audit_kinds {
    ($($(#[doc = $doc:literal])+ $name:ident, $stored:literal, $shown:literal $(, notice: $notice:literal)?;)+) => {
        /// Kind of an audit event.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum AuditKind { $($(#[doc = $doc])+ $name),+ }

        impl AuditKind {
            /// All kinds.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// Returns the name used in the database and the log.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $stored),+ }
            }

            /// Returns the text shown to the account's owner.
            #[must_use]
            pub fn words(self) -> &'static str {
                match self { $(Self::$name => $shown),+ }
            }

            /// Returns the notice shown to the owner from the next login on, if any.
            #[must_use]
            pub fn notice(self) -> Option<&'static str> {
                match self { $(Self::$name => audit_kinds!(@ $($notice)?)),+ }
            }
        }
    };
    (@) => { None };
    (@ $notice:literal) => { Some($notice) };
}

audit_kinds! {
    /// An account was registered.
    Registered, "registered", "You created this account";
    /// The right password was entered.
    LoggedIn, "logged in", "You logged in";
    /// A wrong password was entered.
    LogInFailed, "log-in failed", "Someone tried to log in with a wrong password";
    /// The right password was entered for a suspended account.
    LogInRefused, "log-in refused", "A login was refused because the account is suspended";
    /// The owner logged out.
    LoggedOut, "logged out", "You logged out";
    /// A wrong password was entered within a session.
    PasswordWrong, "password wrong", "Someone who was logged in entered a wrong password";
    /// The password was changed.
    PasswordChanged, "password changed", "You changed your password",
        notice: "Your password was changed. If that was not you, ask the site's admin for help.";
    /// The owner ended another session.
    SessionEnded, "session ended", "You logged out another browser";
    /// The owner ended all other sessions.
    SessionsEnded, "sessions ended", "You logged out all other browsers";
    /// A number was verified.
    NumberProved, "number proved", "You verified your number";
    /// A code sent to the account's number was entered correctly.
    CodeUsed, "code used", "You entered a code sent to your number";
    /// A wrong code was entered, whether sent, from the app or a recovery code.
    CodeWrong, "code wrong", "Someone with your password entered a wrong code";
    /// Another account verified the number, which now belongs to it.
    NumberLeft, "number left", "Another account verified your number, so it was removed here",
        notice: "Another account verified your number, so we removed it here. Nothing else has changed. You can verify it again.";
    /// The number was changed.
    NumberChanged, "number changed", "You changed your number",
        notice: "Your number was changed. If that was not you, ask the site's admin for help.";
    /// An authenticator app was set up.
    AppSet, "app set", "You set up an authenticator app",
        notice: "An authenticator app was set up for this account. If that was not you, change your password and remove the app.";
    /// The authenticator app was removed.
    AppRemoved, "app removed", "You removed the authenticator app",
        notice: "The authenticator app was removed from this account. If that was not you, change your password.";
    /// A code from the app was entered correctly.
    AppCodeUsed, "app code used", "You entered a code from your app";
    /// A passkey was added.
    PasskeyAdded, "passkey added", "You added a passkey",
        notice: "A passkey was added to this account. If that was not you, change your password and remove it.";
    /// A passkey was removed.
    PasskeyRemoved, "passkey removed", "You removed a passkey",
        notice: "A passkey was removed from this account. If that was not you, change your password.";
    /// A passkey assertion was valid.
    PasskeyUsed, "passkey used", "You used a passkey";
    /// A passkey assertion was invalid, or by a passkey of another account.
    PasskeyWrong, "passkey wrong", "Someone with your password used a passkey that didn't work";
    /// New recovery codes were generated.
    RecoveryCodesMade, "recovery codes made", "You created new recovery codes",
        notice: "New recovery codes were created for this account. If that was not you, change your password and create new ones.";
    /// A recovery code was used.
    RecoveryCodeUsed, "recovery code used", "You used a recovery code",
        notice: "A recovery code was used. If that was not you, change your password and create new recovery codes.";
    /// The owner was offered recovery codes and didn't want them yet.
    RecoveryCodesPutOff, "recovery codes put off", "You put off creating recovery codes";
    /// A browser was trusted.
    BrowserRemembered, "browser remembered", "You remembered this browser";
    /// A trusted browser was forgotten.
    BrowserForgotten, "browser forgotten", "You forgot a browser";
    /// All trusted browsers were forgotten.
    BrowsersForgotten, "browsers forgotten", "You forgot all browsers";
    /// The account's data was exported.
    DataDownloaded, "data downloaded", "You downloaded your data";
    /// The account was deleted.
    AccountDeleted, "account deleted", "You deleted this account";
    /// A poll, or a draft of one, was created.
    PollMade, "poll made", "You created a poll";
    /// The owner closed a poll.
    PollClosed, "poll closed", "You closed a poll";
    /// The owner deleted a poll.
    PollDeleted, "poll deleted", "You deleted a poll";
    /// An admin took down one of the account's polls.
    PollTakenDown, "poll taken down", "One of your polls was taken down",
        notice: "An admin took down one of your polls. The poll's page says why.";
    /// An admin restored one of the account's polls.
    PollPutBack, "poll put back", "One of your polls was restored";
    /// An admin closed one of the account's polls.
    PollClosedByOthers, "poll closed by others", "One of your polls was closed",
        notice: "An admin closed one of your polls. Votes cast before then count.";
    /// The operator deleted one of the account's polls.
    PollDeletedByOthers, "poll deleted by others", "One of your polls was deleted",
        notice: "An admin deleted one of your polls, with its votes.";
    /// This admin closed a poll.
    ClosedAPoll, "closed a poll", "You closed a poll as an admin";
    /// This admin took down a poll.
    TookPollDown, "took a poll down", "You took a poll down";
    /// This admin restored a poll.
    PutPollBack, "put a poll back", "You restored a poll";
    /// This admin suspended an account.
    SuspendedAccount, "suspended an account", "You suspended an account";
    /// This admin restored an account.
    RestoredAccount, "restored an account", "You lifted an account's suspension";
    /// The operator created the account.
    CreatedByOperator, "created by operator", "An admin created this account",
        notice: "An admin created this account and its password. Please choose your own password.";
    /// The operator changed the role.
    RoleChanged, "role changed", "An admin changed your role";
    /// The operator removed the number.
    NumberReset, "number reset", "An admin removed your number",
        notice: "An admin removed your number so you can verify another. If you didn't ask for this, change your password.";
    /// The operator cleared the pending code and the wrong attempts.
    CodesForgotten, "codes forgotten", "An admin reset your code limit";
    /// The operator cleared the wrong passwords and codes.
    Unlocked, "unlocked", "An admin cleared your wrong passwords and codes";
    /// The operator ended all sessions.
    LoggedOutByOperator, "logged out by operator", "An admin logged you out everywhere";
    /// The operator reset the password.
    PasswordReset, "password reset", "An admin reset your password",
        notice: "An admin reset your password. Please choose your own.";
    /// An operator or admin suspended the account.
    Suspended, "suspended", "An admin suspended this account";
    /// An operator or admin restored the account.
    Restored, "restored", "An admin lifted this account's suspension";
}

impl AuditKind {
    pub(super) fn parse(stored: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|what| what.as_str() == stored)
    }
}
