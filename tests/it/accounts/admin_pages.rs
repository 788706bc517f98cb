//! What admins may do, and others may not.

use pollstr::accounts::admin::pages::account_path;
use serde_json::json;

use crate::polls::create::{NUMBER, id, made, make, run, stored};
use crate::support::app::Site;
use crate::support::browser::Person;
use crate::support::html;

/// Returns an admin.
pub(crate) async fn admin(site: &Site) -> Person {
    let ada = site.verified("ada", "+447700900199").await;
    let sql = "UPDATE account SET role = 'admin' WHERE username_key = 'ada'";
    pollstr::platform::db::execute(site.state.db.write(), sql, [])
        .await
        .unwrap();
    ada
}

#[tokio::test]
async fn an_admin_takes_a_poll_down_and_its_owner_reads_the_reason() {
    for site in Site::on_each_database().await {
        let (ada, olga, paul) = (
            admin(&site).await,
            site.verified("olga", NUMBER).await,
            site.verified("paul", "+447700900124").await,
        );
        let path = make(&olga, json!({ "question": "Buy my pills?" })).await;
        let watched = format!("/admin{path}");
        ada.get("/").await.says(200, "href=\"/admin\"");
        for search in ["", "?q=pill", "?q=OLGA", &format!("?q={}", id(&path))] {
            ada.get(&format!("/admin{search}"))
                .await
                .says(200, &watched);
        }
        ada.get("/admin?q=tulips")
            .await
            .says(200, "No polls found.");
        ada.fill(&watched, "Take down", &[("reason", " ")])
            .await
            .says(422, "Enter a reason");
        ada.fill(
            &watched,
            "Take down",
            &[("reason", "Advertising is not for here.")],
        )
        .await
        .goes_to(&watched);
        for person in [&paul, &site.visitor()] {
            person.get(&path).await.says(404, "Page not found");
        }
        assert!(!site.visitor().get("/").await.body.contains(&path));
        assert_eq!(
            paul.call("cast_vote", json!({ "poll": id(&path), "choice": "1" }))
                .await
                .status,
            404
        );
        olga.get(&path)
            .await
            .says(200, "Advertising is not for here.");
        olga.get("/account/polls")
            .await
            .says(200, "Taken down: Advertising is not for here.");
        olga.get("/account")
            .await
            .says(200, "One of your polls was taken down");
        ada.get("/account").await.says(200, "You took a poll down");
        ada.fill(&watched, "Restore", &[]).await.goes_to(&watched);
        paul.get(&path).await.says(200, "Buy my pills?");
        assert_eq!(
            ada.call("put_back_poll", json!({ "poll": id(&path) }))
                .await
                .status,
            404
        );
        let draft = make(&olga, json!({ "save": "draft" })).await;
        ada.get(&format!("/admin{draft}"))
            .await
            .says(404, "Page not found");
    }
}

#[tokio::test]
async fn an_admin_closes_a_poll_whose_owner_has_left_and_it_is_sealed() {
    for site in Site::on_each_database().await {
        let (ada, olga) = (admin(&site).await, site.verified("olga", NUMBER).await);
        let (left, other) = (make(&olga, json!({})).await, make(&olga, json!({})).await);
        let watched = format!("/admin{left}");
        let draft = make(&olga, json!({ "save": "draft" })).await;
        assert_eq!(run(&ada, "close_watched_poll", &draft).await.status, 404);
        made(&run(&ada, "close_watched_poll", &other).await);
        olga.get("/account")
            .await
            .says(200, "An admin closed one of your polls.");
        assert!(!ada.get(&watched).await.body.contains("Its owner has left."));
        made(
            &olga
                .call("cast_vote", json!({ "poll": id(&left), "choice": "1" }))
                .await,
        );
        olga.fill(
            "/account/delete",
            "Delete my account",
            &[("password", "four words and more")],
        )
        .await
        .goes_to("/");
        ada.get(&watched).await.says(200, "Its owner has left.");
        site.clock.advance(10);
        ada.fill(&watched, "Close the poll", &[])
            .await
            .goes_to(&watched);
        assert_eq!(
            stored(&site, &left).await.poll.closes_at,
            Some(site.clock.now())
        );
        assert_eq!(
            ada.call("cast_vote", json!({ "poll": id(&left), "choice": "1" }))
                .await
                .status,
            422
        );
        run(&ada, "close_watched_poll", &left)
            .await
            .says(422, "This poll isn't open");
        assert!(!ada.get(&watched).await.body.contains("Close the poll"));
        ada.get("/account")
            .await
            .says(200, "You closed a poll as an admin");
        assert_eq!(
            pollstr::polls::sealing::seal::seal_due(&site.state.db, &site.clock).await,
            Ok(2)
        );
    }
}

#[tokio::test]
async fn an_admin_suspends_an_account_and_its_owner_reads_the_reason() {
    for site in Site::on_each_database().await {
        let (ada, olga) = (admin(&site).await, site.verified("olga", NUMBER).await);
        ada.get("/admin/accounts")
            .await
            .says(200, "/admin/accounts/olga");
        ada.get("/admin/accounts?q=OL")
            .await
            .says(200, "/admin/accounts/olga");
        ada.get("/admin/accounts?q=%25")
            .await
            .says(200, "No accounts found.");
        ada.fill("/admin/accounts/olga", "Suspend", &[("reason", "")])
            .await
            .says(422, "Enter a reason");
        ada.fill(
            "/admin/accounts/olga",
            "Suspend",
            &[("reason", "Forty polls about pills.")],
        )
        .await
        .goes_to("/admin/accounts/olga");
        olga.get("/account/polls")
            .await
            .goes_to("/login?next=/account/polls");
        let login = [("username", "olga"), ("password", "four words and more")];
        assert!(
            olga.fill("/login", "Log in", &login)
                .await
                .body
                .contains("Forty polls about pills.")
        );
        ada.get("/admin/accounts/olga")
            .await
            .says(200, "Forty polls about pills.");
        ada.fill("/admin/accounts/olga", "Lift suspension", &[])
            .await
            .goes_to("/admin/accounts/olga");
        olga.fill("/login", "Log in", &login)
            .await
            .goes_to("/verify");
        let oneself = ada
            .call(
                "suspend_account",
                json!({ "username": "ada", "reason": "Bored." }),
            )
            .await;
        oneself.says(422, "from the command line");
        for (what, account) in [
            ("suspended", "olga"),
            ("restored", "olga"),
            ("suspended an account", "ada"),
            ("restored an account", "ada"),
        ] {
            let sql = format!(
                "SELECT COUNT(*) FROM audit_event JOIN account ON account.id = account_id WHERE kind = '{what}' AND username = '{account}'"
            );
            assert_eq!(site.count(&sql).await, 1, "{what}");
        }
    }
}

#[tokio::test]
async fn admin_pages_are_for_admins_only() {
    let site = Site::new().await;
    let olga = site.verified("olga", NUMBER).await;
    let path = make(&olga, json!({})).await;
    for page in [
        "/admin",
        "/admin/accounts",
        "/admin/accounts/test",
        &format!("/admin{path}"),
    ] {
        olga.get(page).await.says(403, "for admins only");
    }
    for function in [
        "take_down_poll",
        "put_back_poll",
        "close_watched_poll",
        "suspend_account",
        "restore_account",
    ] {
        let answer = olga
            .call(
                function,
                json!({ "poll": id(&path), "username": "test", "reason": "Because." }),
            )
            .await;
        assert_eq!(answer.status, 403, "{function}");
    }
    for function in [
        "site_numbers",
        "watched_polls",
        "watched_poll?id=x",
        "watched_accounts",
        "watched_account?name=test",
    ] {
        assert_eq!(
            olga.get(&format!("/api/{function}")).await.status,
            403,
            "{function}"
        );
    }
}

/// Each name has a direction of its own, so that it doesn't turn our sentence around.
#[tokio::test]
async fn a_name_from_right_to_left_stays_in_its_place() {
    let site = Site::new().await;
    let ada = admin(&site).await;
    let name = "דנה";
    let dana = site.verified(name, "+447700900123").await;
    let page = dana.get("/account").await.body;
    assert_eq!(html::text(&page, "summary .who[dir=auto]"), name);
    let path = make(&dana, json!({ "question": "מה?" })).await;
    let title = |page: &str| html::text(page, "title");
    let poll = dana.get(&path).await.body;
    assert_eq!(title(&poll), "\u{2068}מה?\u{2069} · Pollstr");
    assert_eq!(html::attribute(&poll, "h1", "dir").as_deref(), Some("auto"));
    for list in ["/admin", "/admin/accounts"] {
        let page = ada.get(list).await.body;
        let links = html::texts(&page, "a[href^='/admin/accounts/'][dir=auto]");
        assert!(links.contains(&name.to_owned()), "{list}: {links:?}");
    }
    let account = account_path(name);
    let page = ada.get(&account).await.body;
    assert_eq!(title(&page), format!("\u{2068}{name}\u{2069} · Pollstr"));
    assert_eq!(html::text(&page, "h1[dir=auto]"), name);
    ada.fill(&account, "Suspend", &[("reason", "Spam.")])
        .await
        .goes_to(&account);
    let page = ada.get("/account").await.body;
    assert_eq!(title(&page), "Your account · Pollstr");
    let isolated = html::texts(&page, "#activity bdi");
    assert_eq!(isolated[..2], [name, "Spam."]);
    assert!(
        html::text(&page, "#activity li")
            .contains(&format!("You suspended an account: {name}: Spam."))
    );
}
