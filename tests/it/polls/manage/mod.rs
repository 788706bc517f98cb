//! Managing polls: only their owner may, and the process shows each change at once.

mod closing;
mod corrected;
mod correcting;
mod deleting;
mod opening;

use sea_orm::ConnectionTrait;
use serde_json::json;

use crate::polls::create::{NUMBER, id, made, make, run};
use crate::support::app::Site;

#[tokio::test]
async fn what_was_done_through_a_process_is_seen_there_at_once() {
    let site = Site::new().await;
    let olga = site.verified("olga", NUMBER).await;
    let ada = site.verified("ada", "+447700900124").await;
    site.state
        .db
        .write()
        .execute_unprepared("UPDATE account SET role = 'admin' WHERE username = 'ada'")
        .await
        .unwrap();
    let path = make(
        &olga,
        json!({ "opens": "2027-01-01T00:00", "results": "always" }),
    )
    .await;
    let here = site.second_instance_with_cache().await;
    let (olga, ada, visitor) = (olga.at(&here.origin), ada.at(&here.origin), here.visitor());
    visitor.get(&path).await.says(200, "Tea or coffee?");
    visitor
        .get(&format!("{path}/results"))
        .await
        .says(200, ">Coffee<");
    let form = json!({ "poll": id(&path), "question": "Tea or milk?", "choice": ["Tea", "Milk"], "opens": "2027-01-01T00:00", "results": "always" });
    made(&olga.call("edit_poll", form).await);
    visitor
        .get(&format!("{path}/results"))
        .await
        .says(200, ">Milk<");
    made(&run(&olga, "open_poll", &path).await);
    visitor.get(&path).await.says(200, ">Open<");
    made(
        &olga
            .call("list_poll", json!({ "poll": id(&path), "listed": "no" }))
            .await,
    );
    visitor.get(&path).await.says(200, "Unlisted");
    made(
        &olga
            .call("cast_vote", json!({ "poll": id(&path), "choice": "2" }))
            .await,
    );
    visitor
        .get(&format!("{path}/results"))
        .await
        .says(200, "1 vote so far");
    made(
        &olga
            .call(
                "extend_poll",
                json!({ "poll": id(&path), "closes": "2027-01-02T00:00" }),
            )
            .await,
    );
    visitor.get(&path).await.says(200, "Open until");
    made(
        &olga
            .call(
                "correct_poll",
                json!({ "poll": id(&path), "correction": "Green tea is tea." }),
            )
            .await,
    );
    for page in ["", "/results", "/embed"] {
        visitor
            .get(&format!("{path}{page}"))
            .await
            .says(200, "Green tea is tea.");
    }
    made(&run(&olga, "close_poll", &path).await);
    visitor.get(&path).await.says(200, ">Closed<");
    made(
        &ada.call(
            "take_down_poll",
            json!({ "poll": id(&path), "reason": "Spam" }),
        )
        .await,
    );
    visitor.get(&path).await.says(404, "Page not found");
    made(
        &ada.call("put_back_poll", json!({ "poll": id(&path) }))
            .await,
    );
    visitor.get(&path).await.says(200, ">Closed<");
    made(&run(&olga, "delete_poll", &path).await);
    visitor.get(&path).await.says(404, "Page not found");
    // A stranger's post changes nothing.
    let other = site.poll().await;
    visitor.get(&other).await.says(200, "Share this poll");
    site.state
        .db
        .write()
        .execute_unprepared("UPDATE poll SET question = 'Changed behind its back'")
        .await
        .unwrap();
    visitor
        .fill(
            "/login",
            "Log in",
            &[("username", "nobody"), ("password", "no password at all")],
        )
        .await
        .says(422, "match");
    assert!(!visitor.get(&other).await.body.contains("Changed behind"));
}

#[tokio::test]
async fn only_its_owner_runs_a_poll() {
    let site = Site::new().await;
    let (olga, paul) = (
        site.verified("olga", NUMBER).await,
        site.verified("paul", "+447700900124").await,
    );
    let path = make(&olga, json!({ "opens": "2027-01-01T00:00" })).await;
    for function in [
        "open_poll",
        "close_poll",
        "extend_poll",
        "correct_poll",
        "list_poll",
        "copy_poll",
        "delete_poll",
        "edit_poll",
    ] {
        assert_eq!(run(&paul, function, &path).await.status, 404, "{function}");
        assert_eq!(
            run(&paul, function, &site.poll().await).await.status,
            404,
            "{function}: the demo's polls are nobody's"
        );
    }
    paul.get(&format!("{path}/edit"))
        .await
        .says(404, "Page not found");
    assert!(!paul.get(&path).await.body.contains("organiser"));
    assert!(!paul.get("/account/polls").await.body.contains(&path));
    paul.get(&format!("{path}/vote"))
        .await
        .says(200, "Voting begins on");
}
