//! The session of the current request: login, step-up, logout and flash messages.

use axum::http::request::Parts;
use leptos::prelude::use_context;
use sea_orm::{ConnectionTrait, DbErr, Value};
use tower_sessions::Session;
use tower_sessions::session::Id;

use crate::accounts::audit::ClientInfo;
use crate::accounts::sessions::active_sessions;
use crate::accounts::sessions::flash::{DATA_KEY, Flash};
use crate::accounts::sessions::sent_form::FormSubmission;
use crate::accounts::sessions::session::failed;
use crate::accounts::sessions::store::{MOVED_TO, SEEN_PRECISION, hash};
use crate::accounts::sessions::trusted_browsers::TrustCookie;
use crate::platform::clock::Seconds;
use crate::platform::db::{Db, Lock, Transaction, execute};
use crate::web::http::visit;
use crate::web::hypermedia::outcome::Refusal;

/// What a new session is based on.
#[derive(Clone, Copy, Debug)]
pub struct LogIn<'a> {
    /// The account's ID.
    pub account: i64,
    /// The hash that the password was compared with.
    pub password_hash: &'a str,
    /// The browser's trust cookie.
    pub remembered: &'a TrustCookie,
}

/// Outcome of a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginOutcome {
    /// No session was started.
    Refused,
    /// Logged in with a password.
    LoggedIn,
    /// Logged in with a password in a trusted browser, so the session is verified.
    Verified,
}

/// The session of the current request.
#[derive(Clone, Debug)]
pub struct CurrentSession {
    session: Session,
    form: Option<FormSubmission>,
}

impl CurrentSession {
    /// Returns the session from a server function's context.
    ///
    /// # Errors
    /// [`Refusal::unavailable`] outside a request.
    pub fn from_context() -> Result<Self, Refusal> {
        let session =
            use_context::<Parts>().and_then(|parts| parts.extensions.get::<Session>().cloned());
        let session = session.ok_or_else(Refusal::unavailable)?;
        Ok(Self {
            session,
            form: None,
        })
    }

    /// Ties the session to the form being answered: a step-up for the same form always gets the
    /// same ID.
    #[must_use]
    pub fn answering(self, form: FormSubmission) -> Self {
        Self {
            form: Some(form),
            ..self
        }
    }

    /// Returns the form being answered, if the request came from a page's form.
    #[must_use]
    pub fn form(&self) -> Option<&FormSubmission> {
        self.form.as_ref()
    }

    /// Returns the session ID; `None` if the browser sent none.
    #[must_use]
    pub fn id(&self) -> Option<Id> {
        self.session.id()
    }

    fn next_id(&self) -> Id {
        self.form
            .as_ref()
            .map_or_else(Id::default, |form| form.session_id(self.id()))
    }

    /// Returns the session's database key, for checks within a transaction.
    #[must_use]
    pub fn key(&self) -> Option<Vec<u8>> {
        self.id().as_ref().map(hash)
    }

    /// Starts a new session for an account, replacing the current one. It is verified if the
    /// account trusts this browser. Returns [`LoginOutcome::Refused`] if the password was changed after
    /// its hash was read, or the account was suspended or deleted, so that a login in flight can't
    /// outrun either.
    pub async fn log_in(
        &self,
        db: &Db,
        LogIn {
            account,
            password_hash,
            remembered,
        }: LogIn<'_>,
        client_info: &ClientInfo,
        now: Seconds,
    ) -> Result<LoginOutcome, DbErr> {
        let (new, rounded) = (self.next_id(), now - now % SEEN_PRECISION);
        let transaction = db.begin().await?;
        Lock::Account(account).wait(&transaction).await?;
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
            client_info.ip_prefix.as_str().into(),
            client_info.browser.as_str().into(),
            now.into(),
            password_hash.into(),
        ];
        if execute(&transaction, sql, values).await? == 0 {
            return Ok(LoginOutcome::Refused);
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
        self.record_form(&transaction, &new).await?;
        transaction.commit().await?;
        visit::log_in(account);
        self.move_to(&new).await?;
        Ok(if known.is_some() {
            LoginOutcome::Verified
        } else {
            LoginOutcome::LoggedIn
        })
    }

    /// Records, within a transaction, that the password was typed just now. `None` if the session
    /// has ended meanwhile. Switch to the new ID with [`CurrentSession::move_to`] after the commit.
    pub async fn record_password(
        &self,
        transaction: &Transaction,
        account: i64,
        now: Seconds,
    ) -> Result<Option<Id>, DbErr> {
        self.step_up(transaction, account, "password_at = $3", now.into())
            .await
    }

    /// Records that a recovery code was used just now, as [`CurrentSession::record_password`] does
    /// for the password. This doesn't make the session verified.
    pub async fn recover(
        &self,
        transaction: &Transaction,
        account: i64,
        now: Seconds,
    ) -> Result<Option<Id>, DbErr> {
        self.step_up(transaction, account, "recovered_at = $3", now.into())
            .await
    }

    /// Makes the session verified, within the transaction that verified the number. `None` if the
    /// session has ended meanwhile: a logout is final. Switch to the new ID with
    /// [`CurrentSession::move_to`] after the commit.
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

    /// Changes the session's row and gives it a new ID. `None` if it has ended meanwhile.
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
        self.record_form(transaction, &new).await?;
        Ok(Some(new))
    }

    async fn record_form(&self, transaction: &Transaction, new: &Id) -> Result<(), DbErr> {
        match &self.form {
            Some(form) => form.taken(transaction, Some(&hash(new))).await,
            None => Ok(()),
        }
    }

    /// Ends the session, including the one that a concurrent step-up has turned it into.
    pub async fn log_out(&self, db: &Db) -> Result<(), DbErr> {
        if let Some(id) = self.key() {
            execute(
                db.write(),
                "DELETE FROM session WHERE id = $1 OR previous_id = $1",
                [id.into()],
            )
            .await?;
        }
        visit::log_out();
        self.session.flush().await.map_err(failed)
    }

    /// Switches to the ID that the session's row has been moved to.
    pub async fn move_to(&self, new: &Id) -> Result<(), DbErr> {
        self.session.clear().await;
        self.session
            .insert(MOVED_TO, new.to_string())
            .await
            .map_err(failed)?;
        self.session.cycle_id().await.map_err(failed)
    }

    /// Sets the flash message for the next page.
    pub async fn say(&self, done: Flash) -> Result<(), DbErr> {
        self.session.insert(DATA_KEY, done).await.map_err(failed)?;
        // Save immediately: if the browser has already dropped this request, a second submission
        // finds the message.
        self.session.save().await.map_err(failed)
    }
}

/// Ends every session of an account except the one with this ID, within the transaction that
/// changes its password or number. Returns how many ended.
pub async fn end_others(
    db: &impl ConnectionTrait,
    account: i64,
    keep: Option<&Id>,
) -> Result<u64, DbErr> {
    active_sessions::end_all_except(db, account, keep.map(hash)).await
}
