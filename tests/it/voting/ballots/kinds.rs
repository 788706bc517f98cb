//! Ballots of every kind: several choices, rankings, and the order of the choices.

use pollstr::polls::model::kind::Kind;
use serde_json::json;

use crate::support::app::Site;
use crate::support::browser::Person;
use crate::support::html;
use crate::voting::ballots::{asked, receipt, tally};

#[tokio::test]
async fn several_choices_are_taken_up_to_the_polls_number() {
    for site in Site::on_each_database().await {
        let poll = asked(&site, |draft| draft.kind = Kind::Multiple { most: 2 }).await;
        let amy = site.verified("amy", "+447700900123").await;
        let ballot = format!("{poll}/vote");
        amy.get(&ballot).await.says(200, "Choose up to 2");
        let three = [("choice", "1"), ("choice", "2"), ("choice", "4")];
        let page = amy.fill(&ballot, "Vote", &three).await;
        page.says(422, "Select at most 2 choices.");
        assert_eq!(
            page.body.matches(" checked").count(),
            3,
            "what was chosen is kept"
        );
        amy.fill(&ballot, "Vote", &three[1..])
            .await
            .goes_to(&format!("{poll}/results"));
        assert_eq!(
            (
                tally(&site, "2").await,
                tally(&site, "4").await,
                tally(&site, "ballots").await
            ),
            (1, 1, 1)
        );
    }
}

#[tokio::test]
async fn a_ranking_is_a_place_for_each_choice_or_an_order() {
    for site in Site::on_each_database().await {
        let poll = asked(&site, |draft| draft.kind = Kind::Ranked).await;
        let ballot = format!("{poll}/vote");
        let places = |places: [&'static str; 4]| {
            ["place_1", "place_2", "place_3", "place_4"]
                .into_iter()
                .zip(places)
                .collect::<Vec<_>>()
        };
        let amy = site.verified("amy", "+447700900123").await;
        let form = async |person: &Person, places: Vec<(&str, &str)>| {
            person.fill(&ballot, "Vote", &places).await
        };
        let page = form(&amy, places(["2", "1", "1", ""])).await;
        page.says(422, "Two choices have the same rank.");
        page.says(422, "Same rank as ");
        assert_eq!(
            page.body.matches(" selected").count(),
            3,
            "the places are kept"
        );
        form(&amy, places(["", "", "", ""]))
            .await
            .says(422, "You didn't select a choice.");
        form(&amy, places(["4", "", "1", ""]))
            .await
            .goes_to(&format!("{poll}/results"));
        assert_eq!(tally(&site, "3>1").await, 1);
        let ben = site.verified("ben", "+447700900124").await;
        let id = poll.trim_start_matches("/polls/");
        ben.call(
            "cast_vote",
            json!({ "poll": id, "choice": ["3", "1", "3"] }),
        )
        .await
        .says(422, "Two choices have the same rank.");
        ben.call(
            "cast_vote",
            json!({ "poll": id, "choice": ["3", "1", "2"] }),
        )
        .await
        .says(200, "/results");
        assert_eq!(tally(&site, "3>1>2").await, 1);
        // A list of ranks is refused before it is counted in an unintended order.
        let eve = site.verified("eve", "+447700900125").await;
        let listed = json!({ "poll": id, "choice": ["3", "1"], "place": ["2", "1"] });
        eve.call("cast_vote", listed)
            .await
            .says(422, "We couldn't read that form.");
    }
}

#[tokio::test]
async fn fifty_choices_are_ranked_and_ranked_again_by_a_form() {
    let site = Site::new().await;
    let poll = asked(&site, |draft| {
        (draft.kind, draft.changeable) = (Kind::Ranked, true);
        draft.choices = (1..=50).map(|number| format!("Dog {number}")).collect();
    })
    .await;
    let amy = site.verified("amy", "+447700900123").await;
    let ballot = format!("{poll}/vote");
    let names: Vec<String> = html::attributes(&amy.get(&ballot).await.body, "select", "name");
    assert_eq!(names.len(), 50);
    let ranked = |places: Vec<String>| names.iter().cloned().zip(places).collect::<Vec<_>>();
    let forward = ranked((1..=50).map(|place| place.to_string()).collect());
    let form = [amy.form(&ballot, "Vote").await, forward].concat();
    amy.post(&ballot, &form)
        .await
        .goes_to(&format!("{poll}/results"));
    let order = |positions: Vec<i64>| {
        positions
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(">")
    };
    assert_eq!(tally(&site, &order((1..=50).collect())).await, 1);
    let receipt = receipt(&amy, &poll).await;
    let backward = ranked((1..=50).rev().map(|place| place.to_string()).collect());
    let form = [
        amy.form(&ballot, "Change my vote").await,
        backward,
        vec![("receipt".to_owned(), receipt)],
    ]
    .concat();
    amy.post(&ballot, &form)
        .await
        .goes_to(&format!("{poll}/results"));
    assert_eq!(tally(&site, &order((1..=50).rev().collect())).await, 1);
}

#[tokio::test]
async fn each_voter_has_an_order_of_the_choices_that_stays() {
    let site = Site::new().await;
    let poll = asked(&site, |draft| {
        draft.shuffled = true;
        draft.choices = (0..12).map(|number| format!("Dog {number}")).collect();
    })
    .await;
    let order = async |person: &Person| {
        let page = person.get(&format!("{poll}/vote")).await.body;
        html::texts(&page, "[dir=auto] > label")
    };
    let (amy, ben) = (
        site.verified("amy", "+447700900123").await,
        site.verified("ben", "+447700900124").await,
    );
    let of_amy = order(&amy).await;
    assert_eq!(of_amy.len(), 12);
    assert_eq!(of_amy, order(&amy).await);
    assert_ne!(of_amy, order(&ben).await);
}

/// Scripts put the number before these words; it is announced where there is a limit.
#[tokio::test]
async fn ballots_to_fill_in_more_than_once_have_a_line_for_how_often_they_were() {
    let site = Site::new().await;
    let amy = site.verified("amy", "+447700900123").await;
    for (kind, words, role) in [
        (Kind::Single, None, None),
        (Kind::Multiple { most: 4 }, None, None),
        (
            Kind::Multiple { most: 3 },
            Some("of 3 chosen"),
            Some("status"),
        ),
        (Kind::Seats { seats: 2 }, Some("of 4 ranked"), None),
        (Kind::Star, Some("of 4 rated"), None),
    ] {
        let poll = asked(&site, |draft| draft.kind = kind).await;
        for visitor in [&amy, &site.visitor()] {
            let page = visitor.get(&poll).await.body;
            let line = ".vote-bar p[data-tally]";
            let tally = html::attribute(&page, line, "data-tally");
            assert_eq!(tally.as_deref(), words, "{kind:?}");
            assert_eq!(html::attribute(&page, line, "role").as_deref(), role);
            assert_eq!(html::texts(&page, ".vote-bar .primary"), ["Vote"]);
        }
    }
}
