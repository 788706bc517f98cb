//! Deletes polls, for the operator.

use crate::accounts::audit::AuditKind;
use crate::polls::admin::commands::PollModerator;
use crate::polls::admin::error::ModerationError;
use crate::polls::model::poll::{State, path};
use crate::polls::store::{polls, purge};

impl PollModerator {
    /// Deletes a published poll with all its votes, as its owner can.
    ///
    /// # Errors
    /// When there is no such poll, or it is a draft.
    pub async fn delete(&self, id: &str) -> Result<(), ModerationError> {
        let transaction = self.db.begin().await?;
        polls::lock(&transaction, id).await?;
        let stored = polls::find(&transaction, id, self.now)
            .await?
            .filter(|stored| stored.poll.state != State::Draft)
            .ok_or_else(|| ModerationError::NotFound(id.to_owned()))?;
        purge::orphan(&transaction, stored.row).await?;
        let what = AuditKind::PollDeletedByOthers;
        self.note(&transaction, stored.owner, what, &path(id))
            .await?;
        transaction.commit().await?;
        self.cache.forget(id);
        Ok(purge::forget_one(&self.db, stored.row).await?)
    }
}
