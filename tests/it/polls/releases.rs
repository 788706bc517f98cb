//! When votes appear in the results of an open poll: five together or after a few seconds, the same
//! everywhere.

use std::time::Duration;

use pollstr::platform::clock::Clock;
use pollstr::polls::model::poll::ResultsRule;
use reqwest::Method;
use sea_orm::{ConnectionTrait, DbBackend};
use serde_json::Value;
use tokio::time::{Instant, timeout};

use crate::support::app::{Site, until};
use crate::support::browser::Person;
use crate::support::voters::{Voter, asked, electorate};

/// Returns the number of votes that each representation shows.
async fn told(person: &Person, poll: &str) -> Vec<(&'static str, i64)> {
    let get = async |path: &str| person.get(path).await.body;
    let newest = |text: &str| -> Option<i64> {
        let (before, _) = text.rsplit_once(" so far")?;
        before
            .trim_end_matches('s')
            .trim_end_matches(" vote")
            .rsplit('>')
            .next()?
            .parse()
            .ok()
    };
    let so_far = |page: &str| newest(page).unwrap();
    let json = |text: &str| {
        serde_json::from_str::<Value>(text).unwrap()["count"]["ballots"]
            .as_i64()
            .unwrap()
    };
    let listed = |text: &str| {
        let list: Value = serde_json::from_str(text).unwrap();
        let polls = list["polls"].as_array().unwrap();
        let card = polls.iter().find(|card| card["id"] == poll).unwrap();
        card["votes"].as_i64().unwrap()
    };
    let sheet = get(&format!("/polls/{poll}/results.csv")).await;
    let page = so_far(&get(&format!("/polls/{poll}/results")).await);
    // A stream starts with the last released count.
    let mut stream = person
        .request(Method::GET, &format!("/polls/{poll}/live"))
        .send()
        .await
        .unwrap();
    let mut events = String::new();
    while newest(&events).is_none_or(|votes| votes < page) {
        events += std::str::from_utf8(
            &timeout(Duration::from_secs(20), stream.chunk())
                .await
                .unwrap()
                .unwrap()
                .unwrap(),
        )
        .unwrap();
    }
    vec![
        ("page", page),
        ("list", listed(&get("/api/polls").await)),
        ("call", json(&get(&format!("/api/results?id={poll}")).await)),
        (
            "file",
            json(&get(&format!("/polls/{poll}/results.json")).await),
        ),
        (
            "sheet",
            sheet
                .lines()
                .skip(1)
                .map(|line| line.split(',').nth(1).unwrap().parse::<i64>().unwrap())
                .sum(),
        ),
        ("embed", so_far(&get(&format!("/polls/{poll}/embed")).await)),
        ("stream", so_far(&events)),
    ]
}

/// Returns the number that all of them agree on.
async fn shown(sites: &[&Site], poll: &str) -> i64 {
    let mut all = Vec::new();
    for site in sites {
        all.extend(told(&site.visitor(), poll).await);
    }
    assert!(all.iter().all(|(_, votes)| *votes == all[0].1), "{all:?}");
    all[0].1
}

async fn vote(site: &Site, poll: &str, voters: &[Voter]) {
    for voter in voters {
        site.state
            .ballots
            .cast(voter.vote(poll, &[1]))
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn votes_show_five_at_once_or_after_a_few_seconds_in_every_form_and_process() {
    for site in Site::on_each_database().await {
        let here = site.second_instance_with_public_rule().await;
        let several = site.state.db.backend() == DbBackend::Postgres;
        let there = if several {
            Some(site.second_instance_with_public_rule().await)
        } else {
            None
        };
        let all: Vec<&Site> = [Some(&here), there.as_ref()]
            .into_iter()
            .flatten()
            .collect();
        let last = *all.last().unwrap();
        let poll = asked(&site.state, |draft| draft.results = ResultsRule::Always).await;
        let voters = electorate(&site.state, 0, 13).await;
        assert_eq!(shown(&all, &poll).await, 0);

        vote(&here, &poll, &voters[..1]).await;
        assert_eq!(shown(&all, &poll).await, 0, "at once");
        site.clock.advance(1);
        assert_eq!(shown(&all, &poll).await, 0, "after a second");
        let mut seconds = 1;
        while shown(&all, &poll).await == 0 {
            site.clock.advance(1);
            seconds += 1;
        }
        assert!((2..=6).contains(&seconds), "{seconds}");

        // Four more wait; the fifth releases them, whichever instance takes it.
        vote(&here, &poll, &voters[1..3]).await;
        vote(last, &poll, &voters[3..5]).await;
        assert_eq!(shown(&all, &poll).await, 1);
        vote(last, &poll, &voters[5..6]).await;
        assert_eq!(shown(&all, &poll).await, 6);

        // A long overdue vote doesn't release the newest.
        vote(&here, &poll, &voters[6..7]).await;
        assert_eq!(shown(&all, &poll).await, 6);
        site.clock.advance(60);
        vote(last, &poll, &voters[7..8]).await;
        assert_eq!(shown(&all, &poll).await, 6);

        // At the close every vote is shown.
        site.state
            .db
            .write()
            .execute_unprepared(&format!("UPDATE poll SET closes_at = {}", site.clock.now()))
            .await
            .unwrap();
        for site in all {
            let count = site
                .visitor()
                .get(&format!("/api/results?id={poll}"))
                .await
                .body;
            assert_eq!(
                serde_json::from_str::<Value>(&count).unwrap()["count"]["ballots"],
                8
            );
        }
    }
}

#[tokio::test]
async fn a_stream_moves_by_what_is_released_alone() {
    for site in Site::on_each_database().await {
        let here = site.second_instance_with_public_rule().await;
        let poll = asked(&site.state, |draft| draft.results = ResultsRule::Always).await;
        let mut stream = here
            .visitor()
            .request(Method::GET, &format!("/polls/{poll}/live"))
            .send()
            .await
            .unwrap();
        let mut events = String::new();
        let mut hear = async |id: &str| {
            while !events.contains(id) {
                events += std::str::from_utf8(
                    &timeout(Duration::from_secs(20), stream.chunk())
                        .await
                        .unwrap()
                        .unwrap()
                        .unwrap(),
                )
                .unwrap();
            }
            events
                .lines()
                .filter(|line| line.starts_with("id: "))
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        hear("id: 0\n").await;
        // One by one, with time to look at each. The clock doesn't move.
        for voter in electorate(&site.state, 0, 5).await {
            vote(&here, &poll, &[voter]).await;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(hear("id: 5\n").await, ["id: 0", "id: 5"]);
    }
}

#[tokio::test]
async fn a_returning_voter_is_told_that_new_votes_show_later() {
    let site = Site::new().await;
    let here = site.second_instance_with_public_rule().await;
    let poll = site.poll().await;
    let amy = site.verified("amy", "+447700900123").await.at(&here.origin);
    amy.fill(&format!("{poll}/vote"), "Vote", &[("choice", "1")])
        .await
        .goes_to(&format!("{poll}/results"));
    for _ in 0..2 {
        let page = amy.get(&format!("{poll}/results")).await;
        page.says(200, "0 votes so far");
        page.says(
            200,
            "Your vote is counted. New votes, including yours, appear here within a few seconds.",
        );
        page.says(200, "No votes to show yet.");
    }
}

#[tokio::test]
async fn on_the_system_clock_a_vote_shows_after_at_least_two_seconds() {
    let site = Site::provided(Clock::system(), &[]).await;
    let poll = asked(&site.state, |draft| draft.results = ResultsRule::Always).await;
    let voters = electorate(&site.state, 0, 1).await;
    let stored = site.state.cache.poll(&poll).await.unwrap().unwrap();
    let began = Instant::now();
    vote(&site, &poll, &voters).await;
    assert_eq!(site.state.cache.count(&stored).await.unwrap().ballots, 0);
    // The stream and a new request both see it.
    until(async || site.state.cache.count(&stored).await.unwrap().ballots == 1).await;
    assert!(
        began.elapsed() >= Duration::from_secs(2),
        "{:?}",
        began.elapsed()
    );
}
