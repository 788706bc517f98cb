//! Database operations of admins on polls. Each is recorded in the audit log of the admin and of
//! the poll's owner.

use leptos::prelude::expect_context;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Statement, Value};

use crate::accounts::admin::suspend_commands::reason;
use crate::accounts::audit;
use crate::accounts::audit::{AuditEvent, AuditKind, ClientInfo};
use crate::accounts::names::confusables;
use crate::accounts::viewer::Person;
use crate::platform::clock::Seconds;
use crate::platform::db::{Db, Transaction, statement};
use crate::polls::admin::watched_poll::ModeratedPoll;
use crate::polls::manage::error::ManageError;
use crate::polls::model::poll::{State, path};
use crate::polls::model::poll_id::is_id;
use crate::polls::store::cache::PollCache;
use crate::polls::store::{polls, search};
use crate::web::context::Ctx;
use crate::web::hypermedia::outcome::Refusal;

/// The admin who sent this request, and what their commands need.
#[derive(Clone, Debug)]
pub struct PollModerator {
    person: i64,
    db: Db,
    now: Seconds,
    cache: PollCache,
    client_info: ClientInfo,
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    public_id: String,
    question: String,
    description: String,
    username: Option<String>,
    draft: bool,
    opens_at: Seconds,
    closes_at: Option<Seconds>,
    created_at: Seconds,
    hidden_reason: Option<String>,
}

impl Row {
    fn watched(self, now: Seconds) -> ModeratedPoll {
        ModeratedPoll {
            id: self.public_id,
            question: self.question,
            description: self.description,
            choices: Vec::new(),
            corrections: Vec::new(),
            owner: self.username,
            state: State::of(self.draft, self.opens_at, self.closes_at, now),
            opens_at: self.opens_at,
            closes_at: self.closes_at,
            created_at: self.created_at,
            hidden: self.hidden_reason,
        }
    }
}

const COLUMNS: &str = "SELECT poll.id, poll.public_id, poll.question, poll.description, account.username, poll.draft, poll.opens_at,
                              poll.closes_at, poll.created_at, poll.hidden_reason
                       FROM poll LEFT JOIN account ON account.id = poll.owner_id";

impl PollModerator {
    /// Creates the moderator from the current request.
    #[must_use]
    pub fn of(person: Person) -> Self {
        let ctx = Ctx::from_context();
        let now = ctx.now();
        Self {
            person: person.id,
            db: ctx.db,
            now,
            cache: expect_context(),
            client_info: ClientInfo::from_context(),
        }
    }

    /// Returns published polls, newest first, that match these words, this id or this owner's name.
    /// Each comes with its row number, where the next page starts.
    pub async fn list(
        &self,
        search: &str,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<(i64, ModeratedPoll)>, DbErr> {
        let rows = Row::find_by_statement(listed(self.db.read(), search, before, limit))
            .all(self.db.read())
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| (row.id, row.watched(self.now)))
            .collect())
    }

    /// Returns a poll with its choices and corrections.
    ///
    /// # Errors
    /// When there is no such poll, or it is a draft.
    pub async fn find(&self, id: &str) -> Result<ModeratedPoll, Refusal> {
        let db = self.db.read();
        let sql = format!("{COLUMNS} WHERE poll.public_id = $1 AND NOT poll.draft");
        let row = Row::find_by_statement(statement(db, &sql, [plain(id)?.into()]))
            .one(db)
            .await?
            .ok_or(Refusal::NotFound)?;
        let choices = statement(
            db,
            "SELECT text FROM choice WHERE poll_id = $1 ORDER BY position",
            [row.id.into()],
        );
        let choices = db
            .query_all_raw(choices)
            .await?
            .iter()
            .map(|row| row.try_get("", "text"))
            .collect::<Result<_, _>>()?;
        Ok(ModeratedPoll {
            choices,
            corrections: polls::corrections(db, row.id).await?,
            ..row.watched(self.now)
        })
    }

    /// Takes a poll down. Concurrent votes are either counted before it or refused.
    ///
    /// # Errors
    /// When the reason is empty, or there is no such poll.
    pub async fn take_down(&self, id: &str, typed: &str) -> Result<(), Refusal> {
        let reason = reason(typed)?;
        let sql = "UPDATE poll SET hidden_reason = $2 WHERE public_id = $1 AND NOT draft RETURNING owner_id";
        let detail = format!("{}: {reason}", path(id));
        self.change(
            id,
            sql,
            vec![reason.as_str().into()],
            [AuditKind::PollTakenDown, AuditKind::TookPollDown],
            &detail,
        )
        .await
    }

    /// Makes a poll visible again.
    ///
    /// # Errors
    /// When it wasn't taken down.
    pub async fn put_back(&self, id: &str) -> Result<(), Refusal> {
        let sql = "UPDATE poll SET hidden_reason = NULL WHERE public_id = $1 AND hidden_reason IS NOT NULL RETURNING owner_id";
        self.change(
            id,
            sql,
            Vec::new(),
            [AuditKind::PollPutBack, AuditKind::PutPollBack],
            &path(id),
        )
        .await
    }

    /// Closes an open poll. A poll whose owner's account is gone can only be closed by an admin,
    /// and isn't sealed before.
    ///
    /// # Errors
    /// When it isn't open, or there is no such poll.
    pub async fn close(&self, id: &str) -> Result<(), Refusal> {
        let sql =
            "UPDATE poll SET closes_at = $2 WHERE public_id = $1 AND NOT draft AND opens_at <= $2 AND (closes_at IS NULL OR closes_at > $2)
                   AND sealing_state = 'not_started' RETURNING owner_id";
        let closed = self
            .change(
                id,
                sql,
                vec![self.now.into()],
                [AuditKind::PollClosedByOthers, AuditKind::ClosedAPoll],
                &path(id),
            )
            .await;
        match closed {
            Err(Refusal::NotFound) if self.find(id).await.is_ok() => {
                Err(ManageError::NotOpen.into())
            }
            closed => closed,
        }
    }

    /// Runs a statement on one poll and records it for its owner and for the admin. The poll's id
    /// is the statement's first value.
    async fn change(
        &self,
        id: &str,
        sql: &str,
        values: Vec<Value>,
        [told, done]: [AuditKind; 2],
        detail: &str,
    ) -> Result<(), Refusal> {
        let transaction = self.db.begin().await?;
        let values = std::iter::once(plain(id)?.into()).chain(values);
        let row = transaction
            .query_one_raw(statement(&transaction, sql, values))
            .await?
            .ok_or(Refusal::NotFound)?;
        if let Some(owner) = row.try_get::<Option<i64>>("", "owner_id")? {
            self.note(&transaction, owner, told, detail).await?;
        }
        self.note(&transaction, self.person, done, detail).await?;
        transaction.commit().await?;
        self.cache.forget(id);
        Ok(())
    }

    async fn note(
        &self,
        transaction: &Transaction,
        account: i64,
        what: AuditKind,
        detail: &str,
    ) -> Result<(), DbErr> {
        // The owner's log doesn't reveal the admin's client.
        let client_info = if account == self.person {
            self.client_info.clone()
        } else {
            ClientInfo::default()
        };
        audit::record(
            transaction,
            AuditEvent {
                account: Some(account),
                what,
                detail,
            },
            &client_info,
            self.now,
        )
        .await
    }
}

/// Query for the published polls that match a search, newest first.
pub(crate) fn listed(
    db: &impl ConnectionTrait,
    search: &str,
    before: Option<i64>,
    limit: usize,
) -> Statement {
    let mut values: Vec<Value> = vec![before.unwrap_or(i64::MAX).into()];
    let mut which = "NOT poll.draft AND poll.id < $1".to_owned();
    if !search.is_empty() {
        values.extend([
            search.to_lowercase().into(),
            confusables::folded(search).into(),
        ]);
        let (words, held) = search::holding(search, values.len());
        values.extend(held);
        which = format!(
            "{which} AND poll.id IN (SELECT id FROM poll WHERE public_id = $2
                UNION SELECT poll.id FROM account JOIN poll ON poll.owner_id = account.id WHERE account.username_key = $2
                UNION SELECT poll.id FROM username_form JOIN poll ON poll.owner_id = username_form.account_id WHERE form = $3 AND is_username
                UNION SELECT poll_id FROM poll_word WHERE {words})"
        );
    }
    statement(
        db,
        &format!("{COLUMNS} WHERE {which} ORDER BY poll.id DESC LIMIT {limit}"),
        values,
    )
}

/// Validates an id from a URL or form, which can contain anything.
fn plain(id: &str) -> Result<&str, Refusal> {
    if is_id(id) {
        Ok(id)
    } else {
        Err(Refusal::NotFound)
    }
}
