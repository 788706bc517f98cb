//! Polls that the operator closed, hid and deleted.

use pollstr::platform::clock::Clock;
use serde_json::json;

use crate::polls::create::{NUMBER, id, make};
use crate::support::app::{Site, until};
use crate::support::operator::{json, run, told};

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_closes_hides_shows_and_deletes_a_poll_and_its_owner_is_told() {
    for site in Site::on_each_database_at(Clock::system, &[]).await {
        let olga = site.verified("olga", NUMBER).await;
        let path = make(&olga, json!({ "results": "always" })).await;
        let (id, visitor) = (id(&path), site.visitor());
        olga.call("cast_vote", json!({ "poll": id, "choice": "1" }))
            .await
            .says(200, "");
        let state = || json(&site, &["poll", "show", &id])["state"].clone();
        assert_eq!(state(), "open");
        assert_eq!(
            told(&site, &["poll", "close", &id]),
            format!("Closed {id}. Votes so far count.\n")
        );
        assert_eq!(state(), "closed");
        assert_eq!(
            run(&site, &["poll", "close", &id]).fails(1),
            format!("the poll {id} isn't open, so it can't be closed")
        );
        // The site shows it once it has read the poll again.
        let shows = async |status: u16| visitor.get(&path).await.status == status;
        for reason in ["", "  ", "\u{7}"] {
            assert_eq!(
                run(&site, &["poll", "hide", &id, "--reason", reason]).fails(1),
                "hiding a poll needs a reason of up to 200 characters; its owner will see it"
            );
        }
        told(&site, &["poll", "hide", &id, "--reason", "Advertising"]);
        until(async || shows(404).await).await;
        olga.get(&path).await.says(200, "Advertising");
        let hidden = json(&site, &["poll", "show", &id]);
        assert_eq!(
            (&hidden["hidden_reason"], &hidden["votes"]),
            (&json!("Advertising"), &json!(null))
        );
        assert_eq!(
            told(&site, &["poll", "unhide", &id]),
            format!("{id} can be seen again.\n")
        );
        until(async || shows(200).await).await;
        assert_eq!(
            run(&site, &["poll", "unhide", &id]).fails(1),
            format!("the poll {id} isn't hidden")
        );
        let asked = run(&site, &["poll", "delete", &id]);
        assert_eq!(
            asked.fails(4),
            format!("nothing was changed; add --yes to delete {id}")
        );
        assert!(
            asked.out.ends_with("Question: Tea or coffee?\n"),
            "{asked:?}"
        );
        assert_eq!(site.count("SELECT COUNT(*) FROM ballot").await, 1);
        assert_eq!(
            told(&site, &["poll", "delete", &id, "--yes"]),
            format!("Deleted {id} with all its votes.\n")
        );
        until(async || shows(404).await).await;
        let rows = format!("SELECT COUNT(*) FROM poll WHERE public_id = '{id}'");
        for rows in [
            rows.as_str(),
            "SELECT COUNT(*) FROM ballot",
            "SELECT COUNT(*) FROM participation",
        ] {
            assert_eq!(site.count(rows).await, 0, "{rows}");
        }
        let page = olga.get("/account").await;
        for words in [
            "An admin closed one of your polls.",
            "An admin took down one of your polls.",
            "One of your polls was restored",
            "An admin deleted one of your polls, with its votes.",
            "the command line",
        ] {
            page.says(200, words);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn drafts_and_polls_that_do_not_exist_are_not_found() {
    let site = Site::new().await;
    let olga = site.verified("olga", NUMBER).await;
    let draft = id(&make(&olga, json!({ "save": "draft" })).await);
    for id in [draft.as_str(), "zzzzzzzzzz", "'; DROP TABLE poll", ""] {
        for arguments in [
            &["poll", "show", id][..],
            &["poll", "close", id],
            &["poll", "hide", id, "--reason", "x"],
            &["poll", "unhide", id],
            &["poll", "delete", id],
            &["poll", "delete", id, "--yes"],
        ] {
            let line =
                format!("there is no published poll \"{id}\"; `pollstr poll list` shows all");
            assert_eq!(run(&site, arguments).fails(3), line, "{arguments:?}");
        }
    }
    let missing = run(&site, &["recount", "zzzzzzzzzz"]);
    assert_eq!(missing.fails(3), "zzzzzzzzzz: no such poll or file");
    let drafts = "SELECT COUNT(*) FROM poll WHERE draft AND owner_id IS NOT NULL";
    assert_eq!(site.count(drafts).await, 1);
}
