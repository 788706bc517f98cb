//! One vote per account: if the poll says so, a changed number can't vote again.

use futures::future::join_all;
use pollstr::polls::sealing::recount::recount;
use pollstr::polls::sealing::seal::seal_due;
use pollstr::polls::voting::vote::{Vote, VoteError};
use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};
use serde_json::json;

use crate::accounts::second_factors::NUMBER;
use crate::polls::create::{id, make};
use crate::support::app::{START_TIME, Site};
use crate::support::browser::Person;
use crate::support::voters::{Voter, asked, cast_all, electorate};

const OTHER: &str = "+447700900777";

/// Changes the account's number through the site.
async fn changes_number(site: &Site, person: &Person, number: &str) {
    person
        .fill("/account/number", "Send code", &[("phone", number)])
        .await
        .goes_to("/account/number/code");
    person
        .fill("/account/number/code", "Confirm", &[("code", &site.code())])
        .await
        .goes_to("/account");
}

/// Changes the account's number in the database.
async fn renumbered(site: &Site, voter: &Voter, number: &str) -> Voter {
    let state = &site.state;
    let (mac, sealed) = (
        state.keys.number(number).to_vec(),
        state.keys.seal(voter.account, number),
    );
    let db = state.db.write();
    for (sql, values) in [
        (
            "UPDATE account SET number = $2, number_mac = $3 WHERE id = $1",
            vec![
                Value::from(voter.account),
                sealed.into(),
                mac.clone().into(),
            ],
        ),
        (
            "UPDATE session SET number_mac = $2 WHERE account_id = $1",
            vec![voter.account.into(), mac.into()],
        ),
    ] {
        db.execute_raw(Statement::from_sql_and_values(
            db.get_database_backend(),
            sql,
            values,
        ))
        .await
        .unwrap();
    }
    Voter {
        number: number.to_owned(),
        ..voter.clone()
    }
}

#[tokio::test]
async fn a_changed_number_votes_once_more_only_where_the_poll_counts_numbers_alone() {
    for site in Site::on_each_database().await {
        let amy = site.verified("amy", NUMBER).await;
        let (strict, usual) = (
            make(&amy, json!({ "per_account": "yes" })).await,
            make(&amy, json!({})).await,
        );
        amy.get(&format!("{strict}/vote"))
            .await
            .says(200, "Each account gets one vote here, too.");
        let vote = async |poll: &str| {
            amy.call("cast_vote", json!({ "poll": id(poll), "choice": "1" }))
                .await
        };
        for poll in [&strict, &usual] {
            vote(poll).await.says(200, "/results");
            amy.get(poll).await.says(200, "Your receipt");
        }
        changes_number(&site, &amy, OTHER).await;
        vote(&usual).await.says(200, "/results");
        amy.get(&usual).await.says(200, "Your receipt");
        vote(&strict).await.says(
            422,
            "You've already voted in this poll, and that vote stands.",
        );
        amy.get(&strict)
            .await
            .says(200, "You have voted in this poll.");
        let home = amy.get("/").await;
        assert_eq!(home.body.matches(">You voted<").count(), 2, "{}", home.body);
        // The former number can't vote from another account either.
        site.clock.advance(3_700);
        let ben = site.verified("ben", NUMBER).await;
        ben.call("cast_vote", json!({ "poll": id(&strict), "choice": "2" }))
            .await
            .says(
                422,
                "You've already voted in this poll, and that vote stands.",
            );
        assert_eq!(
            site.count("SELECT COUNT(*) FROM account_participation")
                .await,
            1,
            "the usual poll knows numbers alone"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_votes_of_one_account_under_many_numbers_one_counts() {
    for site in Site::on_each_database().await {
        let (state, second_instance) = (&site.state, site.second_instance_with_cache().await);
        let poll = asked(state, |draft| draft.per_account = true).await;
        let voter = electorate(state, 0, 1).await.remove(0);
        let mut counted = 0;
        for number in ["+447700000001", "+447700000002", "+447700000003"] {
            let voter = renumbered(&site, &voter, number).await;
            let ten = || (0..10).map(|_| voter.vote(&poll, &[1])).collect::<Vec<_>>();
            let casts = join_all([
                cast_all(&state.ballots, ten()),
                cast_all(&second_instance.state.ballots, ten()),
            ])
            .await;
            counted += casts.iter().flatten().filter(|cast| cast.is_ok()).count();
        }
        assert_eq!(counted, 1);
        for table in ["ballot", "participation", "account_participation"] {
            assert_eq!(
                site.count(&format!("SELECT COUNT(*) FROM {table}")).await,
                1,
                "{table}"
            );
        }
    }
}

#[tokio::test]
async fn a_vote_is_changed_after_the_number_with_its_receipt() {
    for site in Site::on_each_database().await {
        let state = &site.state;
        let poll = asked(state, |draft| {
            (draft.per_account, draft.changeable) = (true, true);
        })
        .await;
        let voter = electorate(state, 0, 1).await.remove(0);
        let first = voter.vote(&poll, &[1]);
        let counted = state.ballots.cast(first).await.unwrap();
        let replaces = Some(Ok(counted.receipt.hash()));
        let voter = renumbered(&site, &voter, OTHER).await;
        assert_eq!(
            state.ballots.cast(voter.vote(&poll, &[2])).await,
            Err(VoteError::AlreadyVoted)
        );
        assert_eq!(
            state
                .ballots
                .cast(Vote {
                    replaces,
                    ..voter.vote(&poll, &[2])
                })
                .await
                .map(drop),
            Ok(())
        );
        assert_eq!(
            site.count("SELECT votes FROM tally WHERE key = '2'").await,
            1
        );
    }
}

#[tokio::test]
async fn marks_of_accounts_are_sealed_counted_again_and_deleted_with_their_poll() {
    for site in Site::on_each_database().await {
        let state = &site.state;
        let poll = asked(state, |draft| {
            (draft.per_account, draft.closes_at) = (true, Some(START_TIME + 60));
        })
        .await;
        let voters = electorate(state, 0, 12).await;
        let mut marks = Vec::new();
        for voter in &voters {
            marks.push(state.keys.voting_account(&poll, voter.account));
            state.ballots.cast(voter.vote(&poll, &[1])).await.unwrap();
        }
        site.clock.advance(60);
        assert_eq!(seal_due(&state.db, &site.clock).await, Ok(1));
        assert_eq!(
            site.count("SELECT COUNT(*) FROM account_participation")
                .await,
            12
        );
        in_no_order_of_votes(&site, &marks).await;
        let faults = async || {
            recount(&state.db, &poll, site.clock.now())
                .await
                .unwrap()
                .unwrap()
                .faults
                .join("; ")
        };
        assert_eq!(faults().await, "");
        state
            .db
            .write()
            .execute_unprepared("DELETE FROM account_participation WHERE account = (SELECT account FROM account_participation LIMIT 1)")
            .await
            .unwrap();
        assert_eq!(faults().await, "12 ballots, but 11 account marks");
        let row = site
            .count(&format!("SELECT id FROM poll WHERE public_id = '{poll}'"))
            .await;
        state
            .db
            .write()
            .execute_unprepared(&format!(
                "UPDATE poll SET draft = TRUE, owner_id = NULL WHERE id = {row}"
            ))
            .await
            .unwrap();
        pollstr::polls::store::purge::forget_one(&state.db, row)
            .await
            .unwrap();
        assert_eq!(
            site.count("SELECT COUNT(*) FROM account_participation")
                .await,
            0
        );
    }
}

/// Neither position nor writer of a mark reveals when it was made.
async fn in_no_order_of_votes(site: &Site, marks: &[[u8; 32]]) {
    if site.state.db.backend() == DbBackend::Postgres {
        let writers = "SELECT COUNT(DISTINCT xmin::text) FROM account_participation";
        assert_eq!(
            (
                site.count(writers).await,
                site.count("SELECT COUNT(*) FROM account_participation_open")
                    .await
            ),
            (1, 0)
        );
        let by_place = "SELECT COUNT(*) FROM (SELECT account, LAG(account) OVER (ORDER BY ctid) AS before FROM account_participation) AS pair WHERE account < before";
        assert_eq!(
            site.count(by_place).await,
            0,
            "they lie in the order of their keys"
        );
        return;
    }
    let path = site
        .state
        .config
        .database_url
        .trim_start_matches("sqlite://")
        .to_owned();
    let (file, log) = (
        std::fs::read(&path).unwrap(),
        std::fs::read(format!("{path}-wal")).unwrap(),
    );
    let times = |bytes: &[u8], mark: &[u8]| {
        bytes
            .windows(mark.len())
            .filter(|window| *window == mark)
            .count()
    };
    for mark in marks {
        assert_eq!((times(&file, mark), times(&log, mark)), (1, 0));
    }
}
