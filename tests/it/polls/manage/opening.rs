//! Editing before a poll opens, and what stays fixed afterwards.

use serde_json::json;

use crate::polls::create::{NUMBER, id, made, make, run, stored, with};
use crate::support::app::Site;

#[tokio::test]
async fn what_is_asked_freezes_when_the_poll_opens() {
    for site in Site::on_each_database().await {
        let olga = site.verified("olga", NUMBER).await;
        let path = make(
            &olga,
            json!({ "opens": "2026-11-24T07:00", "closes": "2026-11-24T09:00" }),
        )
        .await;
        let edit = || {
            olga.call(
                "edit_poll",
                with(
                    json!({ "poll": id(&path), "question": "Beer?", "opens": "2026-11-24T07:00" }),
                ),
            )
        };
        olga.get(&format!("{path}/vote"))
            .await
            .says(200, "This is a preview");
        site.clock.advance(3_599);
        made(&edit().await);
        assert_eq!(stored(&site, &path).await.poll.question, "Beer?");
        site.clock.advance(1);
        edit().await.says(422, "This poll has opened");
        olga.get(&format!("{path}/edit"))
            .await
            .says(200, "This poll has opened");
        olga.fill(&format!("{path}/vote"), "Vote", &[("choice", "2")])
            .await
            .goes_to(&format!("{path}/results"));
    }
}

#[tokio::test]
async fn a_poll_that_is_changed_before_it_opens_is_counted_as_it_is_now_everywhere() {
    for site in Site::on_each_database().await {
        let second_instance = site.second_instance().await;
        let olga = site.verified("olga", NUMBER).await;
        let path = make(
            &olga,
            json!({ "opens": "2027-01-01T00:00", "results": "always" }),
        )
        .await;
        let results = format!("{path}/results");
        second_instance
            .visitor()
            .get(&results)
            .await
            .says(200, ">Coffee<");
        let form = json!({ "poll": id(&path), "question": "Tea or milk?", "choice": ["Tea", "Milk"], "opens": "2027-01-01T00:00", "results": "always" });
        made(&olga.call("edit_poll", form).await);
        second_instance
            .visitor()
            .get(&results)
            .await
            .says(200, ">Milk<");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_voted_on_is_what_was_asked_however_opening_and_editing_race() {
    for site in Site::on_each_database().await {
        let (olga, second_instance) = (
            site.verified("olga", NUMBER).await,
            site.second_instance().await,
        );
        for round in 0..15 {
            let path = make(
                &olga,
                json!({ "opens": "2027-01-01T00:00", "choice": ["Old 1", "Old 2"] }),
            )
            .await;
            let edit = with(
                json!({ "poll": id(&path), "question": "New?", "choice": ["New 1"], "save": "draft" }),
            );
            let other = olga.at(&second_instance.origin);
            let (edited, opened) = tokio::join!(
                olga.call("edit_poll", edit),
                run(&other, "open_poll", &path)
            );
            let poll = stored(&site, &path).await.poll;
            let first = poll.choices[0].text.as_str();
            // The first to lock the poll decides what the other finds.
            match (edited.status.as_u16(), opened.status.as_u16()) {
                (200, 422) => {
                    assert_eq!((poll.choices.len(), first), (1, "New 1"), "round {round}");
                }
                (422, 200) => {
                    assert_eq!((poll.choices.len(), first), (2, "Old 1"), "round {round}");
                }
                other => panic!("round {round}: {other:?}"),
            }
        }
        // No round exceeds the daily limit: 15 polls were created.
        assert_eq!(
            site.count("SELECT COUNT(*) FROM poll WHERE owner_id IS NOT NULL")
                .await,
            15
        );
    }
}
