//! Searching the list of polls, page by page.

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
