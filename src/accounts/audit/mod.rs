//! What happened in an account: who, what, when and from where, for its owner to read and for whoever looks after the site.
//!
//! Never a code, a whole number or a ballot. What happened outlives the account, and then names nobody; after a year it is forgotten.

pub mod user_agent;

use axum::http::header::USER_AGENT;
use axum::http::request::Parts;
use leptos::prelude::use_context;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use crate::platform::clock::Seconds;
use crate::platform::db::{Db, execute, statement};
use crate::web::http::client_ip::ClientIp;

/// How long it is remembered: a year.
pub const MEMORY: Seconds = 365 * 24 * 3_600;
/// How much an account's page tells.
const LATELY: i64 = 20;

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
    fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|what| what.word() == word)
    }
}

/// Where something was done from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientInfo {
    /// The part of the address that says where, and not who.
    pub place: String,
    /// The browser's short name.
    pub browser: String,
}

impl ClientInfo {
    /// The request that is being answered.
    #[must_use]
    pub fn from_context() -> Self {
        use_context::<Parts>()
            .map(|parts| Self::of(&parts))
            .unwrap_or_default()
    }

    /// This request.
    #[must_use]
    pub fn of(parts: &Parts) -> Self {
        let user_agent = parts
            .headers
            .get(USER_AGENT)
            .and_then(|name| name.to_str().ok())
            .unwrap_or_default();
        let place = parts
            .extensions
            .get::<ClientIp>()
            .map(ClientIp::place)
            .unwrap_or_default();
        Self {
            place,
            browser: user_agent::short_name(user_agent),
        }
    }

    /// The operator, at the command line.
    #[must_use]
    pub fn operator() -> Self {
        Self {
            place: String::new(),
            browser: "the command line".to_owned(),
        }
    }
}

/// Something that happened.
#[derive(Clone, Copy, Debug)]
pub struct AuditEvent<'a> {
    /// Whose account it concerns; none where there is no such account, or no more.
    pub account: Option<i64>,
    /// What it was.
    pub what: AuditKind,
    /// A few words more, such as a reason. Never a code, a whole number or a ballot.
    pub detail: &'a str,
}

impl AuditEvent<'_> {
    /// Something that happened in this account.
    #[must_use]
    pub fn of(account: i64, what: AuditKind) -> Self {
        Self {
            account: Some(account),
            what,
            detail: "",
        }
    }
}

/// Remembers it, in the transaction in which it is done where there is one, and writes a line to the log.
pub async fn record(
    db: &impl ConnectionTrait,
    event: AuditEvent<'_>,
    visit: &ClientInfo,
    now: Seconds,
) -> Result<(), DbErr> {
    let AuditEvent {
        account,
        what,
        detail,
    } = event;
    let sql = "INSERT INTO audit_event (at, account_id, kind, ip_prefix, browser, detail) VALUES ($1, $2, $3, $4, $5, $6)";
    let values = [
        now.into(),
        account.into(),
        what.word().into(),
        visit.place.as_str().into(),
        visit.browser.as_str().into(),
        detail.into(),
    ];
    execute(db, sql, values).await?;
    tracing::info!(
        what = what.word(),
        account,
        place = visit.place,
        browser = visit.browser,
        detail,
        "happened"
    );
    Ok(())
}

/// Something that happened, as it is read back.
#[derive(Clone, Debug, FromQueryResult)]
pub struct AuditEntry {
    /// Its row number.
    pub id: i64,
    /// When.
    pub at: Seconds,
    #[sea_orm(from_alias = "kind")]
    what: String,
    /// Where from.
    #[sea_orm(from_alias = "ip_prefix")]
    pub place: String,
    /// With which browser.
    pub browser: String,
    /// A few words more.
    pub detail: String,
}

impl AuditEntry {
    /// What it was; none for a word that this version does not know.
    #[must_use]
    pub fn what(&self) -> Option<AuditKind> {
        AuditKind::parse(&self.what)
    }

    /// What it was, as the account's owner reads it.
    #[must_use]
    pub fn words(&self) -> String {
        let words = self
            .what()
            .map_or_else(|| self.what.clone(), |what| what.words().to_owned());
        if self.detail.is_empty() {
            words
        } else {
            format!("{words}: {}", self.detail)
        }
    }
}

/// What happened in an account, the newest first: the last twenty.
pub async fn lately(db: &impl ConnectionTrait, account: i64) -> Result<Vec<AuditEntry>, DbErr> {
    past(db, "account_id = $1", account, LATELY).await
}

/// Everything that is remembered of an account, the newest first.
pub async fn everything(db: &impl ConnectionTrait, account: i64) -> Result<Vec<AuditEntry>, DbErr> {
    past(db, "account_id = $1", account, i64::from(i32::MAX)).await
}

/// The notices that nobody has read yet, the newest first, one of each kind.
pub async fn unread_notices(
    db: &impl ConnectionTrait,
    account: i64,
) -> Result<Vec<AuditEntry>, DbErr> {
    let words: Vec<_> = AuditKind::ALL
        .iter()
        .filter(|what| what.notice().is_some())
        .map(|what| format!("'{}'", what.word()))
        .collect();
    let newest = format!(
        "id IN (SELECT MAX(audit_event.id) FROM audit_event JOIN account ON account.id = audit_event.account_id
                WHERE audit_event.account_id = $1 AND audit_event.id > account.notices_read AND audit_event.kind IN ({}) GROUP BY audit_event.kind)",
        words.join(", ")
    );
    past(db, &newest, account, LATELY).await
}

/// Notes that the notices up to this event were read.
pub async fn read_notices(
    db: &impl ConnectionTrait,
    account: i64,
    event: i64,
) -> Result<(), DbErr> {
    let sql = "UPDATE account SET notices_read = $1 WHERE id = $2 AND notices_read < $1";
    execute(db, sql, [event.into(), account.into()])
        .await
        .map(drop)
}

async fn past(
    db: &impl ConnectionTrait,
    which: &str,
    account: i64,
    most: i64,
) -> Result<Vec<AuditEntry>, DbErr> {
    let sql = format!(
        "SELECT id, at, kind, ip_prefix, browser, detail FROM audit_event WHERE {which} ORDER BY id DESC LIMIT $2"
    );
    AuditEntry::find_by_statement(statement(db, &sql, [account.into(), most.into()]))
        .all(db)
        .await
}

/// Forgets what is older than a year.
pub async fn forget(db: &Db, now: Seconds) -> Result<(), DbErr> {
    execute(
        db.write(),
        "DELETE FROM audit_event WHERE at <= $1",
        [(now - MEMORY).into()],
    )
    .await
    .map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_back_as_what_was_written() {
        for what in AuditKind::ALL {
            assert_eq!(AuditKind::parse(what.word()), Some(*what));
            assert!(!what.word().contains('\''), "it stands in a statement");
        }
        assert_eq!(AuditKind::parse("something else"), None);
    }
}
