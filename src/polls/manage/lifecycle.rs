//! Opening, closing, extending and listing polls.

use crate::accounts::audit::AuditKind;
use crate::platform::db::execute;
use crate::polls::manage::commands::{LockedRow, Organiser};
use crate::polls::manage::error::ManageError;
use crate::polls::manage::poll_form::error::DraftError;
use crate::polls::manage::poll_form::options::MIN_CHOICES;
use crate::polls::manage::poll_form::times::later_close;
use crate::polls::model::poll::State;
use crate::polls::model::time_zone::PollTimeZone;
use crate::web::hypermedia::outcome::Refusal;

impl Organiser {
    /// Opens a draft or a scheduled poll now.
    ///
    /// # Errors
    /// When it has been opened already, or can't be opened yet.
    pub async fn open(&self, id: &str) -> Result<(), Refusal> {
        let LockedRow {
            transaction,
            stored,
            now,
        } = self.lock(id).await?;
        let needed = usize::try_from(stored.poll.kind.fewest_choices()).unwrap_or(MIN_CHOICES);
        let error = match stored.poll.state {
            State::Open | State::Closed => Some(ManageError::OpenedAlready),
            _ if stored.hidden_reason.is_some() => Some(ManageError::TakenDown),
            _ if stored.poll.choices.len() < needed => Some(ManageError::TooFewChoices),
            _ if stored
                .poll
                .closes_at
                .is_some_and(|closes_at| closes_at <= now) =>
            {
                Some(ManageError::ClosesInThePast)
            }
            State::Draft | State::NotOpenYet => None,
        };
        if let Some(error) = error {
            return Err(error.into());
        }
        execute(
            &transaction,
            "UPDATE poll SET draft = FALSE, opens_at = $1 WHERE id = $2",
            [now.into(), stored.row.into()],
        )
        .await?;
        self.commit(transaction, id).await
    }

    /// Closes an open poll.
    ///
    /// # Errors
    /// When it isn't open.
    pub async fn close(&self, id: &str) -> Result<(), Refusal> {
        let LockedRow {
            transaction,
            stored,
            now,
        } = self.lock(id).await?;
        if stored.poll.state != State::Open {
            return Err(ManageError::NotOpen.into());
        }
        execute(
            &transaction,
            "UPDATE poll SET closes_at = $1 WHERE id = $2",
            [now.into(), stored.row.into()],
        )
        .await?;
        self.note(&transaction, AuditKind::PollClosed, id, now)
            .await?;
        self.commit(transaction, id).await
    }

    /// Gives an open poll a later closing time.
    ///
    /// # Errors
    /// When it isn't open, or the time is invalid.
    pub async fn extend(&self, id: &str, typed: &str) -> Result<(), Refusal> {
        let LockedRow {
            transaction,
            stored,
            now,
        } = self.lock(id).await?;
        match stored.poll.state {
            State::Closed => return Err(ManageError::Closed.into()),
            State::Draft | State::NotOpenYet => return Err(ManageError::NotOpenYet.into()),
            State::Open => {}
        }
        let zone = PollTimeZone::parse(&stored.poll.zone)
            .map_err(|error| Refusal::form(DraftError::from(error)))?;
        let closes = later_close(typed, &zone, stored.poll.closes_at, now)
            .map_err(|fault| Refusal::field("closes", fault))?;
        // Another instance, whose clock is ahead, may have closed the ballot box already; that is
        // final.
        let sql = "UPDATE poll SET closes_at = $1 WHERE id = $2 AND sealing_state = 'not_started'";
        if execute(&transaction, sql, [closes.into(), stored.row.into()]).await? == 0 {
            return Err(ManageError::Closed.into());
        }
        self.commit(transaction, id).await
    }

    /// Lists or unlists a poll.
    pub async fn list(&self, id: &str, listed: bool) -> Result<(), Refusal> {
        let sql = "UPDATE poll SET listed = $1 WHERE public_id = $2 AND owner_id = $3";
        let changed = execute(
            self.db.write(),
            sql,
            [listed.into(), id.into(), self.person.into()],
        )
        .await?;
        self.cache.forget(id);
        if changed == 0 {
            Err(Refusal::NotFound)
        } else {
            Ok(())
        }
    }
}
