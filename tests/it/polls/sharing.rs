//! What other sites see of a poll: link preview, image, embed. Never a person, never a count too
//! early.

use pollstr::polls::model::poll::ResultsRule;
use pollstr::polls::store::drafts;
use pollstr::polls::store::drafts::Draft;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::app::Site;
use crate::support::browser::Person;

/// Creates a poll and returns its path.
async fn asked(site: &Site, change: impl FnOnce(&mut Draft)) -> String {
    let now = site.clock.now();
    let mut draft = Draft::asking("Which \"dog\"?", &["Beagle", "Collie"], now);
    change(&mut draft);
    let transaction = site.state.db.begin().await.unwrap();
    let id = drafts::insert(&transaction, &draft, now).await.unwrap();
    transaction.commit().await.unwrap();
    format!("/polls/{id}")
}

async fn votes(site: &Site, name: &str, number: &str, poll: &str) -> Person {
    let person = site.verified(name, number).await;
    person
        .call(
            "cast_vote",
            json!({ "poll": poll.trim_start_matches("/polls/"), "choice": "1" }),
        )
        .await
        .says(200, poll);
    person
}

/// Returns the bytes of an image.
async fn picture(person: &Person, poll: &str) -> Vec<u8> {
    let answer = person
        .request(Method::GET, &format!("{poll}/picture.png"))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    answer.bytes().await.unwrap().to_vec()
}

fn oembed(site: &Site, poll: &str, more: &str) -> String {
    format!("/oembed?url={}{poll}{more}", site.origin)
}

#[tokio::test]
async fn one_page_may_be_framed_and_only_that() {
    let site = Site::new().await;
    let (poll, visitor) = (site.poll().await, site.visitor());
    let usual = visitor
        .get("/")
        .await
        .header("content-security-policy")
        .to_owned();
    for path in ["", "/vote", "/results", "/embed", "/picture.png"]
        .map(|end| format!("{poll}{end}"))
        .into_iter()
        .chain(
            [
                "/",
                "/login",
                "/account",
                "/nothing",
                "/icon.svg",
                "/healthz",
                "/api/polls",
                "/polls/nosuchpoll/picture.png",
            ]
            .map(str::to_owned),
        )
    {
        let answer = visitor.get(&path).await;
        let framed = path.ends_with("/embed");
        let policy = answer.header("content-security-policy");
        assert_eq!(policy.contains("frame-ancestors *;"), framed, "{path}");
        assert_eq!(
            policy.contains("frame-ancestors 'none';"),
            !framed,
            "{path}"
        );
        assert_eq!(
            policy.replace("frame-ancestors *", "frame-ancestors 'none'"),
            usual,
            "{path}"
        );
        let shared = framed || path == format!("{poll}/picture.png") || path == "/icon.svg";
        assert_eq!(
            answer.header("cross-origin-resource-policy"),
            if shared {
                "cross-origin"
            } else {
                "same-origin"
            },
            "{path}"
        );
        assert_eq!(answer.header("x-frame-options"), "", "{path}");
    }
}

#[tokio::test]
async fn whoever_looks_into_a_frame_is_nobody() {
    for site in Site::on_each_database().await {
        let poll = asked(&site, |draft| draft.results = ResultsRule::AfterVote).await;
        let amy = votes(&site, "amy", "+447700900123", &poll).await;
        amy.get(&format!("{poll}/results"))
            .await
            .says(200, "1 vote");
        let frame = format!("{poll}/embed");
        let (hers, strangers) = (amy.get(&frame).await, site.visitor().get(&frame).await);
        assert_eq!(
            hers.body, strangers.body,
            "a voter sees no more than anybody"
        );
        hers.says(200, "Vote to see the results.");
        for answer in [
            &hers,
            &site.visitor().get(&oembed(&site, &poll, "")).await,
            &amy.get(&format!("{poll}/picture.png")).await,
        ] {
            assert_eq!(answer.header("set-cookie"), "");
        }
        assert!(
            !hers.body.contains("<form")
                && !hers.body.contains("amy")
                && !hers.body.contains("_csrf"),
            "{}",
            hers.body
        );
        assert_eq!(
            hers.body.matches("<a ").count(),
            hers.body.matches("target=\"_blank\"").count(),
            "links leave the frame"
        );
        let part = amy
            .send(
                amy.request(Method::GET, &frame)
                    .header("hx-request", "true"),
            )
            .await;
        assert_eq!(part.body, hers.body, "a frame is always whole");
    }
}

#[tokio::test]
async fn a_frame_shows_results_when_everybody_may_see_them() {
    for site in Site::on_each_database().await {
        let now = site.clock.now();
        let close = now + 3_600;
        let polls = [
            asked(&site, |draft| draft.results = ResultsRule::Always).await,
            asked(&site, |draft| {
                (draft.results, draft.closes_at) = (ResultsRule::AfterVote, Some(close));
            })
            .await,
            asked(&site, |draft| {
                (draft.results, draft.closes_at) = (ResultsRule::AfterClose, Some(close));
            })
            .await,
        ];
        let visitor = site.visitor();
        let shown = async |poll: &String| {
            visitor
                .get(&format!("{poll}/embed"))
                .await
                .body
                .contains("<table")
        };
        assert_eq!(
            [
                shown(&polls[0]).await,
                shown(&polls[1]).await,
                shown(&polls[2]).await
            ],
            [true, false, false]
        );
        site.clock.advance(3_599);
        assert!(!shown(&polls[1]).await && !shown(&polls[2]).await);
        site.clock.advance(1);
        assert!(shown(&polls[1]).await && shown(&polls[2]).await);
    }
}

#[tokio::test]
async fn what_is_shared_is_the_same_whatever_was_voted_while_results_are_hidden() {
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
                seen.push((answer.status, headers, answer.body));
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
async fn of_a_poll_that_is_not_public_nothing_is_told() {
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
async fn machines_are_told_how_to_embed_a_poll() {
    let site = Site::new().await;
    let (visitor, poll) = (site.visitor(), site.poll().await);
    let told = async |more: &str| -> Value {
        let answer = visitor.get(&oembed(&site, &poll, more)).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("content-type")),
            (200, "application/json")
        );
        serde_json::from_str(&answer.body).unwrap()
    };
    let whole = told("&format=json").await;
    assert_eq!(
        (
            whole["version"].as_str(),
            whole["type"].as_str(),
            whole["width"].as_u64()
        ),
        (Some("1.0"), Some("rich"), Some(600))
    );
    let html = whole["html"].as_str().unwrap();
    assert!(
        html.starts_with(&format!("<iframe src=\"{}{poll}/embed\"", site.origin))
            && html.ends_with("</iframe>"),
        "{html}"
    );
    assert_eq!(
        whole["thumbnail_url"].as_str().unwrap(),
        format!("{}{poll}/picture.png", site.origin)
    );
    let small = told("&maxwidth=320&maxheight=200").await;
    assert_eq!(
        (small["width"].as_u64(), small["height"].as_u64()),
        (Some(320), Some(200))
    );
    assert!(
        small["html"]
            .as_str()
            .unwrap()
            .contains("width=\"320\" height=\"200\"")
            && small["thumbnail_url"].is_null()
    );
    for (path, status) in [
        (oembed(&site, &poll, "&format=xml"), 501),
        (format!("/oembed?url=http://evil.example{poll}"), 404),
        (format!("/oembed?url={}/login", site.origin), 404),
        ("/oembed".to_owned(), 400),
        (oembed(&site, &poll, "&maxwidth=wide"), 400),
    ] {
        assert_eq!(visitor.get(&path).await.status, status, "{path}");
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
        site.twin().await.visitor().get(&path).await.header("etag"),
        etag,
        "every process draws the same"
    );
}
