//! One phone with several numbers: two spellings share one vote, one account and one limit.

use pollstr::polls::voting::vote::VoteError;
use pollstr::server::state::AppState;
use sea_orm::{ConnectionTrait, Statement, Value};

use crate::support::app::Site;
use crate::support::browser::Person;
use crate::support::voters::{Voter, asked, cast_all, electorate};

/// Both spellings of one phone: with and without Argentina's mobile prefix, under two countries'
/// codes for a shared network, and with digits added by a renumbering.
const SPELLINGS: [(&str, &str); 8] = [
    ("+5491123456789", "+541123456789"),
    ("+5493514567890", "+543514567890"),
    ("+5511977654321", "+551177654321"),
    ("+970599123456", "+972599123456"),
    ("+97022961234", "+97222961234"),
    ("+3780549886377", "+390549886377"),
    ("+442890123456", "+3534890123456"),
    ("+24106031234", "+24166031234"),
];

/// Voters with these numbers.
async fn voters(state: &AppState, first: usize, numbers: &[&str]) -> Vec<Voter> {
    let mut voters = electorate(state, first, numbers.len()).await;
    for (voter, number) in voters.iter_mut().zip(numbers) {
        (*number).clone_into(&mut voter.number);
        let (mac, sealed) = (
            state.keys.number(number).to_vec(),
            state.keys.seal(voter.account, number),
        );
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
            let db = state.db.write();
            db.execute_raw(Statement::from_sql_and_values(
                db.get_database_backend(),
                sql,
                values,
            ))
            .await
            .unwrap();
        }
    }
    voters
}

#[tokio::test]
async fn one_phone_votes_once_however_its_number_is_spelled() {
    for site in Site::on_each_database().await {
        let state = &site.state;
        for (n, (one, other)) in SPELLINGS.into_iter().enumerate() {
            let voters = voters(state, 10 * n, &[one, other]).await;
            for order in [[0, 1], [1, 0]] {
                let poll = asked(state, |_| {}).await;
                let [first, second] = order.map(|place| voters[place].vote(&poll, &[1]));
                assert_eq!(
                    state.ballots.cast(first).await.map(drop),
                    Ok(()),
                    "{one} {other}"
                );
                assert_eq!(
                    state.ballots.cast(second).await,
                    Err(VoteError::AlreadyVoted),
                    "{one} {other}"
                );
            }
            // In one batch too, and from two instances.
            let (poll, second_instance) = (
                asked(state, |_| {}).await,
                site.second_instance_with_cache().await,
            );
            let five = |voter: &Voter| (0..5).map(|_| voter.vote(&poll, &[1])).collect::<Vec<_>>();
            let here = [five(&voters[0]), five(&voters[1])].concat();
            let there = [five(&voters[1]), five(&voters[0])].concat();
            let (here, there) = tokio::join!(
                cast_all(&state.ballots, here),
                cast_all(&second_instance.state.ballots, there)
            );
            let counted = here
                .iter()
                .chain(&there)
                .filter(|vote| vote.is_ok())
                .count();
            assert_eq!(counted, 1, "{one} {other}: {here:?} {there:?}");
        }
        let wrong = "SELECT COUNT(*) FROM poll WHERE (SELECT COUNT(*) FROM participation WHERE poll_id = poll.id)
                     <> (SELECT COUNT(*) FROM ballot WHERE poll_id = poll.id)";
        assert_eq!(site.count(wrong).await, 0, "as many marks as ballots");
    }
}

#[tokio::test]
async fn numbers_that_only_look_alike_are_two_phones() {
    let site = Site::new().await;
    let state = &site.state;
    let pairs = [
        // A landline starting with 9 has no mobile prefix, an Israeli mobile isn't a Palestinian
        // one, and so on.
        ["+5511931234567", "+551131234567"],
        ["+972501234567", "+970561234567"],
        ["+97226251234", "+97022961234"],
        ["+390549123456", "+3780549886377"],
        ["+447400123456", "+4474001234567"],
        ["+4930123456", "+49301234567"],
    ];
    for (n, pair) in pairs.into_iter().enumerate() {
        let (voters, poll) = (
            voters(state, 10 * n, &pair).await,
            asked(state, |_| {}).await,
        );
        for voter in voters {
            assert_eq!(
                state.ballots.cast(voter.vote(&poll, &[1])).await.map(drop),
                Ok(()),
                "{pair:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_vote_is_changed_under_the_other_spelling_with_its_receipt() {
    for site in Site::on_each_database().await {
        let state = &site.state;
        let poll = asked(state, |draft| draft.changeable = true).await;
        let voters = voters(state, 0, &["+5491123456789", "+541123456789"]).await;
        let first = voters[0].vote(&poll, &[1]);
        let counted = state.ballots.cast(first).await.unwrap();
        let replaces = Some(Ok(counted.receipt.hash()));
        let changed = pollstr::polls::voting::vote::Vote {
            replaces,
            ..voters[1].vote(&poll, &[2])
        };
        assert_eq!(state.ballots.cast(changed).await.map(drop), Ok(()));
        assert_eq!(
            site.count("SELECT votes FROM tally WHERE key = '2'").await,
            1
        );
        assert_eq!(site.count("SELECT COUNT(*) FROM participation").await, 1);
    }
}

/// Requests a code to this number and enters it.
async fn proves(site: &Site, person: &Person, number: &str) {
    person
        .fill("/verify", "Send code", &[("phone", number)])
        .await
        .goes_to("/verify/code");
    person
        .fill("/verify/code", "Confirm", &[("code", &site.code())])
        .await
        .goes_to("/account/recovery/offer");
}

#[tokio::test]
async fn of_two_accounts_with_one_phone_the_newest_proof_wins() {
    for site in Site::on_each_database().await {
        let poll = site.poll().await;
        let amy = site.verified("amy", "+54 9 11 2345 6789").await;
        amy.fill(&format!("{poll}/vote"), "Vote", &[("choice", "1")])
            .await
            .goes_to(&format!("{poll}/results"));
        let ben = site.registered("ben").await;
        proves(&site, &ben, "+54 11 2345 6789").await;
        amy.get("/account/number")
            .await
            .goes_to("/verify?next=/account/number");
        assert_eq!(
            site.count("SELECT COUNT(*) FROM account WHERE number_mac IS NOT NULL")
                .await,
            1
        );
        assert_eq!(
            site.count("SELECT COUNT(*) FROM audit_event WHERE kind = 'number left'")
                .await,
            1
        );
        ben.get(&poll)
            .await
            .says(200, "You have voted in this poll.");
        ben.get("/").await.says(200, "You voted");
        let vote = serde_json::json!({ "poll": poll.trim_start_matches("/polls/"), "choice": "2" });
        ben.call("cast_vote", vote).await.says(
            422,
            "You've already voted in this poll, and that vote stands.",
        );
    }
}

#[tokio::test]
async fn messages_to_both_spellings_are_messages_to_one_phone() {
    for site in Site::on_each_database().await {
        let asks = async |person: &Person, number: &str| {
            person
                .fill("/verify", "Send code", &[("phone", number)])
                .await
        };
        let amy = site.registered("amy").await;
        for number in [
            "+54 9 11 2345 6789",
            "+54 11 2345 6789",
            "+54 9 11 2345 6789",
        ] {
            asks(&amy, number).await.goes_to("/verify/code");
            site.clock.advance(31);
        }
        // The fourth within ten minutes, whichever account asks and however it is spelled.
        asks(&amy, "+54 11 2345 6789")
            .await
            .says(429, "We've reached our limit for codes for now.");
        let ben = site.registered("ben").await;
        assert_eq!(asks(&ben, "+54 11 2345 6789").await.status, 429);
    }
}
