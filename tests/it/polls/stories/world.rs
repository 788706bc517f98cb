//! The site and its voters: plays a batch and compares every response with the models.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::future::join_all;
use pollstr::platform::db::execute;
use pollstr::polls::voting::vote::{AcceptedVote, Outcome, VoteError};

use crate::polls::stories::Batch;
use crate::polls::stories::dice::Dice;
use crate::polls::stories::fault::Fault;
use crate::polls::stories::inputs::{new_polls, some_vote};
use crate::polls::stories::model::Cast;
use crate::polls::stories::process::Process;
use crate::polls::stories::stored::{BallotRow, matches_models, rows};
use crate::support::app::{START_TIME, Site};
use crate::support::voters::{Voter, electorate};

const PEOPLE: usize = 5;

/// How many votes ended how.
#[derive(Debug, Default)]
pub(super) struct Totals {
    pub(super) accepted: usize,
    /// Sent again and answered like the first time.
    pub(super) repeated: usize,
    pub(super) refused: usize,
    /// Unanswered and not stored.
    pub(super) lost: usize,
    /// Unanswered and stored.
    kept: usize,
    /// Unanswered during a fault.
    pub(super) failed: usize,
}

/// The site and its voters, who live through all batches.
pub(super) struct World {
    site: Site,
    people: Vec<Voter>,
    pub(super) totals: Totals,
}

impl World {
    pub(super) async fn new() -> Self {
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

    pub(super) async fn play(&mut self, batch: Batch) {
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
                    .map(|filled_in| model.text_of(filled_in))
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
