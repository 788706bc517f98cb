//! Searching the list of polls, page by page.

use sea_orm::ConnectionTrait;

use crate::support::app::Site;
use crate::support::html;
use crate::voting::ballots::asked;

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

#[tokio::test]
async fn accents_case_and_missing_spaces_hide_no_poll() {
    for site in Site::on_each_database().await {
        for question in [
            "Which café?",
            "Welche Straße?",
            "İstanbul mu?",
            "東京オリンピックの会場はどこ?",
            "เราควรกินข้าวเที่ยงที่ไหน",
        ] {
            asked(&site, |draft| draft.question = question.to_owned()).await;
        }
        let visitor = site.visitor();
        for (search, question) in [
            ("cafe", "Which café?"),
            ("CAF%C3%89", "Which café?"),
            ("STRASSE", "Welche Straße?"),
            ("istanbul", "İstanbul mu?"),
            ("会場", "東京オリンピックの会場はどこ?"),
            ("オリンピック", "東京オリンピックの会場はどこ?"),
            ("ข้าว", "เราควรกินข้าวเที่ยงที่ไหน"),
        ] {
            let page = visitor.get(&format!("/?q={search}")).await;
            let found = html::texts(&page.body, "li.card h2");
            assert_eq!(found, [question], "{search}");
        }
        let page = visitor.get("/?q=京都").await;
        assert!(html::texts(&page.body, "li.card").is_empty());
    }
}

/// An index of an earlier version is replaced at the start, once.
#[tokio::test]
async fn polls_of_an_earlier_version_are_found() {
    for site in Site::on_each_database().await {
        asked(&site, |draft| draft.question = "Which café?".to_owned()).await;
        let db = site.state.db.write();
        let forget = "DELETE FROM poll_word; DELETE FROM setting WHERE name = 'search terms'";
        db.execute_unprepared(forget).await.unwrap();
        let found = async || {
            let page = site.visitor().get("/?q=cafe").await;
            html::texts(&page.body, "li.card").len()
        };
        assert_eq!(found().await, 0);
        let _other = site.second_instance().await;
        assert_eq!(found().await, 1);
        db.execute_unprepared("DELETE FROM poll_word")
            .await
            .unwrap();
        let _another = site.second_instance().await;
        assert_eq!(found().await, 0, "filled once, not at each start");
    }
}
