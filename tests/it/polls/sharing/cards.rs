//! The result card: an image of the result, once it is final.

use pollstr::polls::model::poll::ResultsRule;
use pollstr::polls::sealing::seal::seal_due;
use reqwest::Method;

use crate::polls::downloads::voted;
use crate::support::app::Site;
use crate::support::browser::{Page, Person};
use crate::support::html;

async fn card(person: &Person, poll: &str) -> Page {
    person.get(&format!("{poll}/result.png")).await
}

async fn png(person: &Person, poll: &str) -> Vec<u8> {
    let path = format!("{poll}/result.png");
    let answer = person.request(Method::GET, &path).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.bytes().await.unwrap().to_vec()
}

/// Returns the width and height of a PNG, which resvg decodes.
fn size_of(png: &[u8]) -> (u32, u32) {
    let image = resvg::tiny_skia::Pixmap::decode_png(png).unwrap();
    (image.width(), image.height())
}

#[tokio::test]
async fn the_card_shows_the_result_once_it_is_final() {
    for site in Site::on_each_database().await {
        let public = |draft: &mut pollstr::polls::store::drafts::Draft| {
            draft.results = ResultsRule::Always;
        };
        let (poll, _) = voted(&site, public, &[&[1], &[1], &[2]]).await;
        let (other, _) = voted(&site, public, &[&[1], &[2], &[2]]).await;
        let visitor = site.visitor();
        // Even of public results: others would keep the picture while the votes change.
        card(&visitor, &poll)
            .await
            .says(403, "available after the poll closes");
        let page = visitor.get(&format!("{poll}/results")).await;
        assert!(!page.body.contains("result.png"), "{}", page.body);
        site.clock.advance(3_600);
        let soon = card(&visitor, &poll).await;
        soon.says(503, "its ballots are being sealed");
        assert_eq!(
            (soon.header("retry-after"), soon.header("cache-control")),
            ("5", "no-store")
        );
        seal_due(&site.state.db, &site.clock).await.unwrap();

        let (first, second) = (png(&visitor, &poll).await, png(&visitor, &other).await);
        assert_eq!(
            (size_of(&first), size_of(&second)),
            ((1200, 630), (1200, 630))
        );
        assert_ne!(first, second);
        let answer = card(&visitor, &poll).await;
        assert_eq!(
            (
                answer.header("content-type"),
                answer.header("cache-control"),
                answer.header("cross-origin-resource-policy")
            ),
            ("image/png", "public, max-age=300", "cross-origin")
        );
        let known = visitor
            .request(Method::GET, &format!("{poll}/result.png"))
            .header("if-none-match", answer.header("etag"));
        assert_eq!(visitor.send(known).await.status, 304);

        let page = visitor.get(&format!("{poll}/results")).await;
        let files = html::attributes(&page.body, ".files a", "href");
        assert!(files.contains(&format!("{poll}/result.png")), "{files:?}");
        let meta = |name: &str| {
            html::attribute(&page.body, &format!("meta[property=\"{name}\"]"), "content").unwrap()
        };
        assert_eq!(
            meta("og:image"),
            format!("{}{poll}/result.png", site.origin)
        );
        assert!(
            meta("og:image:alt").contains("has the most votes: 2."),
            "{}",
            meta("og:image:alt")
        );
        // The poll's own page is introduced by its question as before.
        visitor.get(&poll).await.says(
            200,
            &format!("content=\"{}{poll}/picture.png\"", site.origin),
        );
    }
}

#[tokio::test]
async fn before_the_close_no_card_depends_on_who_asks_or_what_was_voted() {
    let site = Site::new().await;
    for rule in [
        ResultsRule::Always,
        ResultsRule::AfterVote,
        ResultsRule::AfterClose,
    ] {
        let mut seen = Vec::new();
        for chosen in [&[][..], &[&[1][..], &[2][..]][..]] {
            let (poll, _) = voted(&site, |draft| draft.results = rule, chosen).await;
            let answer = card(&site.visitor(), &poll).await;
            let mut headers = answer.headers.clone();
            headers.remove("date");
            headers.remove("x-request-id");
            assert_eq!(answer.header("set-cookie"), "");
            seen.push((answer.status.as_u16(), headers, answer.body));
        }
        assert_eq!(seen[0], seen[1]);
        assert_eq!(seen[0].0, 403);
    }
}

#[tokio::test]
async fn a_poll_that_a_stranger_cannot_see_has_no_card_for_anyone() {
    let site = Site::new().await;
    let (draft, _) = voted(&site, |draft| draft.draft = true, &[]).await;
    let (hidden, _) = voted(&site, |_| {}, &[&[1]]).await;
    let (unlisted, _) = voted(&site, |draft| draft.listed = false, &[&[1]]).await;
    let owner = site.verified("olga", "+447700900122").await;
    site.execute("UPDATE poll SET owner_id = (SELECT id FROM account WHERE username = 'olga')")
        .await;
    site.clock.advance(3_600);
    seal_due(&site.state.db, &site.clock).await.unwrap();
    let id = hidden.trim_start_matches("/polls/");
    assert_eq!(card(&owner, &hidden).await.status, 200);
    site.execute(&format!(
        "UPDATE poll SET hidden_reason = 'It is rude.' WHERE public_id = '{id}'"
    ))
    .await;
    for person in [&site.visitor(), &owner] {
        for poll in [&draft, &hidden, &"/polls/nosuchpoll".to_owned()] {
            assert_eq!(card(person, poll).await.status, 404, "{poll}");
        }
        let answer = card(person, &unlisted).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("x-robots-tag")),
            (200, "noindex")
        );
    }
}
