//! Turnout: how many have voted, while results are hidden.

use pollstr::polls::model::poll::ResultsRule;
use pollstr::polls::sealing::bundle::Bundle;
use pollstr::polls::sealing::seal::seal_due;
use serde_json::{Value, json};

use crate::polls::create::{faults, id, made, make, run, stored, with};
use crate::support::app::Site;
use crate::support::browser::Person;
use crate::support::html;
use crate::support::voters::{Voter, asked, cast_all, electorate};

const OLGA: &str = "+447700900122";

/// What a page says of the turnout.
async fn told(person: &Person, path: &str) -> Vec<String> {
    let page = person.get(path).await;
    assert_eq!(page.status, 200, "{}", page.body);
    html::texts(&page.body, ".turnout")
        .iter()
        .map(|text| text.trim().to_owned())
        .collect()
}

async fn vote(site: &Site, poll: &str, people: &[Voter]) {
    let votes = people.iter().map(|voter| voter.vote(poll, &[1]));
    let outcomes = cast_all(&site.state.ballots, votes).await;
    assert!(outcomes.iter().all(Result::is_ok));
}

async fn people(site: &Site, count: usize) -> Vec<Voter> {
    let first = usize::try_from(site.count("SELECT COUNT(*) FROM account").await).unwrap();
    electorate(&site.state, first, count).await
}

#[tokio::test]
async fn everyone_sees_a_coarse_turnout_that_changes_once_a_minute() {
    for site in Site::on_each_database().await {
        let poll = asked(&site.state, |draft| {
            (draft.results, draft.turnout) = (ResultsRule::AfterClose, true);
        })
        .await;
        let path = format!("/polls/{poll}");
        let stranger = site.visitor();
        let voters = people(&site, 63).await;
        let mut from = 0;
        for (count, words) in [
            (4, "Fewer than 5 people have voted so far."),
            (5, "At least 5 people have voted so far."),
            (14, "At least 10 people have voted so far."),
            (49, "At least 45 people have voted so far."),
            (63, "63 people have voted so far."),
        ] {
            vote(&site, &poll, &voters[from..count]).await;
            from = count;
            site.clock.advance(60);
            for path in [&path, &format!("{path}/results")] {
                assert_eq!(told(&stranger, path).await, [words], "{count}");
            }
        }
        let api = stranger.get(&format!("/api/turnout?id={poll}")).await;
        assert_eq!(
            serde_json::from_str::<Value>(&api.body).unwrap(),
            json!({ "exactly": 63 })
        );
    }
}

#[tokio::test]
async fn a_single_vote_is_not_seen_within_the_minute_on_any_instance() {
    for site in Site::on_each_database().await {
        let poll = asked(&site.state, |draft| draft.turnout = true).await;
        let path = format!("/polls/{poll}");
        let voters = people(&site, 51).await;
        vote(&site, &poll, &voters[..50]).await;
        let (stranger, before) = (site.visitor(), ["50 people have voted so far."]);
        assert_eq!(told(&stranger, &path).await, before);
        vote(&site, &poll, &voters[50..]).await;
        assert_eq!(told(&stranger, &path).await, before);
        site.clock.advance(59);
        assert_eq!(told(&stranger, &path).await, before);
        // It remembers nothing, as after a restart.
        let second = site.second_instance_with_cache().await;
        assert_eq!(told(&second.visitor(), &path).await, before);
        site.clock.advance(1);
        let after = ["51 people have voted so far."];
        assert_eq!(told(&stranger, &path).await, after);
        // What is stored is what was shown.
        let stored = format!("SELECT COUNT(*) FROM setting WHERE name = 'turnout {poll}'");
        assert_eq!(site.count(&stored).await, 1);
    }
}

#[tokio::test]
async fn without_the_option_only_the_organiser_sees_it() {
    for site in Site::on_each_database().await {
        let olga = site.verified("olga", OLGA).await;
        let amy = site.verified("amy", "+447700900123").await;
        for rule in ["after_vote", "after_close"] {
            let poll = make(&olga, json!({ "results": rule })).await;
            vote(&site, &id(&poll), &people(&site, 12).await).await;
            let api = format!("/api/turnout?id={}", id(&poll));
            assert_eq!(
                told(&olga, &poll).await,
                ["At least 10 people have voted so far. Only you can see this."]
            );
            for person in [&site.visitor(), &amy] {
                assert_eq!(told(person, &poll).await, [""; 0]);
            }
            if rule == "after_close" {
                let early = format!("{poll}/results");
                assert_eq!(told(&olga, &early).await.len(), 1);
                assert_eq!(told(&amy, &early).await, [""; 0]);
            }
            assert_eq!(site.visitor().get(&api).await.status, 401);
            assert_eq!(amy.get(&api).await.status, 403);
            olga.get(&api).await.says(200, "{\"at_least\":10}");
            run(&olga, "close_poll", &poll).await.says(200, "");
            assert_eq!(told(&olga, &poll).await, [""; 0]);
            olga.get(&api).await.says(200, "null");
        }
        let open = make(&olga, json!({ "results": "always", "turnout": "yes" })).await;
        assert_eq!(told(&olga, &open).await, [""; 0]);
    }
}

#[tokio::test]
async fn the_option_is_kept_by_form_and_copy_and_frozen_when_the_poll_opens() {
    for site in Site::on_each_database().await {
        let olga = site.verified("olga", OLGA).await;
        let draft = make(&olga, json!({ "turnout": "yes", "save": "draft" })).await;
        let form = olga.get(&format!("{draft}/edit")).await;
        form.says(200, "Show how many have voted");
        assert_eq!(html::are(&form.body, "#turnout", "[checked]"), [true]);
        let copy = made(&run(&olga, "copy_poll", &draft).await);
        assert!(stored(&site, &copy).await.poll.turnout);
        run(&olga, "open_poll", &draft).await.says(200, "");
        let mut edit = with(json!({ "poll": id(&draft), "turnout": "no" }));
        olga.call("edit_poll", edit.clone())
            .await
            .says(422, "This poll has opened");
        assert!(stored(&site, &draft).await.poll.turnout);
        olga.get(&format!("/api/poll?id={}", id(&draft)))
            .await
            .says(200, "\"turnout\":true");
        edit["poll"] = json!(id(&copy));
        edit["save"] = json!("draft");
        olga.call("edit_poll", edit).await.says(200, "");
        assert!(!stored(&site, &copy).await.poll.turnout);
        let wrong = olga
            .call("create_poll", with(json!({ "turnout": "maybe" })))
            .await;
        assert_eq!(faults(&wrong)["turnout"], "Choose one of these.");
    }
}

#[tokio::test]
async fn a_bundle_says_that_the_turnout_was_shown_and_others_are_the_same_as_ever() {
    let site = Site::new().await;
    let olga = site.verified("olga", OLGA).await;
    for (more, says) in [(json!({ "turnout": "yes" }), true), (json!({}), false)] {
        let poll = make(&olga, more).await;
        run(&olga, "close_poll", &poll).await.says(200, "");
        seal_due(&site.state.db, &site.clock).await.unwrap();
        let stored = stored(&site, &poll).await;
        let mut bundle = Bundle::of(&site.state.db, &stored).await.unwrap();
        let head = bundle.piece().await.unwrap().unwrap();
        let end = if says {
            "\"countries\":[],\"turnout\":true},\n\"count\""
        } else {
            "\"countries\":[]},\n\"count\""
        };
        assert!(head.contains(end), "{head}");
    }
}
