//! The list of sessions, and a session left open.

use crate::accounts::settings::{PASSWORD, logs_in};
use crate::support::app::Site;

#[tokio::test]
async fn a_browser_left_open_gives_no_data_away_after_ten_minutes() {
    let site = Site::new().await;
    let amy = site.verified("amy", "+447700900123").await;
    let poll = serde_json::json!({ "question": "Whose turn is it?", "choice": ["Mine", "Yours"], "save": "draft" });
    amy.call("create_poll", poll).await.says(200, "next");
    site.clock.advance(600);
    amy.get("/account/data")
        .await
        .says(200, "Download the file");
    let file = amy.get("/account/data.json").await;
    file.says(200, "\"phone_number\": \"+447700900123\"");
    file.says(200, "\"username\": \"amy\"");
    file.says(200, "\"what\": \"You verified your number\"");
    let data: serde_json::Value = serde_json::from_str(&file.body).unwrap();
    assert_eq!(data["polls"][0]["question"], "Whose turn is it?");
    assert_eq!(
        data["polls"][0]["choices"],
        serde_json::json!(["Mine", "Yours"])
    );
    assert_eq!(
        data["polls"].as_array().unwrap().len(),
        1,
        "and nobody else's"
    );
    assert_eq!(data["codes_sent_today"][0]["country"], "GB");
    assert_eq!(file.header("content-type"), "application/json");
    assert_eq!(
        file.header("content-disposition"),
        "attachment; filename=\"pollstr-data.json\""
    );
    assert_eq!(file.header("cache-control"), "no-store");
    site.clock.advance(1);
    amy.get("/account/data.json").await.goes_to("/account/data");
    amy.get("/account/data")
        .await
        .goes_to("/account/confirm?next=/account/data");
    amy.fill(
        "/account/confirm?next=/account/data",
        "Continue",
        &[("password", PASSWORD)],
    )
    .await
    .goes_to("/account/data");
    assert_eq!(amy.get("/account/data.json").await.status, 200);
    let stranger = site.visitor();
    stranger
        .get("/account/data.json")
        .await
        .goes_to("/account/data");
}

#[tokio::test]
async fn sessions_are_listed_and_ended_one_by_one_or_all_at_once() {
    for site in Site::on_each_database().await {
        let amy = site.registered("amy").await;
        let phone = "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0";
        let away = amy.with_user_agent(phone);
        let (away, third) = (
            logs_in(&away, "amy", PASSWORD).await,
            logs_in(&amy, "amy", PASSWORD).await,
        );
        let page = amy.get("/account").await;
        page.says(200, "Firefox on Android");
        page.says(200, &amy.place());
        assert_eq!(page.body.matches(">this browser<").count(), 1);
        let listed: serde_json::Value =
            serde_json::from_str(&amy.get("/api/sessions").await.body).unwrap();
        assert_eq!(listed[0]["current"], true);
        let handle = listed
            .as_array()
            .unwrap()
            .iter()
            .find(|session| session["browser"] == "Firefox on Android")
            .unwrap()["handle"]
            .clone();
        site.clock.advance(601);
        amy.fill("/account", "Log out everywhere else", &[])
            .await
            .goes_to("/account/confirm?next=/account");
        amy.fill(
            "/account/confirm?next=/account",
            "Continue",
            &[("password", PASSWORD)],
        )
        .await
        .goes_to("/account");
        let ben = site.registered("ben").await;
        assert_eq!(
            ben.call("end_session", serde_json::json!({ "session": handle }))
                .await
                .status,
            200
        );
        away.get("/account").await.says(200, "Your account");
        assert_eq!(
            amy.call("end_session", serde_json::json!({ "session": handle }))
                .await
                .status,
            200
        );
        amy.get("/account")
            .await
            .says(200, "That browser is logged out.");
        away.get("/account").await.goes_to("/login?next=/account");
        third
            .get("/account")
            .await
            .says(200, "You logged out another browser: Firefox on Android");
        amy.fill("/account", "Log out everywhere else", &[])
            .await
            .goes_to("/account");
        third.get("/account").await.goes_to("/login?next=/account");
        amy.get("/account")
            .await
            .says(200, "All other browsers are logged out.");
    }
}
