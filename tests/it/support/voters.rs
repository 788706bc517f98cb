//! Many voters inserted directly: signing up a thousand would take too long.

use futures::future::join_all;
use pollstr::platform::crypto::{Keys, random};
use pollstr::platform::db::Transaction;
use pollstr::polls::model::nonce::Nonce;
use pollstr::polls::model::receipt::Receipt;
use pollstr::polls::model::selection::FilledIn;
use pollstr::polls::store::drafts;
use pollstr::polls::store::drafts::Draft;
use pollstr::polls::voting::vote::{Outcome, Vote};
use pollstr::polls::voting::writer::VoteWriter;
use pollstr::server::state::AppState;
use sea_orm::{ConnectionTrait, Statement, Value};

/// A voter with a verified session.
#[derive(Clone)]
pub(crate) struct Voter {
    pub(crate) account: i64,
    pub(crate) number: String,
    pub(crate) session: Vec<u8>,
}

impl Voter {
    /// Returns their vote without a page's nonce.
    pub(crate) fn vote(&self, poll: &str, chosen: &[i64]) -> Vote {
        Vote {
            session: self.session.clone(),
            poll: poll.to_owned(),
            chosen: Ok(chosen.to_vec().into()),
            nonce: String::new(),
            replaces: None,
        }
    }

    /// Returns their rating without a page's nonce: points of the choices 1, 2 and so on.
    pub(crate) fn rating(&self, poll: &str, points: &[i64]) -> Vote {
        Vote {
            chosen: Ok(FilledIn::Rated((1..).zip(points.iter().copied()).collect())),
            ..self.vote(poll, &[])
        }
    }

    /// Returns their vote on a page with this nonce, and its receipt.
    pub(crate) fn on_a_page(&self, keys: &Keys, nonce: &Nonce, vote: Vote) -> (Vote, Receipt) {
        let receipt = nonce.receipt(keys, &vote.poll, &keys.voter(&vote.poll, &self.number));
        (
            Vote {
                nonce: nonce.seal(keys, &vote.poll, &self.session),
                ..vote
            },
            receipt,
        )
    }
}

async fn run(transaction: &Transaction, sql: &str, values: Vec<Value>) {
    transaction
        .execute_raw(Statement::from_sql_and_values(
            transaction.get_database_backend(),
            sql,
            values,
        ))
        .await
        .unwrap();
}

/// Inserts this many voters with numbers from `first` on.
pub(crate) async fn electorate(state: &AppState, first: usize, count: usize) -> Vec<Voter> {
    let transaction = state.db.begin().await.unwrap();
    let mut voters = Vec::with_capacity(count);
    for n in first..first + count {
        let number = format!("+4477{n:08}");
        let (session, mac) = (random::<32>().to_vec(), state.keys.number(&number).to_vec());
        let (name, now) = (format!("voter{n}"), state.clock.now());
        let sql = "INSERT INTO account (username, username_key, password_hash, number_mac, demo, created_at) VALUES ($1, $1, '', $2, FALSE, $3) RETURNING id";
        let values: Vec<Value> = vec![name.into(), mac.clone().into(), now.into()];
        let made = Statement::from_sql_and_values(transaction.get_database_backend(), sql, values);
        let account: i64 = transaction
            .query_one_raw(made)
            .await
            .unwrap()
            .unwrap()
            .try_get("", "id")
            .unwrap();
        let sealed = state.keys.seal(account, &number);
        run(
            &transaction,
            "UPDATE account SET number = $1 WHERE id = $2",
            vec![sealed.into(), account.into()],
        )
        .await;
        let sql = "INSERT INTO session (id, account_id, number_mac, data, created_at, seen_at) VALUES ($1, $2, $3, '', $4, $4)";
        run(
            &transaction,
            sql,
            vec![
                session.clone().into(),
                account.into(),
                mac.into(),
                now.into(),
            ],
        )
        .await;
        voters.push(Voter {
            account,
            number,
            session,
        });
    }
    transaction.commit().await.unwrap();
    voters
}

/// Creates a poll with four choices and returns its id.
pub(crate) async fn asked(state: &AppState, change: impl FnOnce(&mut Draft)) -> String {
    let now = state.clock.now();
    let mut draft = Draft::asking(
        "Which dog?",
        &["Beagle", "Collie", "Dachshund", "Poodle"],
        now,
    );
    change(&mut draft);
    let transaction = state.db.begin().await.unwrap();
    let id = drafts::insert(&transaction, &draft, now).await.unwrap();
    transaction.commit().await.unwrap();
    id
}

/// Casts all of these votes concurrently.
pub(crate) async fn cast_all(
    ballots: &VoteWriter,
    votes: impl IntoIterator<Item = Vote>,
) -> Vec<Outcome> {
    join_all(votes.into_iter().map(|vote| ballots.cast(vote))).await
}
