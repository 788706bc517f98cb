//! Link previews and their images.

use pollstr::polls::model::poll::ResultsRule;
use reqwest::Method;

use crate::polls::sharing::{asked, oembed, picture, votes};
use crate::support::app::Site;
use crate::support::html;

#[tokio::test]
async fn while_results_are_hidden_shared_content_does_not_depend_on_votes() {
    let site = Site::new().await;
    for rule in [ResultsRule::AfterVote, ResultsRule::AfterClose] {
        let poll = asked(&site, |draft| {
            (draft.results, draft.closes_at) = (rule, Some(site.clock.now() + 360_000));
        })
        .await;
        let visitor = site.visitor();
        let paths = [
            format!("{poll}/embed"),
            oembed(&site, &poll, "&format=json"),
            format!("{poll}/picture.png"),
            poll.clone(),
        ];
        let all = async || {
            let mut seen = Vec::new();
            for path in &paths {
                let answer = visitor
                    .send(
                        visitor
                            .request(Method::GET, path)
                            .header("accept", "text/html"),
                    )
                    .await;
                let mut headers = answer.headers.clone();
                for name in ["date", "x-request-id", "set-cookie"] {
                    headers.remove(name);
                }
                // Each form has a new token.
                let token = html::attribute(&answer.body, "input[name=_csrf]", "value");
                let body = answer.body.replace(&token.unwrap_or("none".to_owned()), "");
                seen.push((answer.status, headers, body));
            }
            seen
        };
        let (before, drawn) = (all().await, picture(&visitor, &poll).await);
        let number = if rule == ResultsRule::AfterVote {
            123
        } else {
            223
        };
        votes(
            &site,
            &format!("amy{number}"),
            &format!("+447700900{number}"),
            &poll,
        )
        .await
        .get("/")
        .await
        .says(200, "Open polls");
        assert_eq!(before, all().await);
        assert_eq!(drawn, picture(&visitor, &poll).await);
    }
}

#[tokio::test]
async fn a_poll_is_introduced_where_its_link_is_shown() {
    let site = Site::new().await;
    let visitor = site.visitor();
    let poll = asked(&site, |_| {}).await;
    let page = visitor.get(&poll).await;
    let (head, body) = page.body.split_once("</head>").unwrap();
    for words in [
        format!("<link rel=\"canonical\" href=\"{}{poll}\"/>", site.origin),
        "<meta property=\"og:title\" content=\"Which &quot;dog&quot;?\"/>".to_owned(),
        "<meta property=\"og:description\" content=\"Beagle · Collie\"/>".to_owned(),
        format!(
            "<meta property=\"og:image\" content=\"{}{poll}/picture.png\"/>",
            site.origin
        ),
        "<meta name=\"twitter:card\" content=\"summary_large_image\"/>".to_owned(),
        "type=\"application/json+oembed\"".to_owned(),
    ] {
        assert!(head.contains(&words), "{words}: {head}");
    }
    assert!(!head.contains("noindex"));
    assert!(
        body.contains(&format!(">{}{poll}</code>", site.origin)) && body.contains("role=\"img\""),
        "{body}"
    );

    let unlisted = asked(&site, |draft| draft.listed = false).await;
    visitor
        .get(&unlisted)
        .await
        .says(200, "<meta name=\"robots\" content=\"noindex\"/>");
    assert_eq!(
        visitor
            .get(&format!("{unlisted}/picture.png"))
            .await
            .header("x-robots-tag"),
        "noindex"
    );
    for other in ["/", "/login", "/polls/nosuchpoll"] {
        assert!(
            !visitor.get(other).await.body.contains("canonical"),
            "{other}"
        );
    }
    let results = asked(&site, |draft| draft.results = ResultsRule::Always).await;
    let page = visitor.get(&format!("{results}/results")).await;
    page.says(
        200,
        &format!(
            "<link rel=\"canonical\" href=\"{}{results}\"/>",
            site.origin
        ),
    );
    page.says(
        200,
        "<meta property=\"og:description\" content=\"Beagle · Collie\"/>",
    );
    let part = visitor
        .send(
            visitor
                .request(Method::GET, &poll)
                .header("hx-request", "true"),
        )
        .await;
    assert!(!part.body.contains("canonical") && part.body.contains("Share this poll"));
}

#[tokio::test]
async fn a_poll_that_is_not_public_reveals_nothing() {
    for site in Site::on_each_database().await {
        let poll = asked(&site, |_| {}).await;
        let hidden = asked(&site, |_| {}).await;
        let id = hidden.trim_start_matches("/polls/");
        let draft = asked(&site, |draft| draft.draft = true).await;
        let sql = format!("UPDATE poll SET hidden_reason = 'It is rude.' WHERE public_id = '{id}'");
        sea_orm::ConnectionTrait::execute_unprepared(site.state.db.write(), &sql)
            .await
            .unwrap();
        let visitor = site.visitor();
        for (poll, status) in [
            (&poll, 200),
            (&hidden, 404),
            (&draft, 404),
            (&"/polls/nosuchpoll".to_owned(), 404),
        ] {
            for path in [
                format!("{poll}/embed"),
                format!("{poll}/picture.png"),
                oembed(&site, poll, ""),
            ] {
                let answer = visitor.get(&path).await;
                assert_eq!(answer.status, status, "{path}");
                assert_eq!(
                    answer.body.contains("dog"),
                    status == 200 && !path.ends_with("png"),
                    "{path}"
                );
            }
        }
        visitor
            .get(&format!("{hidden}/embed"))
            .await
            .says(404, "This poll is no longer available.");
    }
}

#[tokio::test]
async fn the_picture_of_a_question_is_kept_by_browsers_while_it_is_the_same() {
    let site = Site::new().await;
    let (visitor, poll) = (site.visitor(), site.poll().await);
    let path = format!("{poll}/picture.png");
    let png = picture(&visitor, &poll).await;
    assert!(png.starts_with(b"\x89PNG"));
    assert_eq!(
        png[16..24],
        [1200_u32.to_be_bytes(), 630_u32.to_be_bytes()].concat()
    );
    let answer = visitor.get(&path).await;
    assert_eq!(
        (
            answer.header("content-type"),
            answer.header("cache-control")
        ),
        ("image/png", "public, max-age=300")
    );
    let etag = answer.header("etag").to_owned();
    for known in [etag.clone(), format!("\"other\", W/{etag}")] {
        let again = visitor
            .send(
                visitor
                    .request(Method::GET, &path)
                    .header("if-none-match", &known),
            )
            .await;
        assert_eq!(
            (
                again.status.as_u16(),
                again.body.as_str(),
                again.header("etag")
            ),
            (304, "", etag.as_str())
        );
    }
    let other = visitor
        .send(
            visitor
                .request(Method::GET, &path)
                .header("if-none-match", "\"other\""),
        )
        .await;
    assert_eq!(other.status, 200);
    assert_eq!(
        site.second_instance()
            .await
            .visitor()
            .get(&path)
            .await
            .header("etag"),
        etag,
        "every process draws the same"
    );
}
