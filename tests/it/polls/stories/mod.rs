//! Thousands of short random histories of polls, compared with a model: after any sequence of
//! opening, voting, changing, closing, deleting, crashes, and failing statements or commits, the
//! ballots match the model.

mod dice;
mod fault;
mod model;
mod process;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::future::join_all;
use pollstr::platform::crypto::Keys;
use pollstr::platform::db::{Db, execute};
use pollstr::polls::model::nonce::Nonce;
use pollstr::polls::model::poll::Kind;
use pollstr::polls::store::drafts;
use pollstr::polls::store::drafts::Draft;
use pollstr::polls::store::polls;
use pollstr::polls::voting::vote::{AcceptedVote, Outcome, VoteError};
use proptest::prelude::{Just, Strategy, any};
use proptest::prop_oneof;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use sea_orm::{FromQueryResult, Statement};
use tokio::runtime::Handle;
use tokio::sync::Mutex;

use crate::polls::stories::dice::Dice;
use crate::polls::stories::fault::Fault;
use crate::polls::stories::model::{Cast, Model};
use crate::polls::stories::process::Process;
use crate::support::app::{START_TIME, Site, is_long_run};
use crate::support::voters::{Voter, electorate};

const AT_ONCE: usize = 500;
const STEPS: usize = 5;
const PEOPLE: usize = 5;

#[derive(FromQueryResult)]
struct BallotRow {
    poll: String,
    choices: String,
    receipt: Vec<u8>,
}

#[derive(FromQueryResult)]
struct TallyRow {
    poll: String,
    key: String,
    votes: i64,
}

#[derive(FromQueryResult)]
struct MarkRow {
    poll: String,
    voter: Vec<u8>,
}

/// Reads rows of polls from a row number on.
async fn rows<T: FromQueryResult>(db: &Db, columns: &str, table: &str, first: i64) -> Vec<T> {
    let sql = format!(
        "SELECT poll.public_id AS poll, {columns} FROM {table} AS t JOIN poll ON poll.id = t.poll_id WHERE t.poll_id >= {first}"
    );
    T::find_by_statement(Statement::from_string(db.backend(), sql))
        .all(db.read())
        .await
        .unwrap()
}

/// Asserts that the database holds exactly what the models expect.
async fn matches_models(db: &Db, models: &[Model], first: i64) {
    let mut ballots = BTreeMap::<String, BTreeMap<Vec<u8>, String>>::new();
    for row in rows::<BallotRow>(db, "choices, receipt", "ballot", first).await {
        ballots
            .entry(row.poll)
            .or_default()
            .insert(row.receipt, row.choices);
    }
    let mut marks = BTreeMap::<String, BTreeSet<Vec<u8>>>::new();
    for row in rows::<MarkRow>(db, "voter", "participation", first).await {
        marks.entry(row.poll).or_default().insert(row.voter);
    }
    let mut tallies = BTreeMap::<String, BTreeMap<String, i64>>::new();
    for row in rows::<TallyRow>(db, "key, votes", "tally", first).await {
        if row.key != "changes" && row.votes != 0 {
            tallies
                .entry(row.poll)
                .or_default()
                .insert(row.key, row.votes);
        }
    }
    for model in models {
        let expected: BTreeMap<Vec<u8>, String> = model
            .ballots
            .iter()
            .map(|(receipt, says)| (receipt.clone(), model.text(says)))
            .collect();
        assert_eq!(ballots.remove(&model.id).unwrap_or_default(), expected);
        assert_eq!(marks.remove(&model.id).unwrap_or_default(), model.marks);
        assert_eq!(tallies.remove(&model.id).unwrap_or_default(), model.tally());
    }
    assert!(ballots.is_empty() && marks.is_empty() && tallies.is_empty());
}

/// Creates polls of every kind, some not yet open.
async fn new_polls(db: &Db, dice: &mut Dice, polls: usize, now: i64) -> (Vec<Model>, i64) {
    let transaction = db.begin().await.unwrap();
    let mut models = Vec::new();
    for _ in 0..polls {
        let kind = [Kind::Single, Kind::Multiple { most: 2 }, Kind::Ranked][dice.below(3)];
        let (changeable, opens_at) = (
            dice.one_in(2),
            if dice.one_in(4) { now + 1_000_000 } else { now },
        );
        let draft = Draft {
            kind,
            changeable,
            opens_at,
            ..Draft::asking("?", &["1", "2", "3", "4"], now)
        };
        let id = drafts::insert(&transaction, &draft, now).await.unwrap();
        let (marks, ballots, pages) = (BTreeSet::new(), BTreeMap::new(), BTreeMap::new());
        models.push(Model {
            id,
            kind,
            changeable,
            opens_at,
            closes_at: None,
            marks,
            ballots,
            pages,
        });
    }
    transaction.commit().await.unwrap();
    let first = polls::find(db.read(), &models[0].id, now)
        .await
        .unwrap()
        .unwrap()
        .row;
    (models, first)
}

/// Returns a random vote, valid or not, on a new or an already posted page.
fn some_vote(dice: &mut Dice, keys: &Keys, model: &mut Model, voter: &Voter) -> Cast {
    let mut chosen: Vec<i64> = (0..=dice.below(3))
        .map(|_| i64::try_from(1 + dice.below(4)).unwrap())
        .collect();
    if dice.one_in(20) {
        chosen.push(5);
    }
    let mut vote = voter.vote(&model.id, &chosen);
    if dice.one_in(3) {
        let known = model
            .ballots
            .keys()
            .nth(dice.below(model.ballots.len().max(1)))
            .cloned();
        vote.replaces = Some(Ok(known
            .filter(|_| !dice.one_in(4))
            .and_then(|known| known.try_into().ok())
            .unwrap_or([7; 32])));
    }
    let pages = model.pages.entry(voter.number.clone()).or_default();
    if pages.is_empty() || !dice.one_in(4) {
        pages.push(Nonce::fresh());
    }
    let (vote, receipt) = voter.on_a_page(
        keys,
        &pages[pages.len() - 1 - dice.below(pages.len().min(2))],
        vote,
    );
    Cast {
        mark: keys.voter(&model.id, &voter.number).to_vec(),
        vote,
        receipt,
        double: dice.one_in(10),
    }
}

/// Polls that are open at the same time, and how many votes each gets.
#[derive(Clone, Copy, Debug)]
struct Batch {
    seed: u64,
    polls: usize,
    steps: usize,
}

/// Nearly always the largest batch; a failing one is shrunk.
fn batches() -> impl Strategy<Value = Batch> {
    let polls = prop_oneof![1 => 1..=AT_ONCE, 99 => Just(AT_ONCE)];
    let steps = prop_oneof![1 => 1..=STEPS, 99 => Just(STEPS)];
    let parts = (any::<u64>(), polls, steps);
    parts.prop_map(|(seed, polls, steps)| Batch { seed, polls, steps })
}

/// How many votes ended how.
#[derive(Debug, Default)]
struct Totals {
    accepted: usize,
    /// Sent again and answered like the first time.
    repeated: usize,
    refused: usize,
    /// Unanswered and not stored.
    lost: usize,
    /// Unanswered and stored.
    kept: usize,
    /// Unanswered during a fault.
    failed: usize,
}

/// The site and its voters, who live through all batches.
struct World {
    site: Site,
    people: Vec<Voter>,
    totals: Totals,
}

impl World {
    async fn new() -> Self {
        let site = Site::new().await;
        let url = &site.state.config.database_url;
        assert!(Path::new(url.trim_start_matches("sqlite://")).is_file());
        let people = electorate(&site.state, 0, PEOPLE).await;
        site.execute(
            "CREATE TABLE orphan (parent INTEGER REFERENCES account (id) DEFERRABLE INITIALLY DEFERRED)",
        )
        .await;
        Self {
            site,
            people,
            totals: Totals::default(),
        }
    }

    async fn play(&mut self, batch: Batch) {
        // A batch that failed may have left its fault.
        self.site.execute("DROP TRIGGER IF EXISTS fault").await;
        let (url, keys, clock) = (
            self.site.state.config.database_url.clone(),
            self.site.state.keys.clone(),
            self.site.clock.clone(),
        );
        let (url, keys, clock) = (&*url, &keys, &clock);
        let mut dice = Dice(batch.seed);
        let mut process = Process::start(url, keys, clock).await;
        let totals = &mut self.totals;

        let now = clock.now();
        let (mut models, first) = new_polls(&process.db, &mut dice, batch.polls, now).await;
        for _ in 0..batch.steps {
            if dice.one_in(6) {
                // Someone deletes their account and returns with the same number.
                let gone = dice.below(PEOPLE);
                let account = self.people[gone].account;
                execute(
                    process.db.write(),
                    "DELETE FROM account WHERE id = $1",
                    [account.into()],
                )
                .await
                .unwrap();
                assert_eq!(
                    process
                        .ballots
                        .cast(self.people[gone].vote(&models[0].id, &[1]))
                        .await,
                    Err(VoteError::NotVerified)
                );
                self.people[gone] = electorate(&self.site.state, gone, 1).await.remove(0);
            }
            let mut votes = Vec::new();
            let transaction = process.db.begin().await.unwrap();
            for model in &mut models {
                let change = match dice.below(10) {
                    0 if model.opens_at > now => Some(("opens_at", &mut model.opens_at)),
                    1 if model.closes_at.is_none() => {
                        Some(("closes_at", model.closes_at.insert(now)))
                    }
                    _ => None,
                };
                if let Some((column, value)) = change {
                    *value = now;
                    let sql = format!("UPDATE poll SET {column} = $1 WHERE public_id = $2");
                    execute(&transaction, &sql, [now.into(), model.id.as_str().into()])
                        .await
                        .unwrap();
                    continue;
                }
                let person = &self.people[dice.below(PEOPLE)];
                let cast = some_vote(&mut dice, keys, model, person);
                if cast.double {
                    votes.push(cast.clone());
                }
                votes.push(cast);
            }
            transaction.commit().await.unwrap();
            let fault = dice.one_in(4).then(|| Fault::ALL[dice.below(4)]);
            if let Some(fault) = fault {
                fault.begin(&process.db, &mut dice).await;
            }
            let ballots = process.ballots.clone();
            let answered = Arc::new(AtomicUsize::new(0));
            let casts = tokio::spawn(join_all(votes.iter().map(|Cast { vote, .. }| {
                let (ballots, vote, answered) =
                    (ballots.clone(), vote.clone(), Arc::clone(&answered));
                async move {
                    let answer = ballots.cast(vote).await;
                    answered.fetch_add(1, Ordering::SeqCst);
                    answer
                }
            })));
            let crash = fault.is_none() && dice.one_in(5);
            if crash {
                // Somewhere in the middle.
                let after = dice.below(votes.len());
                while answered.load(Ordering::SeqCst) < after {
                    tokio::task::yield_now().await;
                }
                process.crash().await;
                process = Process::start(url, keys, clock).await;
                // A running commit may still finish; this lock is taken after it.
                process.db.begin().await.unwrap().rollback().await.unwrap();
            }
            let answers = casts.await.unwrap();
            if let Some(fault) = fault {
                fault.end(&process.db).await;
            }
            // On a busy machine a vote may time out and is refused.
            let unknown = |answer: &Outcome| {
                matches!(answer, Err(VoteError::Failed | VoteError::OutcomeUnknown))
            };
            let disturbed = crash || fault.is_some() || answers.iter().any(unknown);
            let stored: BTreeMap<Vec<u8>, String> = if disturbed {
                let rows =
                    rows::<BallotRow>(&process.db, "choices, receipt", "ballot", first).await;
                rows.into_iter()
                    .map(|row| (row.receipt, row.choices))
                    .collect()
            } else {
                BTreeMap::new()
            };
            for (cast, answer) in votes.iter().zip(answers) {
                let model = models
                    .iter_mut()
                    .find(|model| model.id == cast.vote.poll)
                    .unwrap();
                // An unanswered vote is stored whole or not at all.
                let unknown = unknown(&answer);
                totals.failed += usize::from(fault.is_some() && unknown);
                let says = cast
                    .vote
                    .chosen
                    .as_ref()
                    .map(|chosen| model.text(&model.says(chosen)))
                    .unwrap();
                if unknown && stored.get(cast.receipt.hash().as_slice()) != Some(&says) {
                    totals.lost += 1;
                    continue;
                }
                totals.kept += usize::from(unknown);
                let expected = model.cast(now, cast);
                let either = disturbed || cast.double;
                let told = |outcome: &Outcome| {
                    outcome
                        .clone()
                        .map(|counted| (counted.receipt, counted.stands && !either))
                };
                let as_expected = unknown && expected.is_ok() || told(&answer) == told(&expected);
                assert!(
                    as_expected,
                    "{answer:?}, but {expected:?} of {:?}",
                    cast.vote
                );
                let count = match expected {
                    Ok(AcceptedVote { stands: true, .. }) => &mut totals.repeated,
                    Ok(_) => &mut totals.accepted,
                    Err(_) => &mut totals.refused,
                };
                *count += 1;
            }
        }
        matches_models(&process.db, &models, first).await;
        process.crash().await;
        assert_eq!(clock.now(), START_TIME);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stories_end_with_the_ballots_of_the_model() {
    let stories = if is_long_run() { 20_000 } else { 3_000 };
    let config = Config {
        cases: u32::try_from(stories / AT_ONCE).unwrap(),
        failure_persistence: None,
        max_shrink_iters: 100,
        ..Config::default()
    };
    let world = Mutex::new(World::new().await);
    let runtime = Handle::current();
    let play = move || {
        let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
        let played = TestRunner::new_with_rng(config, rng).run(&batches(), |batch| {
            runtime.block_on(async { world.lock().await.play(batch).await });
            Ok(())
        });
        (played, world.into_inner().totals)
    };
    let (played, totals) = tokio::task::spawn_blocking(play).await.unwrap();
    if let Err(error) = played {
        panic!("{error}");
    }
    assert!(
        totals.accepted > stories / 2
            && totals.repeated > stories / 20
            && totals.refused > stories / 2
            && totals.lost > stories / 20
            && totals.failed > stories / 40,
        "{totals:?}"
    );
}
