//! Votes with a nonce that was used before, cast straight into the writer.

use std::collections::BTreeSet;

use pollstr::polls::model::nonce::Nonce;
use pollstr::polls::model::selection::SelectionError;
use pollstr::polls::voting::vote::{AcceptedVote, Outcome, Vote, VoteError};
use sea_orm::ConnectionTrait;

use crate::support::app::Site;
use crate::support::voters::{Voter, asked, cast_all, electorate};
use crate::voting::sent_again::{holds, tally};

/// Returns the receipts of votes that must all count.
fn receipts(outcomes: &[Outcome]) -> Vec<String> {
    outcomes
        .iter()
        .map(|outcome| outcome.as_ref().unwrap().receipt.grouped())
        .collect()
}

#[tokio::test]
async fn one_nonce_of_fifty_voters_makes_fifty_ballots_and_fifty_receipts() {
    for site in Site::on_each_database().await {
        let (state, poll) = (&site.state, asked(&site.state, |_| {}).await);
        let (voters, nonce) = (electorate(state, 0, 50).await, Nonce::fresh());
        let cast: Vec<_> = voters
            .iter()
            .map(|voter| voter.on_a_page(&state.keys, &nonce, voter.vote(&poll, &[1])))
            .collect();
        let outcomes = cast_all(&state.ballots, cast.iter().map(|(vote, _)| vote.clone())).await;
        assert_eq!(
            receipts(&outcomes).iter().collect::<BTreeSet<_>>().len(),
            50
        );
        assert!(
            cast.iter()
                .zip(&outcomes)
                .all(|((_, receipt), outcome)| outcome.as_ref().unwrap().receipt == *receipt)
        );
        let again = cast_all(&state.ballots, cast.iter().map(|(vote, _)| vote.clone())).await;
        assert_eq!(receipts(&again), receipts(&outcomes));
        holds(&site, 50).await;

        // One person's page, used by all the others.
        let other = asked(state, |_| {}).await;
        let (of_first, _) = voters[0].on_a_page(&state.keys, &nonce, voters[0].vote(&other, &[1]));
        let stolen = |voter: &Voter| Vote {
            session: voter.session.clone(),
            ..of_first.clone()
        };
        let outcomes = cast_all(&state.ballots, voters.iter().map(stolen)).await;
        assert_eq!(
            receipts(&outcomes).iter().collect::<BTreeSet<_>>().len(),
            50
        );
        let again = cast_all(&state.ballots, voters.iter().map(stolen)).await;
        assert_eq!(
            again[0],
            Ok(AcceptedVote {
                stands: true,
                ..outcomes[0].clone().unwrap()
            })
        );
        assert!(
            again[1..]
                .iter()
                .all(|outcome| *outcome == Err(VoteError::AlreadyVoted))
        );
        holds(&site, 100).await;
    }
}

#[tokio::test]
async fn votes_that_are_sent_again_within_one_batch_are_one_vote_each() {
    for site in Site::on_each_database().await {
        let state = &site.state;
        let voters = electorate(state, 0, 4).await;
        for changeable in [false, true] {
            let poll = asked(state, |draft| draft.changeable = changeable).await;
            let before = tally(&site, ["1", "2", "3", "changes"]).await;
            let page = |voter: &Voter, nonce: &Nonce, chosen: &[i64]| {
                voter
                    .on_a_page(&state.keys, nonce, voter.vote(&poll, chosen))
                    .0
            };
            // They queue together, so they form one batch: this test has one thread.
            let nonces: Vec<Nonce> = voters.iter().map(|_| Nonce::fresh()).collect();
            let both = || voters.iter().zip(&nonces);
            let thrice = [[1], [1], [2]]
                .into_iter()
                .flat_map(|chosen| both().map(move |(voter, nonce)| page(voter, nonce, &chosen)));
            let others = voters
                .iter()
                .map(|voter| page(voter, &Nonce::fresh(), &[3]));
            let outcomes = cast_all(&state.ballots, thrice.chain(others)).await;
            let (same, others) = outcomes.split_at(12);
            let same = receipts(same);
            assert!(same[..4] == same[4..8] && same[..4] == same[8..]);
            assert!(
                others
                    .iter()
                    .all(|outcome| *outcome == Err(VoteError::AlreadyVoted))
            );
            let stands: Vec<bool> = outcomes[..12]
                .iter()
                .map(|outcome| outcome.as_ref().unwrap().stands)
                .collect();
            assert_eq!(stands, [vec![false; 4], vec![!changeable; 8]].concat());
            let after = tally(&site, ["1", "2", "3", "changes"]).await;
            let added: Vec<i64> = after
                .iter()
                .zip(before)
                .map(|(after, before)| after - before)
                .collect();
            assert_eq!(
                added,
                if changeable {
                    [0, 4, 0, 4]
                } else {
                    [4, 0, 0, 0]
                }
            );

            // A change, its repetition and the first vote's page, all concurrently.
            let nonce = Nonce::fresh();
            let change = |chosen: &[i64]| Vote {
                replaces: Some(Ok(outcomes[0].as_ref().unwrap().receipt.hash())),
                ..page(&voters[0], &nonce, chosen)
            };
            let outdated = page(&voters[0], &nonces[0], &[1]);
            let changes = cast_all(
                &state.ballots,
                [
                    change(&[3]),
                    change(&[4]),
                    outdated.clone(),
                    change(&[4]),
                    outdated,
                ],
            )
            .await;
            if changeable {
                assert_eq!(changes[2], Err(VoteError::AlreadyVoted));
                assert_eq!(changes[2], changes[4]);
                let same = receipts(&[changes[0].clone(), changes[1].clone(), changes[3].clone()]);
                assert!(same[0] == same[1] && same[1] == same[2]);
                assert_eq!(tally(&site, ["2", "3", "4", "changes"]).await, [3, 0, 1, 6]);
            } else {
                assert_eq!(changes[..2], [Err(VoteError::Final), Err(VoteError::Final)]);
                assert_eq!(
                    changes[2],
                    Ok(AcceptedVote {
                        stands: true,
                        ..outcomes[0].clone().unwrap()
                    })
                );
            }
        }
        holds(&site, 8).await;
    }
}

#[tokio::test]
async fn a_receipt_that_is_taken_spoils_its_own_vote_and_no_other_of_the_batch() {
    for site in Site::on_each_database().await {
        let (state, poll) = (&site.state, asked(&site.state, |_| {}).await);
        let voters = electorate(state, 0, 10).await;
        let cast: Vec<_> = voters
            .iter()
            .map(|voter| voter.on_a_page(&state.keys, &Nonce::fresh(), voter.vote(&poll, &[1])))
            .collect();
        let hash = data_encoding::HEXLOWER.encode(&cast[3].1.hash());
        let bytes = |hex: &str| {
            if state.db.backend() == sea_orm::DbBackend::Postgres {
                format!("'\\x{hex}'")
            } else {
                format!("x'{hex}'")
            }
        };
        let sql = format!(
            "INSERT INTO ballot (poll_id, id, choices, receipt) SELECT id, {}, '2', {} FROM poll WHERE public_id = '{poll}'",
            bytes("00"),
            bytes(&hash)
        );
        state.db.write().execute_unprepared(&sql).await.unwrap();
        let outcomes = cast_all(&state.ballots, cast.into_iter().map(|(vote, _)| vote)).await;
        for (voter, outcome) in outcomes.iter().enumerate() {
            assert_eq!(
                outcome.as_ref().err(),
                (voter == 3).then_some(&VoteError::Failed)
            );
        }
        assert_eq!(site.count("SELECT COUNT(*) FROM participation").await, 9);
        assert!(
            state
                .ballots
                .cast(voters[3].vote(&poll, &[1]))
                .await
                .is_ok(),
            "another page has another receipt"
        );
    }
}

#[tokio::test]
async fn a_vote_that_is_no_ballot_leaves_everything_as_it_was() {
    for site in Site::on_each_database().await {
        let (state, poll) = (
            &site.state,
            asked(&site.state, |draft| draft.changeable = true).await,
        );
        let voter = electorate(state, 0, 1).await.remove(0);
        let (vote, receipt) =
            voter.on_a_page(&state.keys, &Nonce::fresh(), voter.vote(&poll, &[1]));
        assert_eq!(
            state.ballots.cast(vote.clone()).await,
            Ok(AcceptedVote {
                receipt: receipt.clone(),
                stands: false
            })
        );
        let wrong = Vote {
            chosen: Err(SelectionError::DuplicateRank),
            ..vote.clone()
        };
        let missing = Vote {
            replaces: Some(Err(VoteError::MissingReceipt)),
            ..voter.vote(&poll, &[2])
        };
        let stranger = Vote {
            replaces: Some(Ok([7; 32])),
            ..voter.vote(&poll, &[2])
        };
        let outcomes = cast_all(&state.ballots, [wrong, missing, stranger, vote]).await;
        assert_eq!(
            outcomes[..3],
            [
                Err(SelectionError::DuplicateRank.into()),
                Err(VoteError::MissingReceipt),
                Err(VoteError::WrongReceipt)
            ]
        );
        assert_eq!(
            outcomes[3],
            Ok(AcceptedVote {
                receipt,
                stands: false
            })
        );
        holds(&site, 1).await;
        assert_eq!(tally(&site, ["1", "2", "changes"]).await, [1, 0, 0]);
    }
}
