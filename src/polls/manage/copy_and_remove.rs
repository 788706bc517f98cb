//! Copying and deleting polls.

use crate::accounts::audit::AuditKind;
use crate::platform::db::execute;
use crate::polls::manage::commands::{Held, Organiser};
use crate::polls::manage::poll_form::times::AT_ONCE;
use crate::polls::store::drafts::Draft;
use crate::polls::store::purge;
use crate::web::hypermedia::outcome::Refusal;

impl Organiser {
    /// Copies a poll into a new draft with the id `copy`, without times, and returns the id.
    ///
    /// # Errors
    /// When there is no such poll, or the account has created too many polls today.
    pub async fn copy(&self, id: &str, copy: String) -> Result<String, Refusal> {
        let poll = self.own(id).await?.poll;
        let draft = Draft {
            owner: Some(self.person),
            question: poll.question,
            description: poll.description,
            choices: poll.choices.into_iter().map(|choice| choice.text).collect(),
            kind: poll.kind,
            results: poll.results,
            opens_at: AT_ONCE,
            closes_at: None,
            zone: poll.zone,
            listed: poll.listed,
            changeable: poll.changeable,
            shuffled: poll.shuffled,
            rankings: poll.rankings,
            countries: poll.countries,
            mobile_only: poll.mobile_only,
            per_account: poll.per_account,
            draft: true,
        };
        self.make(copy, || Ok(draft)).await
    }

    /// Deletes a poll with all its votes. It immediately becomes a draft without an owner, which is
    /// invisible and can't be voted in. A background task then purges its rows, which may take
    /// longer than a request should.
    ///
    /// # Errors
    /// When there is no such poll.
    pub async fn remove(&self, id: &str) -> Result<(), Refusal> {
        let Held {
            transaction,
            stored,
            now,
        } = self.hold(id).await?;
        execute(
            &transaction,
            "UPDATE poll SET draft = TRUE, owner_id = NULL WHERE id = $1",
            [stored.row.into()],
        )
        .await?;
        self.note(&transaction, AuditKind::PollDeleted, id, now)
            .await?;
        self.done(transaction, id).await?;
        let db = self.db.clone();
        tokio::spawn(async move {
            if let Err(error) = purge::forget_one(&db, stored.row).await {
                tracing::warn!(%error, "a poll was deleted by halves; the rest of it goes within the hour");
            }
        });
        Ok(())
    }
}
