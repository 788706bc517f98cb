//! What a new poll is: its defaults, all of its fields, and drafts.

use pollstr::polls::store::polls;
use serde_json::json;

use crate::polls::create::{NUMBER, id, made, make, run, stored, with};
use crate::support::app::{START_TIME, Site};

#[tokio::test]
async fn a_question_and_two_choices_make_a_poll_that_is_open_and_listed() {
    for site in Site::on_each_database().await {
        let olga = site.verified("olga", NUMBER).await;
        let page = olga
            .fill(
                "/polls/new",
                "Create poll",
                &[
                    ("question", "Tea or coffee?"),
                    ("choice", "Tea"),
                    ("choice", "Coffee"),
                ],
            )
            .await;
        let path = page.header("location").to_owned();
        assert_eq!(
            (page.status.as_u16(), path.starts_with("/polls/")),
            (303, true),
            "{}",
            page.body
        );
        let by_call = make(&olga, json!({})).await;
        for path in [&path, &by_call] {
            site.visitor().get(path).await.says(200, "Tea or coffee?");
            site.visitor().get("/").await.says(200, path);
            let poll = stored(&site, path).await.poll;
            let words = serde_json::to_value(&poll).unwrap();
            assert_eq!(
                (&words["kind"], &words["results"], &words["state"]),
                (&json!("single"), &json!("after_vote"), &json!("open"))
            );
            assert_eq!(
                (poll.opens_at, poll.closes_at, poll.listed),
                (START_TIME, None, true)
            );
            assert_eq!(
                (
                    poll.changeable,
                    poll.shuffled,
                    poll.rankings,
                    poll.countries.len()
                ),
                (false, false, false, 0)
            );
        }
        olga.fill(&format!("{path}/vote"), "Vote", &[("choice", "1")])
            .await
            .goes_to(&format!("{path}/results"));
    }
}

#[tokio::test]
async fn everything_that_can_be_said_of_a_poll_is_kept() {
    for site in Site::on_each_database().await {
        let olga = site.verified("olga", NUMBER).await;
        let said = json!({
            "description": "All day.\nhttps://example.org/tea", "kind": "ranked", "rankings": "yes", "results": "after_close",
            "zone": "Europe/Berlin", "opens": "2026-11-25T08:00", "closes": "2026-11-26T20:00", "listed": "no", "changeable": "yes",
            "shuffled": true, "countries": "+49, 0044",
        });
        let path = make(&olga, said).await;
        let polls::StoredPoll { poll, owner, .. } = stored(&site, &path).await;
        assert!(
            owner.is_some() && !poll.listed && poll.changeable && poll.shuffled && poll.rankings
        );
        assert_eq!(
            (poll.zone.as_str(), poll.opens_at, poll.closes_at),
            ("Europe/Berlin", 1_795_590_000, Some(1_795_719_600))
        );
        assert_eq!(
            (poll.countries.clone(), poll.description.as_str()),
            (
                vec!["44".to_owned(), "49".to_owned()],
                "All day.\nhttps://example.org/tea"
            )
        );
        olga.get(&path).await.says(
            200,
            "<a href=\"https://example.org/tea\" rel=\"nofollow noopener noreferrer ugc\">",
        );
        let form = olga.get(&format!("{path}/edit")).await;
        for shown in [
            "value=\"2026-11-25T08:00\"",
            "value=\"2026-11-26T20:00\"",
            "value=\"+44 +49\"",
            "value=\"Coffee\"",
        ] {
            form.says(200, shown);
        }
    }
}

#[tokio::test]
async fn where_a_clock_shows_a_time_twice_the_poll_is_open_for_longer() {
    let site = Site::new().await;
    let olga = site.verified("olga", NUMBER).await;
    let times = json!({ "zone": "Europe/Berlin", "opens": "2027-10-31T02:30", "closes": "2027-10-31T02:30" });
    let poll = stored(&site, &make(&olga, times).await).await.poll;
    assert_eq!(poll.closes_at.unwrap() - poll.opens_at, 3_600);
}

#[tokio::test]
async fn a_draft_is_its_owners_alone_until_it_is_opened() {
    for site in Site::on_each_database().await {
        let (olga, paul) = (
            site.verified("olga", NUMBER).await,
            site.verified("paul", "+447700900124").await,
        );
        let path = make(
            &olga,
            json!({ "save": "draft", "choice": "Tea", "closes": "2020-01-01T00:00" }),
        )
        .await;
        paul.get(&path).await.says(404, "Page not found");
        paul.get(&format!("{path}/vote"))
            .await
            .says(404, "Page not found");
        assert!(!site.visitor().get("/").await.body.contains(&path));
        olga.get("/account/polls").await.says(200, &path);
        olga.get(&path)
            .await
            .says(200, "This is a draft. Only you can see it.");
        olga.get(&format!("{path}/vote"))
            .await
            .says(200, "This is a preview");
        assert_eq!(
            olga.call("cast_vote", json!({ "poll": id(&path), "choice": "1" }))
                .await
                .status,
            404
        );
        run(&olga, "open_poll", &path)
            .await
            .says(422, "needs more choices");
        let edit = |more| {
            let (olga, mut form) = (olga.clone(), with(more));
            form["poll"] = json!(id(&path));
            async move { olga.call("edit_poll", form).await }
        };
        made(&edit(json!({ "save": "draft", "closes": "2020-01-01T00:00" })).await);
        run(&olga, "open_poll", &path)
            .await
            .says(422, "This poll's closing time has passed.");
        made(&edit(json!({ "save": "draft" })).await);
        made(&run(&olga, "open_poll", &path).await);
        paul.get(&path).await.says(200, "Tea or coffee?");
        assert_eq!(stored(&site, &path).await.poll.opens_at, START_TIME);
        run(&olga, "open_poll", &path)
            .await
            .says(422, "This poll has already opened.");
    }
}
