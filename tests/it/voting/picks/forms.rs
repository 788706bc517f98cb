//! The form on the poll page, its cookie, and the pages it leads to.

use pollstr::polls::model::kind::Kind;
use reqwest::Method;
use serde_json::json;

use crate::support::app::Site;
use crate::support::html;
use crate::voting::ballots::asked;
use crate::voting::picks::filled;

#[tokio::test]
async fn all_picks_look_alike_and_are_in_no_address_and_no_row() {
    let site = Site::new().await;
    let ranked = asked(&site, |draft| {
        draft.kind = Kind::Ranked;
        draft.choices = (1..=50).map(|number| format!("Dog {number}")).collect();
    })
    .await;
    let single = asked(&site, |_| ()).await;
    let places: Vec<_> = (1..=50)
        .map(|place| (format!("place_{place}"), (51 - place).to_string()))
        .collect();
    let all: Vec<_> = places
        .iter()
        .map(|(name, place)| (&**name, &**place))
        .collect();
    let mut sizes = Vec::new();
    for (poll, fields) in [
        (&ranked, &all[..]),
        (&ranked, &all[..1]),
        (&single, &[("choice", "1")]),
    ] {
        let amy = site.visitor();
        let page = amy.fill(poll, "Vote", fields).await;
        let cookies: Vec<_> = page
            .headers
            .get_all("set-cookie")
            .iter()
            .map(|cookie| cookie.to_str().unwrap().to_owned())
            .collect();
        let pick = cookies
            .iter()
            .find(|cookie| cookie.starts_with("pick="))
            .unwrap();
        let attributes = format!("; HttpOnly; SameSite=Lax; Path={poll}");
        assert!(pick.ends_with(&attributes), "{pick}");
        sizes.push(pick.len());
        // Addresses can't set one.
        let query = format!("{poll}?choice=1&_fn=pick");
        let page = site.visitor().get(&query).await;
        assert!(
            page.headers
                .get_all("set-cookie")
                .iter()
                .all(|cookie| !cookie.to_str().unwrap().starts_with("pick"))
        );
        assert!(filled(&page).is_empty());
    }
    assert!(sizes.iter().all(|size| *size == sizes[0]), "{sizes:?}");
    for table in [
        "session",
        "form_submission",
        "ballot",
        "participation",
        "account",
    ] {
        let rows = format!("SELECT COUNT(*) FROM {table}");
        let expected = i64::from(table == "account");
        assert_eq!(site.count(&rows).await, expected, "{table}");
    }
}

#[tokio::test]
async fn a_pick_is_refused_without_a_token_or_a_choice_and_outside_the_voting_time() {
    let site = Site::new().await;
    let poll = asked(&site, |draft| {
        draft.closes_at = Some(draft.opens_at + 3_600);
    })
    .await;
    let ranked = asked(&site, |draft| draft.kind = Kind::Ranked).await;
    let amy = site.visitor();
    let open = amy.form(&poll, "Vote").await;
    let chosen =
        |form: &[(String, String)]| [form, &[("choice".to_owned(), "2".to_owned())]].concat();
    let forged: Vec<_> = open
        .iter()
        .filter(|(name, _)| name != "_csrf")
        .cloned()
        .collect();
    let page = amy.post(&poll, &chosen(&forged)).await;
    page.says(
        422,
        "This page expired. Nothing is lost: press the button again.",
    );
    assert_eq!(
        (filled(&page), amy.cookie("pick")),
        (vec!["2".to_owned()], None)
    );
    let elsewhere = amy
        .request(Method::POST, &poll)
        .header("origin", "http://evil.example")
        .form(&chosen(&open));
    assert_eq!(amy.send(elsewhere).await.status, 403);

    amy.fill(&poll, "Vote", &[])
        .await
        .says(422, "You didn't select a choice.");
    amy.fill(&poll, "Vote", &[("choice", "9")])
        .await
        .says(422, "That choice isn't in this poll.");
    let same = [("place_1", "1"), ("place_2", "1"), ("place_3", "2")];
    let page = amy.fill(&ranked, "Vote", &same).await;
    page.says(422, "Two choices have the same rank.");
    assert_eq!(filled(&page), ["1", "1", "2"], "the places are kept");
    assert_eq!(amy.cookie("pick"), None);

    site.clock.advance(3_600);
    let page = amy.post(&poll, &chosen(&open)).await;
    page.says(422, "Voting has ended, so this vote wasn't counted.");
    assert!(html::hidden_fields(&page.body, "Vote").is_none());
    site.visitor()
        .call("pick", json!({ "poll": "nothing", "choice": "1" }))
        .await
        .says(404, "");
    assert_eq!(amy.cookie("pick"), None);
}

#[tokio::test]
async fn log_in_and_sign_up_name_the_poll_and_lead_to_each_other() {
    let site = Site::new().await;
    let poll = asked(&site, |draft| draft.question = "<Which> dog?".to_owned()).await;
    let draft = asked(&site, |draft| draft.draft = true).await;
    let visitor = site.visitor();
    for (page, other) in [("/register", "/login"), ("/login", "/register")] {
        let shown = visitor.get(&format!("{page}?next={poll}/vote")).await;
        shown.says(200, "To vote in “&lt;Which&gt; dog?” you need an account and a phone that gets texts. It takes about a minute.");
        shown.says(200, &format!("href=\"{other}?next={poll}/vote\""));
        for next in [
            format!("{draft}/vote"),
            "/polls/none/vote".to_owned(),
            "/account".to_owned(),
        ] {
            let shown = visitor.get(&format!("{page}?next={next}")).await;
            assert!(shown.status == 200 && !shown.body.contains("To vote in"));
        }
    }
}
