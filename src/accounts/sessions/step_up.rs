//! Applies a successful second factor: everything in one transaction.

use sea_orm::{DbErr, Value};

use crate::accounts::audit::{AuditEvent, AuditKind, ClientInfo};
use crate::accounts::sessions::current::{CurrentSession, end_others};
use crate::accounts::sessions::trusted_browsers;
use crate::accounts::sessions::trusted_browsers::TrustToken;
use crate::accounts::viewer::Person;
use crate::accounts::{audit, store};
use crate::platform::clock::Seconds;
use crate::platform::db::{Db, Lock, Transaction, execute};

/// A second factor that was accepted.
#[derive(Debug)]
pub struct StepUp<'a> {
    /// The account.
    pub person: &'a Person,
    /// The session.
    pub session: &'a CurrentSession,
    /// The audit event to record.
    pub what: AuditKind,
    /// Details for the audit event.
    pub detail: &'a str,
    /// Whether to trust the browser from now on.
    pub remember: bool,
    /// The client.
    pub client_info: &'a ClientInfo,
    /// The current time.
    pub now: Seconds,
}

/// Why the step-up failed.
#[derive(Debug)]
pub enum StepUpError {
    /// The statement changed no row: another request was faster, or the factor was already used.
    Unchanged,
    /// The account has no number, so there is nothing that a second factor could replace.
    NoNumber,
    /// The session has ended meanwhile.
    LoggedOut,
    /// The database failed.
    Database(DbErr),
}

impl From<DbErr> for StepUpError {
    fn from(error: DbErr) -> Self {
        Self::Database(error)
    }
}

impl StepUp<'_> {
    /// Uses up the factor with a statement that can change something only once, and makes the
    /// session verified under a new ID. Returns the browser's token if it is to be trusted.
    ///
    /// # Errors
    /// Why it failed; nothing is changed then.
    pub async fn take(
        &self,
        db: &Db,
        change: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<Option<TrustToken>, StepUpError> {
        let account = self.person.id;
        let transaction = db.begin().await?;
        Lock::Numbers.wait(&transaction).await?;
        Lock::Account(account).wait(&transaction).await?;
        if execute(&transaction, change, values).await? == 0 {
            return Err(StepUpError::Unchanged);
        }
        let account = store::find_account(&transaction, account).await?;
        let Some(number_mac) = account.and_then(|account| account.number_mac) else {
            return Err(StepUpError::NoNumber);
        };
        // A lost phone may have had a logged-in or trusted browser.
        self.end(transaction, &number_mac, self.person.recovered)
            .await
    }

    /// Makes the session verified for this number. With `alone`, ends all other sessions and
    /// forgets all trusted browsers. Returns the browser's token if it is to be trusted.
    ///
    /// # Errors
    /// Why it failed; the transaction is not committed then.
    pub async fn end(
        &self,
        transaction: Transaction,
        number_mac: &[u8],
        alone: bool,
    ) -> Result<Option<TrustToken>, StepUpError> {
        let Self {
            person,
            session,
            what,
            detail,
            remember,
            client_info,
            now,
        } = *self;
        let Some(new) = session.verify(&transaction, person.id, number_mac).await? else {
            return Err(StepUpError::LoggedOut);
        };
        if alone {
            end_others(&transaction, person.id, Some(&new)).await?;
            trusted_browsers::forget_all(&transaction, person.id).await?;
        }
        audit::record(
            &transaction,
            AuditEvent {
                detail,
                ..AuditEvent::of(person.id, what)
            },
            client_info,
            now,
        )
        .await?;
        let mut token = None;
        if remember {
            token = Some(
                trusted_browsers::insert(
                    &transaction,
                    TrustToken::new(session.form()),
                    person.id,
                    number_mac,
                    client_info,
                    now,
                )
                .await?,
            );
        }
        transaction.commit().await?;
        session.move_to(&new).await?;
        Ok(token)
    }
}
