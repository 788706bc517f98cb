//! Polls embedded in other sites: the frame and oEmbed.

use pollstr::polls::model::poll::ResultsRule;
use reqwest::Method;
use serde_json::Value;

use crate::polls::sharing::{asked, oembed, votes};
use crate::support::app::Site;

#[tokio::test]
async fn only_the_embed_page_may_be_framed() {
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
async fn an_embedded_poll_treats_every_viewer_as_a_stranger() {
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
