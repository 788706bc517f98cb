//! Ballots of every kind: what is accepted, what is refused and why, changing a vote, and who may
//! vote.

use pollstr::polls::model::poll::{Kind, ResultsRule};
use pollstr::polls::store::drafts;
use pollstr::polls::store::drafts::Draft;
use serde_json::json;

use crate::support::app::Site;
use crate::support::browser::{Page, Person};
use crate::support::html;

/// Creates a poll with four choices and returns its path.
async fn asked(site: &Site, change: impl FnOnce(&mut Draft)) -> String {
    let now = site.clock.now();
    let mut draft = Draft::asking(
        "Which dog?",
        &["Beagle", "Collie", "Dachshund", "Poodle"],
        now,
    );
    change(&mut draft);
    let transaction = site.state.db.begin().await.unwrap();
    let id = drafts::insert(&transaction, &draft, now).await.unwrap();
    transaction.commit().await.unwrap();
    format!("/polls/{id}")
}

async fn receipt(person: &Person, poll: &str) -> String {
    shown(&person.get(&format!("{poll}/results")).await.body)
}

/// Returns the receipt on a page.
fn shown(page: &str) -> String {
    html::text(page, "output")
}

async fn tally(site: &Site, key: &str) -> i64 {
    site.count(&format!(
        "SELECT COALESCE(SUM(votes), 0) FROM tally WHERE key = '{key}'"
    ))
    .await
}

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
async fn a_vote_is_changed_with_its_receipt_where_the_poll_says_so() {
    for site in Site::on_each_database().await {
        let poll = asked(&site, |draft| draft.changeable = true).await;
        let ballot = format!("{poll}/vote");
        let (amy, ben) = (
            site.verified("amy", "+447700900123").await,
            site.verified("ben", "+447700900124").await,
        );
        amy.fill(&ballot, "Vote", &[("choice", "1")])
            .await
            .goes_to(&format!("{poll}/results"));
        let first = receipt(&amy, &poll).await;
        let wrong = [("choice", "2"), ("receipt", "0000-0000-0000-0000")];
        amy.fill(&ballot, "Change my vote", &wrong)
            .await
            .says(422, "No ballot in this poll has that receipt.");
        amy.fill(&ballot, "Change my vote", &[("choice", "2")])
            .await
            .says(422, "Enter your receipt.");
        // Another person's receipt is worthless to someone who hasn't voted.
        let id = poll.trim_start_matches("/polls/");
        let stolen = json!({ "poll": id, "choice": "3", "change": "yes", "receipt": first });
        ben.call("cast_vote", stolen.clone())
            .await
            .says(422, "You haven't voted in this poll yet.");
        amy.fill(
            &ballot,
            "Change my vote",
            &[("choice", "2"), ("receipt", &first)],
        )
        .await
        .goes_to(&format!("{poll}/results"));
        assert_eq!(
            (
                tally(&site, "1").await,
                tally(&site, "2").await,
                tally(&site, "ballots").await
            ),
            (0, 1, 1)
        );
        let second = receipt(&amy, &poll).await;
        amy.call("cast_vote", stolen)
            .await
            .says(422, "No ballot in this poll has that receipt.");
        let lookup = format!("{poll}/receipt");
        let stranger = site.visitor();
        stranger
            .fill(&lookup, "Check", &[("receipt", &first)])
            .await
            .says(422, "No ballot in this poll has that receipt.");
        stranger
            .fill(&lookup, "Check", &[("receipt", &second.to_lowercase())])
            .await
            .says(200, "is counted.");
        stranger
            .fill(&lookup, "Check", &[("receipt", "12")])
            .await
            .says(422, "A receipt has sixteen letters and digits.");
    }
}

#[tokio::test]
async fn whoever_votes_before_results_are_shown_gets_a_receipt_on_the_polls_own_page() {
    for site in Site::on_each_database().await {
        let closes_at = site.clock.now() + 86_400;
        let poll = asked(&site, |draft| {
            (draft.changeable, draft.results, draft.closes_at) =
                (true, ResultsRule::AfterClose, Some(closes_at));
        })
        .await;
        let (amy, ballot) = (
            site.verified("amy", "+447700900123").await,
            format!("{poll}/vote"),
        );
        amy.fill(&ballot, "Vote", &[("choice", "1")])
            .await
            .goes_to(&poll);
        amy.get(&format!("{poll}/results"))
            .await
            .says(403, "Results will be published when the poll closes, on ");
        let page = amy.get(&poll).await;
        page.says(200, "Thanks, your vote is counted.");
        let first = shown(&page.body);
        let again = amy.get(&poll).await;
        again.says(200, "You have voted in this poll.");
        assert!(
            !again.body.contains("Your receipt"),
            "a receipt is shown once"
        );
        amy.fill(&format!("{poll}/receipt"), "Check", &[("receipt", &first)])
            .await
            .says(200, "is counted.");
        amy.fill(
            &ballot,
            "Change my vote",
            &[("choice", "2"), ("receipt", &first)],
        )
        .await
        .goes_to(&poll);
        let second = shown(&amy.get(&poll).await.body);
        // After the close the results are public again.
        site.state.clock.advance(86_399);
        amy.fill(
            &ballot,
            "Change my vote",
            &[("choice", "3"), ("receipt", &second)],
        )
        .await
        .goes_to(&poll);
        site.state.clock.advance(1);
        amy.get(&format!("{poll}/results"))
            .await
            .says(200, "Your receipt");
    }
}

#[tokio::test]
async fn a_receipt_travels_in_a_cookie_of_its_poll_until_it_is_shown() {
    let site = Site::new().await;
    let amy = site.verified("amy", "+447700900123").await;
    for (rule, shown_on) in [
        (ResultsRule::AfterVote, "/results"),
        (ResultsRule::AfterClose, ""),
    ] {
        let poll = asked(&site, |draft| draft.results = rule).await;
        let cookie = |page: &Page| {
            let cookies = page
                .headers
                .get_all("set-cookie")
                .iter()
                .map(|cookie| cookie.to_str().unwrap().to_owned());
            cookies
                .filter(|cookie| cookie.starts_with("receipt="))
                .collect::<Vec<_>>()
        };
        let voted = amy
            .fill(&format!("{poll}/vote"), "Vote", &[("choice", "1")])
            .await;
        let [set] = &cookie(&voted)[..] else {
            panic!("{:?}", voted.headers)
        };
        let (value, attributes) = set.trim_start_matches("receipt=").split_once("; ").unwrap();
        assert_eq!(
            (value.len(), attributes),
            (
                16,
                format!("HttpOnly; SameSite=Lax; Path={poll}; Max-Age=600").as_str()
            )
        );
        assert!(!voted.body.contains(value) && !voted.header("location").contains(value));
        let page = amy.get(&format!("{poll}{shown_on}")).await;
        assert_eq!(shown(&page.body).replace('-', ""), value);
        assert_eq!(
            cookie(&page),
            [format!(
                "receipt=; HttpOnly; SameSite=Lax; Path={poll}; Max-Age=0"
            )]
        );
        assert_eq!(
            cookie(&amy.get(&format!("{poll}{shown_on}")).await),
            Vec::<String>::new()
        );
    }
}

#[tokio::test]
async fn fifty_changes_with_one_receipt_at_once_are_one_change() {
    for site in Site::on_each_database().await {
        let poll = asked(&site, |draft| draft.changeable = true).await;
        let amy = site.verified("amy", "+447700900123").await;
        amy.fill(&format!("{poll}/vote"), "Vote", &[("choice", "1")])
            .await
            .goes_to(&format!("{poll}/results"));
        let receipt = receipt(&amy, &poll).await;
        let ballot = format!("{poll}/vote");
        let filled_in = vec![
            ("choice".to_owned(), "2".to_owned()),
            ("receipt".to_owned(), receipt),
        ];
        // Fifty pages, so that none counts as a repetition.
        let pages =
            futures::future::join_all((0..50).map(|_| amy.form(&ballot, "Change my vote"))).await;
        let changes: Vec<_> = pages
            .into_iter()
            .map(|form| [form, filled_in.clone()].concat())
            .collect();
        let answers =
            futures::future::join_all(changes.iter().map(|change| amy.post(&ballot, change))).await;
        assert_eq!(
            answers.iter().filter(|answer| answer.status == 303).count(),
            1
        );
        assert_eq!(site.count("SELECT COUNT(*) FROM ballot").await, 1);
        assert_eq!(
            (
                tally(&site, "1").await,
                tally(&site, "2").await,
                tally(&site, "changes").await
            ),
            (0, 1, 1)
        );
    }
}

#[tokio::test]
async fn whoever_cannot_vote_is_told_why_in_words_of_its_own() {
    let site = Site::new().await;
    let amy = site.verified("amy", "+447700900123").await;
    let says = async |poll: &str, status: u16, words: &str| {
        amy.get(&format!("{poll}/vote")).await.says(200, words);
        let id = poll.trim_start_matches("/polls/");
        amy.call("cast_vote", json!({ "poll": id, "choice": "1" }))
            .await
            .says(status, "message");
    };
    let now = site.clock.now();
    let early = asked(&site, |draft| draft.opens_at = now + 1).await;
    says(&early, 422, "Voting begins on").await;
    let over = asked(&site, |draft| draft.closes_at = Some(now)).await;
    says(&over, 422, "Voting has ended.").await;
    let abroad = asked(&site, |draft| {
        draft.countries = vec!["49".to_owned(), "43".to_owned()];
    })
    .await;
    says(
        &abroad,
        422,
        "Only phone numbers starting with +49 or +43 can vote in this poll.",
    )
    .await;
    let home = asked(&site, |draft| {
        draft.countries = vec!["49".to_owned(), "44".to_owned()];
    })
    .await;
    amy.fill(&format!("{home}/vote"), "Vote", &[("choice", "5")])
        .await
        .says(422, "That choice isn't in this poll.");
    amy.fill(
        &format!("{home}/vote"),
        "Vote",
        &[("choice", "1"), ("choice", "2")],
    )
    .await
    .says(422, "Select only one choice.");
    amy.fill(&format!("{home}/vote"), "Vote", &[("choice", "1")])
        .await
        .goes_to(&format!("{home}/results"));
    says(
        &home,
        422,
        "You've already voted in this poll, and that vote stands.",
    )
    .await;
    let draft = asked(&site, |draft| draft.draft = true).await;
    amy.get(&format!("{draft}/vote"))
        .await
        .says(404, "Page not found");
    let id = draft.trim_start_matches("/polls/");
    amy.call("cast_vote", json!({ "poll": id, "choice": "1" }))
        .await
        .says(404, "message");
    site.clock.advance(1);
    amy.fill(&format!("{early}/vote"), "Vote", &[("choice", "1")])
        .await
        .goes_to(&format!("{early}/results"));
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
        html::texts(&page, "label [dir=auto], label[dir=auto]")
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

#[tokio::test]
async fn polls_are_found_by_beginnings_of_their_words_page_by_page() {
    for site in Site::on_each_database().await {
        for number in 0..45 {
            asked(&site, |draft| {
                draft.question = format!("Größter Hund {number}?");
            })
            .await;
        }
        asked(&site, |draft| {
            draft.question = "Geheimer Hund?".to_owned();
            draft.listed = false;
        })
        .await;
        let over = site.clock.now() + 60;
        asked(&site, |draft| {
            draft.question = "Alter Hund?".to_owned();
            draft.closes_at = Some(over);
        })
        .await;
        let visitor = site.visitor();
        let found = async |address: &str| {
            let page = visitor.get(address).await.body;
            let next = html::attribute(&page, "a[rel=next]", "href");
            (html::texts(&page, "li.card").len(), next)
        };
        assert_eq!(found("/?q=GRÖ%C3%9F+hu").await.0, 20);
        assert_eq!(found("/?q=hund+44").await.0, 1);
        assert_eq!(found("/?q=und").await.0, 0);
        assert_eq!(found("/?q=geheim").await.0, 0);
        assert_eq!(found("/?q=alter").await.0, 1);
        assert_eq!(found("/?q=%25").await.0, 0);
        let (mut seen, mut address) = (0, Some("/?q=gr%C3%B6".to_owned()));
        while let Some(here) = address {
            let (count, next) = found(&here).await;
            (seen, address) = (seen + count, next);
        }
        assert_eq!(seen, 45);
        site.clock.advance(60);
        assert_eq!(found("/?q=alter").await.0, 0);
        assert_eq!(found("/?q=alter&show=closed").await.0, 1);
        let amy = site.verified("amy", "+447700900123").await;
        let poll = asked(&site, |_| {}).await;
        assert!(!amy.get("/").await.body.contains("You voted"));
        amy.fill(&format!("{poll}/vote"), "Vote", &[("choice", "1")])
            .await
            .goes_to(&format!("{poll}/results"));
        assert_eq!(amy.get("/").await.body.matches("You voted").count(), 1);
    }
}
