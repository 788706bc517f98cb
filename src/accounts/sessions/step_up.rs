//! What follows when a second step was right: all of it in one transaction, or none.

use sea_orm::{DbErr, Value};

use crate::accounts::audit::{AuditEvent, AuditKind, ClientInfo};
use crate::accounts::sessions::current::{CurrentSession, end_others};
use crate::accounts::sessions::trusted_browsers;
use crate::accounts::sessions::trusted_browsers::TrustToken;
use crate::accounts::viewer::Person;
use crate::accounts::{audit, store};
use crate::platform::clock::Seconds;
use crate::platform::db::{Db, Transaction, execute};

/// A second step that was right.
#[derive(Debug)]
pub struct StepUp<'a> {
    /// Whose it is.
    pub person: &'a Person,
    /// In which session.
    pub session: &'a CurrentSession,
    /// What happened by it,
    pub what: AuditKind,
    /// with a few words more.
    pub detail: &'a str,
    /// Whether the browser is to be remembered.
    pub remember: bool,
    /// From where it came.
    pub visit: &'a ClientInfo,
    /// When.
    pub now: Seconds,
}

/// Why nothing followed.
#[derive(Debug)]
pub enum StepUpError {
    /// The statement that takes the step changed nothing: somebody was quicker, or it was taken before.
    Unchanged,
    /// The account has no number, which is what a second step stands in for.
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
    /// Takes the step by a statement that changes something once only, and makes the session a verified one, under a new id. Tells what
    /// the browser is to keep, if it should be remembered.
    ///
    /// # Errors
    /// Why nothing followed; then nothing is changed.
    pub async fn take(
        &self,
        db: &Db,
        change: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<Option<TrustToken>, StepUpError> {
        let account = self.person.id;
        let transaction = db.begin().await?;
        store::take_turn_of_numbers(&transaction).await?;
        store::take_turn_of(&transaction, account).await?;
        if execute(&transaction, change, values).await? == 0 {
            return Err(StepUpError::Unchanged);
        }
        let account = store::find_account(&transaction, account).await?;
        let Some(number_mac) = account.and_then(|account| account.number_mac) else {
            return Err(StepUpError::NoNumber);
        };
        // Whoever has lost the phone may have lost a browser with it.
        self.end(transaction, &number_mac, self.person.recovered)
            .await
    }

    /// Makes the session a verified one, of this number; alone, it is the only one that is left, and no browser is remembered from
    /// before. Tells what the browser is to keep, if it should be remembered.
    ///
    /// # Errors
    /// Why nothing followed; then nothing of the transaction is.
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
            visit,
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
            visit,
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
                    visit,
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
