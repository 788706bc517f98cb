//! Deleting a poll.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;

use crate::polls::manage::poll_ref::PollRef;
use crate::web::hypermedia::outcome::{Next, Refusal};

#[cfg(feature = "ssr")]
use {
    crate::accounts::audit::AuditKind,
    crate::accounts::guard::require,
    crate::accounts::viewer::Level,
    crate::polls::manage::commands::{LockedRow, Organiser},
    crate::polls::store::purge,
};

/// Deletes a poll with all its votes.
///
/// # Errors
/// When the caller isn't the poll's owner.
#[server(endpoint = "delete_poll", input = Json, output = Json)]
pub async fn delete_poll(form: PollRef) -> Result<Next, Refusal> {
    Organiser::of(require(Level::Verified)?.id)
        .delete(&form.poll)
        .await?;
    Ok(Next::to("/account/polls"))
}

#[cfg(feature = "ssr")]
impl Organiser {
    /// Deletes a poll with all its votes. It immediately becomes a draft without an owner, which is
    /// invisible and can't be voted in. A background task then purges its rows, which may take
    /// longer than a request should.
    ///
    /// # Errors
    /// When there is no such poll.
    pub async fn delete(&self, id: &str) -> Result<(), Refusal> {
        let LockedRow {
            transaction,
            stored,
            now,
        } = self.lock(id).await?;
        purge::orphan(&transaction, stored.row).await?;
        self.note(&transaction, AuditKind::PollDeleted, id, now)
            .await?;
        self.commit(transaction, id).await?;
        let db = self.db.clone();
        tokio::spawn(async move {
            if let Err(error) = purge::forget_one(&db, stored.row).await {
                tracing::warn!(%error, "a poll was only partly deleted; the rest is purged within the hour");
            }
        });
        Ok(())
    }
}
