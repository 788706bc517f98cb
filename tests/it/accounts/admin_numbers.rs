//! The numbers that the admin page begins with.

use pollstr::accounts::limits::circuit_breaker::area::Kind;
use pollstr::accounts::limits::sends::status::Status;
use pollstr::polls::model::poll::ResultsRule;
use pollstr::polls::sealing::seal::seal_due;
use serde_json::Value;

use crate::accounts::admin_pages::admin;
use crate::support::app::{START_TIME, Site};
use crate::support::browser::Person;
use crate::support::html;
use crate::support::voters::{asked, cast_all, electorate};

/// The value of the row with this label on a page.
async fn row(person: &Person, label: &str) -> String {
    let page = person.get("/admin").await.body;
    let labels = html::texts(&page, "#numbers > .rows strong");
    let place = labels.iter().position(|text| text == label);
    let place = place.unwrap_or_else(|| panic!("no {label}: {labels:?}"));
    html::texts(&page, "#numbers > .rows .hint")[place].clone()
}

async fn numbers(person: &Person) -> Value {
    serde_json::from_str(&person.get("/api/site_numbers").await.body).unwrap()
}

#[tokio::test]
async fn the_admin_page_begins_with_what_happens_on_the_site() {
    let prices = [
        ("POLLSTR_PRICES", "GB=0.04, *=0.10"),
        ("POLLSTR_DAILY_SPEND", "20"),
    ];
    for site in Site::on_each_database_with(&prices).await {
        let ada = admin(&site).await;
        site.clock.advance(2 * 24 * 3_600);
        site.verified("amy", "+447700900124").await;
        let ada = ada.other_browser();
        let fields = [("username", "ada"), ("password", "four words and more")];
        ada.fill("/login", "Log in", &fields)
            .await
            .goes_to("/verify");
        ada.fill("/verify", "Send code", &[])
            .await
            .goes_to("/verify/code");
        ada.fill("/verify/code", "Confirm", &[("code", &site.code())])
            .await
            .goes_to("/account/recovery/offer");
        assert_eq!(row(&ada, "Accounts").await, "3 · 1 new today");
        assert_eq!(row(&ada, "Codes today").await, "2 of 5,000");
        assert_eq!(row(&ada, "Spent on codes today").await, "0.08 of 20.00");
        assert_eq!(row(&ada, "Paused countries").await, "None");

        let (country, network) = (Kind::Country.area("GB"), Kind::Network.area("203.0.113.0"));
        for (area, country) in [(country, "GB"), (network, "")] {
            site.execute(&format!(
                "INSERT INTO circuit_breaker (area, country, since, probe_at, judged_from, typed, lost)
                 VALUES ('{area}', '{country}', {START_TIME}, 0, 0, 1, 20)"
            ))
            .await;
        }
        assert_eq!(row(&ada, "Paused countries").await, "United Kingdom");

        // The command and the page say the same.
        let (db, ceilings) = (&site.state.db, &site.state.config.ceilings);
        let status = Status::read(db, ceilings, site.clock.now()).await.unwrap();
        let (printed, page) = (status.to_string(), ada.get("/admin").await.body);
        let shown = html::text(&page, "#numbers details");
        let printed = printed.replace('`', "");
        for pause in status.pauses() {
            assert!(
                printed.contains(&pause) && shown.contains(&pause),
                "{shown}"
            );
        }
        for (about, says) in status.rules() {
            assert!(
                printed.contains(&format!("{about}: {says}")) && shown.contains(&says),
                "{shown}"
            );
        }
        assert!(
            shown.contains("United Kingdom2 sent, 2 typed (100\u{a0}%), 0.08 spent"),
            "{shown}"
        );

        // Searching and paging leave the numbers out.
        assert!(
            !ada.get("/admin?q=dog")
                .await
                .body
                .contains("Polls being sealed")
        );
    }
}

#[tokio::test]
async fn votes_are_counted_where_everyone_may_see_them_and_nowhere_else() {
    for site in Site::on_each_database().await {
        let ada = admin(&site).await;
        let voters = electorate(&site.state, 0, 9).await;
        let mut first = 0;
        for (results, count) in [
            (ResultsRule::Always, 1),
            (ResultsRule::AfterVote, 3),
            (ResultsRule::AfterClose, 5),
        ] {
            let poll = asked(&site.state, |draft| {
                draft.results = results;
                draft.closes_at = Some(START_TIME + 60);
            })
            .await;
            let cast = voters[first..first + count]
                .iter()
                .map(|voter| voter.vote(&poll, &[1]));
            let outcomes = cast_all(&site.state.ballots, cast).await;
            assert!(outcomes.iter().all(Result::is_ok));
            first += count;
            assert_eq!(
                row(&ada, "Votes").await,
                "1 in polls with public results",
                "{results:?}"
            );
            assert_eq!(numbers(&ada).await["votes"], 1);
        }
        assert_eq!(row(&ada, "Polls being sealed").await, "0");
        site.clock.advance(60);
        assert_eq!(row(&ada, "Votes").await, "9 in polls with public results");
        assert_eq!(row(&ada, "Polls being sealed").await, "3");
        assert_eq!(seal_due(&site.state.db, &site.clock).await, Ok(3));
        assert_eq!(row(&ada, "Polls being sealed").await, "0");
        site.execute("UPDATE poll SET hidden_reason = 'No.' WHERE results = 'after_close'")
            .await;
        assert_eq!(row(&ada, "Votes").await, "4 in polls with public results");
    }
}
