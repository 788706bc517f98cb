//! The session: the one file that knows how a browser is recognised.
//!
//! Who somebody is stands in columns of the session's row and is changed by conditional statements alone, so that a slow request
//! can neither bring back a session that has ended nor a level that was lost. Each step up gets a new id.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use leptos::prelude::use_context;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};
use serde::{Deserialize, Serialize};
use tokio::time::timeout;
use tower_sessions::cookie::SameSite;
use tower_sessions::cookie::time::Duration;
use tower_sessions::session::Id;
use tower_sessions::{Expiry, Session, SessionManagerLayer};

use crate::accounts::audit::ClientInfo;
use crate::accounts::sessions::active_sessions;
use crate::accounts::sessions::sent_form::SentForm;
use crate::accounts::sessions::store::{IDLE, LIFE, MOVED_TO, SEEN_STEP, Store, hash};
use crate::accounts::sessions::trusted_browsers::TrustCookie;
use crate::accounts::store::{ADMIN, take_turn_of};
use crate::accounts::viewer::{Person, Viewer};
use crate::platform::clock::{Clock, Seconds};
use crate::platform::config::Config;
use crate::platform::crypto::Keys;
use crate::platform::db::{Db, Transaction, execute, statement};
use crate::web::components::layout::FlashMessage;
use crate::web::http::cookie;
use crate::web::hypermedia::outcome::Refusal;
use crate::web::hypermedia::page_owner;
use crate::web::hypermedia::page_owner::PageOwner;

/// A word about what was just done, shown on the next page.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub enum Flash {
    /// Logged out.
    LoggedOut,
    /// The number is proved.
    Verified,
    /// A number is proved for the first time, and there is no other way in yet.
    FirstVerified,
    /// A code of the app was right.
    Confirmed,
    /// An app makes codes from now on.
    AppSet,
    /// No app does any more.
    AppRemoved,
    /// There is another passkey.
    PasskeyAdded,
    /// A passkey is good for nothing any more.
    PasskeyRemoved,
    /// A passkey's answer was right.
    Recognised,
    /// The number is another.
    NumberChanged,
    /// A browser is not remembered any more.
    BrowserForgotten,
    /// No browser is remembered any more.
    BrowsersForgotten,
    /// The password is another.
    PasswordChanged,
    /// Another session was ended.
    SessionEnded,
    /// All other sessions were ended.
    SessionsEnded,
    /// The account is gone.
    AccountDeleted,
    /// The number has left for another account.
    NumberLeft,
    /// Something else happened that the owner must be told.
    Notice,
}

impl Flash {
    fn flash(self) -> FlashMessage {
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

const DONE: &str = "done";
/// How long a page waits for its session to be written to.
const NOTE_PATIENCE: std::time::Duration = std::time::Duration::from_millis(500);
/// How long a password that was typed counts as typed just now: ten minutes.
const PASSWORD_IS_RECENT: Seconds = 600;
/// How long a recovery code opens the way to a new number or app: ten minutes.
const RECOVERY_LASTS: Seconds = 600;

/// What the middleware needs.
#[derive(Clone, Debug)]
pub struct Sessions {
    /// The settings.
    pub config: Arc<Config>,
    /// Where the rows are.
    pub db: Db,
    /// What pages tell their viewers by.
    pub keys: Keys,
    /// The time.
    pub clock: Clock,
}

impl Sessions {
    /// The layer that finds the session of a request by its cookie.
    #[must_use]
    pub fn layer(&self) -> SessionManagerLayer<Store> {
        let https = self.config.origin.is_https();
        SessionManagerLayer::new(Store::new(self.db.clone(), self.clock.clone()))
            .with_name(cookie::name("session", https))
            .with_secure(https)
            .with_same_site(SameSite::Lax)
            .with_expiry(Expiry::OnInactivity(Duration::seconds(LIFE)))
    }
}

/// Tells every request who sent it.
pub async fn recognise(
    State(sessions): State<Sessions>,
    mut request: Request,
    next: Next,
) -> Response {
    let (mut viewer, mut told) = (Viewer::Anonymous, None);
    if let Some(id) = request.extensions().get::<Session>().and_then(Session::id) {
        let (parts, body) = request.into_parts();
        let row = sessions.find(&id, &ClientInfo::of(&parts)).await;
        request = Request::from_parts(parts, body);
        let row = match row {
            Ok(row) => row,
            Err(error) => {
                tracing::error!(%error, "a session could not be read");
                return StatusCode::SERVICE_UNAVAILABLE.into_response();
            }
        };
        if let Some(row) = row {
            told = row.done().map(|done| (done, id, row.data.clone()));
            viewer = row.viewer(sessions.config.demo(), sessions.clock.now());
        }
    }
    let verified = matches!(viewer, Viewer::Verified(_));
    let made_for = viewer
        .person()
        .map(|person| PageOwner::person(sessions.keys.viewer(person.id), verified))
        .unwrap_or_default();
    let reads = request.method() == Method::GET;
    if reads && made_for.is_not_in(request.headers()) {
        return page_owner::load_whole(request.uri());
    }
    if reads
        && !request.uri().path().starts_with("/api/")
        && let Some((done, id, data)) = told
    {
        request.extensions_mut().insert(done.flash());
        sessions.said(&id, &data).await;
    }
    request.extensions_mut().insert(viewer);
    request.extensions_mut().insert(made_for);
    next.run(request).await
}

#[derive(Debug, FromQueryResult)]
struct Row {
    data: String,
    created_at: Seconds,
    seen_at: Seconds,
    account_id: Option<i64>,
    username: Option<String>,
    demo: Option<bool>,
    role: Option<String>,
    suspended: bool,
    password_at: Seconds,
    recovered_at: Seconds,
    #[sea_orm(from_alias = "must_change_password")]
    password_given: Option<bool>,
    has_number: bool,
    verified: bool,
}

impl Row {
    /// Returns the word that waits for the next page.
    fn done(&self) -> Option<Flash> {
        let data: HashMap<String, serde_json::Value> = serde_json::from_str(&self.data).ok()?;
        serde_json::from_value(data.get(DONE)?.clone()).ok()
    }

    /// Whether it bears a moment of the future: the clock was ahead, and has been set right.
    fn is_ahead_of(&self, now: Seconds) -> bool {
        self.created_at
            .max(self.seen_at)
            .max(self.password_at)
            .max(self.recovered_at)
            > now
    }

    fn set_back(self, now: Seconds) -> Self {
        let [created_at, seen_at] = [self.created_at, self.seen_at].map(|at| at.min(now));
        let [password_at, recovered_at] =
            [self.password_at, self.recovered_at].map(|at| at.min(now));
        Self {
            created_at,
            seen_at,
            password_at,
            recovered_at,
            ..self
        }
    }

    fn viewer(self, demo: bool, now: Seconds) -> Viewer {
        let Some((id, username)) = self.account_id.zip(self.username) else {
            return Viewer::Anonymous;
        };
        // The demo's password is known to everybody, so its account exists only in the demo.
        if self.suspended || (self.demo == Some(true) && !demo) {
            return Viewer::Anonymous;
        }
        let admin = self.role.as_deref() == Some(ADMIN);
        let password_recent = now - self.password_at <= PASSWORD_IS_RECENT;
        let recovered = now - self.recovered_at <= RECOVERY_LASTS;
        let (has_number, password_given) = (self.has_number, self.password_given == Some(true));
        let person = Person {
            id,
            username,
            has_number,
            admin,
            password_recent,
            password_given,
            recovered,
        };
        if self.verified {
            Viewer::Verified(person)
        } else {
            Viewer::LoggedIn(person)
        }
    }
}

impl Sessions {
    async fn find(&self, id: &Id, visit: &ClientInfo) -> Result<Option<Row>, DbErr> {
        let now = self.clock.now();
        let sql = "SELECT session.data, session.seen_at, session.account_id, session.password_at, session.recovered_at,
                          account.username, account.demo, account.role, account.must_change_password,
                          session.created_at, account.suspended_reason IS NOT NULL AS suspended,
                          account.number_mac IS NOT NULL AS has_number,
                          COALESCE(session.number_mac = account.number_mac, FALSE) AS verified
                   FROM session LEFT JOIN account ON account.id = session.account_id
                   WHERE session.id = $1 AND session.seen_at > $2 AND session.created_at > $3";
        let values = [hash(id).into(), (now - IDLE).into(), (now - LIFE).into()];
        let row = Row::find_by_statement(statement(self.db.read(), sql, values))
            .one(self.db.read())
            .await?;
        if row.as_ref().is_some_and(|row| row.is_ahead_of(now)) {
            let earlier =
                |column| format!("{column} = CASE WHEN {column} > $2 THEN $2 ELSE {column} END");
            let columns = ["created_at", "seen_at", "password_at", "recovered_at"]
                .map(earlier)
                .join(", ");
            self.note(
                &format!("UPDATE session SET {columns} WHERE id = $1"),
                [hash(id).into(), now.into()],
            )
            .await;
            return Ok(row.map(|row| row.set_back(now)));
        }
        if row
            .as_ref()
            .is_some_and(|row| now - row.seen_at >= SEEN_STEP)
        {
            let values = [
                (now - now % SEEN_STEP).into(),
                hash(id).into(),
                visit.place.as_str().into(),
                visit.browser.as_str().into(),
            ];
            self.note(
                "UPDATE session SET seen_at = $1, ip_prefix = $3, browser = $4 WHERE id = $2",
                values,
            )
            .await;
        }
        Ok(row)
    }

    /// Puts away a word that a page has said. Nothing else is in the data.
    async fn said(&self, id: &Id, data: &str) {
        self.note(
            "UPDATE session SET data = '{}' WHERE id = $1 AND data = $2",
            [hash(id).into(), data.into()],
        )
        .await;
    }

    /// Writes while a page is read. The page comes all the same where the database cannot be written to.
    async fn note(&self, sql: &str, values: impl IntoIterator<Item = Value>) {
        match timeout(NOTE_PATIENCE, execute(self.db.write(), sql, values)).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => tracing::warn!(%error, "a session was not written to"),
            Err(_) => tracing::warn!("a session could not be written to in time"),
        }
    }
}

/// What a session begins with.
#[derive(Clone, Copy, Debug)]
pub struct LogIn<'a> {
    /// Whose it is.
    pub account: i64,
    /// What the password was compared with.
    pub password_hash: &'a str,
    /// What the browser shows that it was told to keep.
    pub remembered: &'a TrustCookie,
}

/// How a session began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entered {
    /// It did not.
    Refused,
    /// With a password.
    LoggedIn,
    /// With a password, in a browser that is remembered.
    Verified,
}

/// The session of the request that is being answered.
#[derive(Clone, Debug)]
pub struct CurrentSession {
    session: Session,
    form: Option<SentForm>,
}

impl CurrentSession {
    /// From the context of a server function.
    ///
    /// # Errors
    /// Outside a request.
    pub fn from_context() -> Result<Self, Refusal> {
        let session =
            use_context::<Parts>().and_then(|parts| parts.extensions.get::<Session>().cloned());
        let session = session.ok_or_else(Refusal::unavailable)?;
        Ok(Self {
            session,
            form: None,
        })
    }

    /// The same, while this form is answered: a step up by it has the same id each time.
    #[must_use]
    pub fn answering(self, form: SentForm) -> Self {
        Self {
            form: Some(form),
            ..self
        }
    }

    /// The form that is being answered, where it is one of a page.
    #[must_use]
    pub fn form(&self) -> Option<&SentForm> {
        self.form.as_ref()
    }

    /// Its id; none where the browser sent none.
    #[must_use]
    pub fn id(&self) -> Option<Id> {
        self.session.id()
    }

    fn next_id(&self) -> Id {
        self.form
            .as_ref()
            .map_or_else(Id::default, |form| form.session_id(self.id()))
    }

    /// The form of its id that the database holds, for what must be checked inside a transaction.
    #[must_use]
    pub fn key(&self) -> Option<Vec<u8>> {
        self.id().as_ref().map(hash)
    }

    /// Begins a new session for an account, in place of the one there was; a verified one where the account asked for its browser to
    /// be remembered. [`Entered::Refused`] when the password has been changed since its hash was read, or the account was suspended
    /// or deleted: a login in flight is not quicker than either.
    pub async fn log_in(
        &self,
        db: &Db,
        LogIn {
            account,
            password_hash,
            remembered,
        }: LogIn<'_>,
        visit: &ClientInfo,
        now: Seconds,
    ) -> Result<Entered, DbErr> {
        let (new, rounded) = (self.next_id(), now - now % SEEN_STEP);
        let transaction = db.begin().await?;
        take_turn_of(&transaction, account).await?;
        if let Some(old) = self.key() {
            execute(
                &transaction,
                "DELETE FROM session WHERE id = $1",
                [old.into()],
            )
            .await?;
        }
        let sql = "INSERT INTO session (id, account_id, data, created_at, seen_at, ip_prefix, browser, password_at)
                   SELECT $1, id, '{}', CAST($3 AS BIGINT), CAST($3 AS BIGINT), CAST($4 AS TEXT), CAST($5 AS TEXT), CAST($6 AS BIGINT) FROM account
                   WHERE id = $2 AND password_hash = $7 AND suspended_reason IS NULL";
        let values = [
            hash(&new).into(),
            account.into(),
            rounded.into(),
            visit.place.as_str().into(),
            visit.browser.as_str().into(),
            now.into(),
            password_hash.into(),
        ];
        if execute(&transaction, sql, values).await? == 0 {
            return Ok(Entered::Refused);
        }
        let known = remembered.number(&transaction, account, now).await?;
        if let Some(number_mac) = &known {
            let sql = "UPDATE session SET number_mac = $1 WHERE id = $2";
            execute(
                &transaction,
                sql,
                [number_mac.clone().into(), hash(&new).into()],
            )
            .await?;
        }
        self.note_taken(&transaction, &new).await?;
        transaction.commit().await?;
        self.move_to(&new).await?;
        Ok(if known.is_some() {
            Entered::Verified
        } else {
            Entered::LoggedIn
        })
    }

    /// Notes that the password was typed just now, within a transaction. `None` when the session has ended meanwhile. The new id is
    /// taken on by [`CurrentSession::move_to`], after the commit.
    pub async fn password_typed(
        &self,
        transaction: &Transaction,
        account: i64,
        now: Seconds,
    ) -> Result<Option<Id>, DbErr> {
        self.step_up(transaction, account, "password_at = $3", now.into())
            .await
    }

    /// Notes that a recovery code was used just now, as [`CurrentSession::password_typed`] does for the password. The session is not a
    /// verified one by that.
    pub async fn recover(
        &self,
        transaction: &Transaction,
        account: i64,
        now: Seconds,
    ) -> Result<Option<Id>, DbErr> {
        self.step_up(transaction, account, "recovered_at = $3", now.into())
            .await
    }

    /// Makes the session a verified one, within the transaction in which the number was proved. `None` when the session has ended
    /// meanwhile: whoever logged out stays so. The new id is taken on by [`CurrentSession::move_to`], after the commit.
    pub async fn verify(
        &self,
        transaction: &Transaction,
        account: i64,
        number_mac: &[u8],
    ) -> Result<Option<Id>, DbErr> {
        self.step_up(
            transaction,
            account,
            "number_mac = $3, recovered_at = 0",
            number_mac.to_vec().into(),
        )
        .await
    }

    /// Changes the session's row and gives it a new id. `None` when it has ended meanwhile.
    async fn step_up(
        &self,
        transaction: &Transaction,
        account: i64,
        change: &str,
        value: Value,
    ) -> Result<Option<Id>, DbErr> {
        let Some(old) = self.key() else {
            return Ok(None);
        };
        let new = self.next_id();
        let sql = format!(
            "UPDATE session SET id = $1, previous_id = $2, {change} WHERE id = $2 AND account_id = $4"
        );
        let changed = execute(
            transaction,
            &sql,
            [hash(&new).into(), old.into(), value, account.into()],
        )
        .await?;
        if changed == 0 {
            return Ok(None);
        }
        self.note_taken(transaction, &new).await?;
        Ok(Some(new))
    }

    async fn note_taken(&self, transaction: &Transaction, new: &Id) -> Result<(), DbErr> {
        match &self.form {
            Some(form) => form.taken(transaction, Some(&hash(new))).await,
            None => Ok(()),
        }
    }

    /// Ends the session, and the one it has just become, should a step up have been under way.
    pub async fn log_out(&self, db: &Db) -> Result<(), DbErr> {
        if let Some(id) = self.key() {
            execute(
                db.write(),
                "DELETE FROM session WHERE id = $1 OR previous_id = $1",
                [id.into()],
            )
            .await?;
        }
        self.session.flush().await.map_err(failed)
    }

    /// Goes on under the id that the session's row has been moved to.
    pub async fn move_to(&self, new: &Id) -> Result<(), DbErr> {
        self.session.clear().await;
        self.session
            .insert(MOVED_TO, new.to_string())
            .await
            .map_err(failed)?;
        self.session.cycle_id().await.map_err(failed)
    }

    /// Leaves a word for the next page.
    pub async fn say(&self, done: Flash) -> Result<(), DbErr> {
        self.session.insert(DONE, done).await.map_err(failed)?;
        // At once, for a browser that is gone already: a second press of the button finds it.
        self.session.save().await.map_err(failed)
    }
}

/// Ends every session of an account but the one under this id, within the transaction in which its password or number was changed.
/// Tells how many there were.
pub async fn end_others(
    db: &impl ConnectionTrait,
    account: i64,
    keep: Option<&Id>,
) -> Result<u64, DbErr> {
    active_sessions::end_all_but(db, account, keep.map(hash)).await
}

/// The form of the id of a request's session that the database holds.
#[must_use]
pub fn key_of(parts: &Parts) -> Option<Vec<u8>> {
    parts.extensions.get::<Session>()?.id().as_ref().map(hash)
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in map_err")]
fn failed(error: tower_sessions::session::Error) -> DbErr {
    DbErr::Custom(error.to_string())
}
