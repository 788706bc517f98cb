//! Journeys from the first visit to the vote, and what goes wrong on the way.

mod codes;
mod numbers;
mod refusals;

use pollstr::polls::store::drafts;
use pollstr::polls::store::drafts::Draft;

use crate::support::app::{START_TIME, Site};
use crate::support::html;

#[tokio::test]
async fn a_stranger_registers_proves_a_number_votes_and_sees_the_results() {
    for site in Site::on_each_database().await {
        let (amy, poll) = (site.visitor(), site.poll().await);
        amy.get(&format!("{poll}/vote"))
            .await
            .goes_to(&format!("/login?next={poll}/vote"));
        let fields = [("username", "amy"), ("password", "four words and more")];
        amy.fill(
            &format!("/register?next={poll}/vote"),
            "Create account",
            &fields,
        )
        .await
        .goes_to(&format!("/verify?next={poll}/vote"));
        let verify = format!("/verify?next={poll}/vote");
        let code_page = format!("/verify/code?next={poll}/vote");
        amy.fill(&verify, "Send code", &[("phone", "+44 7700 900123")])
            .await
            .goes_to(&code_page);
        assert_eq!(site.phones().messages()[0].to, "+447700900123");
        amy.get(&code_page).await.says(200, "+44 7700 900123");
        amy.fill(&code_page, "Confirm", &[("code", &site.code())])
            .await
            .goes_to(&format!("{poll}/vote"));
        amy.fill(&format!("{poll}/vote"), "Vote", &[("choice", "2")])
            .await
            .goes_to(&format!("{poll}/results"));
        let results = amy.get(&format!("{poll}/results")).await;
        results.says(200, "1 vote so far");
        results.says(200, "Your receipt");
        assert!(
            !amy.get(&format!("{poll}/results"))
                .await
                .body
                .contains("Your receipt"),
            "a receipt is shown once"
        );
        amy.fill(&format!("{poll}/vote"), "Log out", &[])
            .await
            .goes_to("/");
        amy.get("/").await.says(200, "You are logged out.");
    }
}

#[tokio::test]
async fn long_lists_go_page_by_page_there_and_back() {
    for site in Site::on_each_database().await {
        let transaction = site.state.db.begin().await.unwrap();
        for number in 1..=42 {
            let draft = Draft::asking(
                &format!("Question number {number}?"),
                &["A", "B"],
                START_TIME,
            );
            drafts::insert(&transaction, &draft, START_TIME)
                .await
                .unwrap();
        }
        transaction.commit().await.unwrap();
        let visitor = site.visitor();
        let open = async |path: &str| {
            let body = visitor.get(path).await.body;
            let link = |rel: &str| html::attribute(&body, &format!("a[{rel}]"), "href");
            let numbers = body
                .split("Question number ")
                .skip(1)
                .map(|rest| rest.split('?').next().unwrap().parse().unwrap());
            (
                numbers.collect::<Vec<u32>>(),
                link("rel=\"prev\""),
                link("rel=\"next\""),
            )
        };
        let (first, newer, older) = open("/?q=number").await;
        assert_eq!((first, newer), ((23..=42).rev().collect(), None));
        let (second, newer, third) = open(&older.unwrap()).await;
        assert_eq!(
            (second.clone(), newer.as_deref()),
            ((3..=22).rev().collect(), Some("/?q=number"))
        );
        let (last, newer, none) = open(&third.unwrap()).await;
        assert_eq!((last, none), (vec![2, 1], None));
        assert_eq!(newer.as_deref(), Some("/?q=number&page=2"));
        // A page number alone gives the same page; a number past the end gives an empty one, and a
        // malformed one the first.
        assert_eq!(open("/?q=number&page=2").await.0, second);
        assert_eq!(open("/?q=number&page=9").await.0, [0_u32; 0]);
        for odd in ["0", "-1", "x", "99999999999999999999"] {
            assert_eq!(
                open(&format!("/?q=number&page={odd}")).await.0.len(),
                20,
                "{odd}"
            );
        }
        // The next page continues after the last poll of the previous one, whatever happened in
        // between.
        let moved = format!("/?page=2&after={}", "nosuchpoll");
        assert_eq!(open(&moved).await.0.len(), 20);
    }
}
