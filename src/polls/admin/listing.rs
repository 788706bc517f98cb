//! Lists and finds published polls, for admins and for the operator.

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Statement, Value};

use crate::accounts::names::confusables;
use crate::platform::clock::Seconds;
use crate::platform::db::statement;
use crate::polls::admin::commands::{PollModerator, plain};
use crate::polls::admin::error::ModerationError;
use crate::polls::admin::watched_poll::ModeratedPoll;
use crate::polls::model::poll::State;
use crate::polls::store::{polls, search};

/// Polls read at once.
const BATCH: usize = 500;

/// Which polls to list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PollFilter {
    /// All published ones.
    #[default]
    All,
    /// Those that take votes now.
    Open,
    /// Those that have closed.
    Closed,
    /// Those that were taken down.
    Hidden,
}

/// A list of published polls, newest first.
#[derive(Clone, Copy, Debug)]
pub struct Listing<'a> {
    /// Which polls.
    pub filter: PollFilter,
    /// Words of the question, the id, or the owner's name; may be empty.
    pub search: &'a str,
    /// Row numbers below this one; `None` from the newest on.
    pub before: Option<i64>,
    /// How many at most.
    pub limit: usize,
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
    /// Returns some published polls. Each comes with its row number, where the next page starts.
    pub async fn list(&self, wanted: Listing<'_>) -> Result<Vec<(i64, ModeratedPoll)>, DbErr> {
        let rows = Row::find_by_statement(listed(self.db.read(), wanted, self.now))
            .all(self.db.read())
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| (row.id, row.watched(self.now)))
            .collect())
    }

    /// Returns all published polls that match.
    pub async fn list_all(
        &self,
        filter: PollFilter,
        search: &str,
    ) -> Result<Vec<ModeratedPoll>, DbErr> {
        let (mut polls, mut before) = (Vec::new(), None);
        loop {
            let wanted = Listing {
                filter,
                search: search.trim(),
                before,
                limit: BATCH,
            };
            let found = self.list(wanted).await?;
            let Some((last, _)) = found.last() else {
                return Ok(polls);
            };
            before = Some(*last);
            polls.extend(found.into_iter().map(|(_, poll)| poll));
        }
    }

    /// Returns a poll with its choices and corrections.
    ///
    /// # Errors
    /// When there is no such poll, or it is a draft.
    pub async fn find(&self, id: &str) -> Result<ModeratedPoll, ModerationError> {
        let db = self.db.read();
        let sql = format!("{COLUMNS} WHERE poll.public_id = $1 AND NOT poll.draft");
        let row = Row::find_by_statement(statement(db, &sql, [plain(id)?.into()]))
            .one(db)
            .await?
            .ok_or_else(|| ModerationError::NotFound(id.to_owned()))?;
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
}

/// Query for a list of published polls.
pub(crate) fn listed(db: &impl ConnectionTrait, wanted: Listing<'_>, now: Seconds) -> Statement {
    let Listing {
        filter,
        search,
        before,
        limit,
    } = wanted;
    let mut values: Vec<Value> = vec![before.unwrap_or(i64::MAX).into()];
    let mut which = "NOT poll.draft AND poll.id < $1".to_owned();
    match filter {
        PollFilter::All => {}
        PollFilter::Hidden => which.push_str(" AND poll.hidden_reason IS NOT NULL"),
        PollFilter::Open => {
            values.push(now.into());
            which.push_str(
                " AND poll.opens_at <= $2 AND (poll.closes_at IS NULL OR poll.closes_at > $2)",
            );
        }
        PollFilter::Closed => {
            values.push(now.into());
            which.push_str(" AND poll.closes_at <= $2");
        }
    }
    if !search.is_empty() {
        let (id, name) = (values.len() + 1, values.len() + 2);
        values.extend([
            search.to_lowercase().into(),
            confusables::folded(search).into(),
        ]);
        let (words, held) = search::holding(search, values.len());
        values.extend(held);
        which = format!(
            "{which} AND poll.id IN (SELECT id FROM poll WHERE public_id = ${id}
                UNION SELECT poll.id FROM account JOIN poll ON poll.owner_id = account.id WHERE account.username_key = ${id}
                UNION SELECT poll.id FROM username_form JOIN poll ON poll.owner_id = username_form.account_id WHERE form = ${name} AND is_username
                UNION SELECT poll_id FROM poll_word WHERE {words})"
        );
    }
    statement(
        db,
        &format!("{COLUMNS} WHERE {which} ORDER BY poll.id DESC LIMIT {limit}"),
        values,
    )
}
