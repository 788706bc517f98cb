//! The session of the current request, and what it may become.

use axum::http::request::Parts;
use leptos::prelude::use_context;
use sea_orm::{ConnectionTrait, DbErr, Value};
use tower_sessions::Session;
use tower_sessions::session::Id;

use crate::accounts::audit::ClientInfo;
use crate::accounts::sessions::active_sessions;
use crate::accounts::sessions::flash::{DONE, Flash};
use crate::accounts::sessions::sent_form::SentForm;
use crate::accounts::sessions::session::failed;
use crate::accounts::sessions::store::{MOVED_TO, SEEN_STEP, hash};
use crate::accounts::sessions::trusted_browsers::TrustCookie;
use crate::accounts::store::take_turn_of;
use crate::platform::clock::Seconds;
use crate::platform::db::{Db, Transaction, execute};
use crate::web::hypermedia::outcome::Refusal;

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
