//! Mobile numbers only: landlines can't vote if the poll or the site says so.

use pollstr::polls::sealing::bundle::Bundle;
use pollstr::polls::sealing::seal::seal_due;
use pollstr::polls::store::polls;
use serde_json::json;

use crate::polls::create::{id, make, run, stored};
use crate::support::app::Site;
use crate::support::browser::Person;
use crate::support::html;

const MOBILE: &str = "+447700900123";
const LANDLINE: &str = "+44 1632 960123";
const WORDS: &str = "Only mobile numbers can vote in this poll.";

async fn votes(person: &Person, poll: &str) -> crate::support::browser::Page {
    person
        .call("cast_vote", json!({ "poll": id(poll), "choice": "1" }))
        .await
}

#[tokio::test]
async fn a_poll_for_mobile_numbers_takes_no_landline_and_says_so_everywhere() {
    for site in Site::on_each_database().await {
        let olga = site.verified("olga", MOBILE).await;
        let poll = make(&olga, json!({ "mobile_only": "yes" })).await;
        let anybodys = make(&olga, json!({})).await;
        let larry = site.verified("larry", LANDLINE).await;
        larry.get(&poll).await.says(200, WORDS);
        let ballot = larry.get(&format!("{poll}/vote")).await;
        ballot.says(200, WORDS);
        assert!(
            !ballot.body.contains("name=\"choice\""),
            "there is no ballot to fill in"
        );
        votes(&larry, &poll).await.says(422, WORDS);
        assert_eq!(site.count("SELECT COUNT(*) FROM participation").await, 0);
        votes(&larry, &anybodys).await.says(200, "/results");
        votes(&olga, &poll).await.says(200, "/results");
        // Where mobiles and landlines can't be distinguished, a number counts as mobile.
        votes(&site.verified("uma", "+1 650 253 0000").await, &poll)
            .await
            .says(200, "/results");
        site.visitor()
            .get(&poll)
            .await
            .says(200, "Mobile numbers only");
    }
}

#[tokio::test]
async fn the_form_keeps_the_rule_and_a_copy_has_it_and_an_open_poll_does_not_change_it() {
    for site in Site::on_each_database().await {
        let olga = site.verified("olga", MOBILE).await;
        let draft = make(&olga, json!({ "mobile_only": "yes", "save": "draft" })).await;
        let form = olga.get(&format!("{draft}/edit")).await;
        form.says(200, "Mobile numbers only");
        assert!(
            html::are(&form.body, "#mobile_only", "[checked]") == [true],
            "{}",
            form.body
        );
        run(&olga, "open_poll", &draft).await.says(200, "");
        let edit = json!({ "poll": id(&draft), "question": "Tea?", "choice": ["Tea", "Coffee"] });
        olga.call("edit_poll", edit)
            .await
            .says(422, "This poll has opened");
        assert!(
            serde_json::to_value(stored(&site, &draft).await.poll).unwrap()["mobile_only"]
                .as_bool()
                .unwrap()
        );
        let copied = run(&olga, "copy_poll", &draft).await;
        let copy = crate::polls::create::made(&copied);
        assert!(
            serde_json::to_value(stored(&site, &copy).await.poll).unwrap()["mobile_only"]
                .as_bool()
                .unwrap()
        );
    }
}

#[tokio::test]
async fn a_bundle_says_mobile_numbers_only_and_others_are_the_same_as_ever() {
    let site = Site::new().await;
    let olga = site.verified("olga", MOBILE).await;
    for (more, says) in [(json!({ "mobile_only": "yes" }), true), (json!({}), false)] {
        let poll = make(&olga, more).await;
        votes(&olga, &poll).await.says(200, "/results");
        run(&olga, "close_poll", &poll).await.says(200, "");
        seal_due(&site.state.db, &site.clock).await.unwrap();
        let stored = polls::find(site.state.db.read(), &id(&poll), site.clock.now())
            .await
            .unwrap()
            .unwrap();
        let head = Bundle::of(&site.state.db, &stored)
            .await
            .unwrap()
            .piece()
            .await
            .unwrap()
            .unwrap();
        assert_eq!(head.contains("mobile_only"), says, "{head}");
        if !says {
            let end = "\"results\":\"after_vote\",\"changeable\":false,\"rankings\":false,\"countries\":[]},\n\"count\"";
            assert!(head.contains(end), "{head}");
        }
    }
}

#[tokio::test]
async fn a_site_for_mobile_numbers_takes_no_landlines_vote_in_any_poll() {
    for site in Site::on_each_database_with(&[("POLLSTR_MOBILE_ONLY", "on")]).await {
        let poll = site.poll().await;
        let larry = site.registered("larry").await;
        larry.get("/verify").await.says(200, "a mobile number");
        larry
            .fill("/verify", "Send code", &[("phone", LANDLINE)])
            .await
            .goes_to("/verify/code");
        larry
            .fill("/verify/code", "Confirm", &[("code", &site.code())])
            .await
            .goes_to("/account/recovery/offer");
        larry
            .get(&poll)
            .await
            .says(200, "Only mobile numbers can vote");
        votes(&larry, &poll)
            .await
            .says(422, "Only mobile numbers can vote");
        let mia = site.verified("mia", "+447700900124").await;
        votes(&mia, &poll).await.says(200, "/results");
        // The rule is kept in the recount file, whatever the site's setting is later.
        let made = make(&mia, json!({})).await;
        assert!(
            serde_json::to_value(stored(&site, &made).await.poll).unwrap()["mobile_only"]
                .as_bool()
                .unwrap()
        );
    }
}
