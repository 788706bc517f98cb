//! Nonces of ballot pages: when one belongs to a vote, and where it is not stored.

use pollstr::polls::model::nonce::Nonce;
use serde_json::{Value, json};

use crate::support::app::{START_TIME, Site};
use crate::support::browser::{Page, Person};
use crate::support::voters::{asked, electorate};
use crate::voting::sent_again::{AMY, BEN, OpenBallot, holds, receipt};

#[tokio::test]
async fn a_nonce_of_another_page_session_or_poll_is_no_second_sending() {
    for site in Site::on_each_database().await {
        let (poll, other) = (
            asked(&site.state, |_| {}).await,
            asked(&site.state, |_| {}).await,
        );
        let amy = site.verified("amy", AMY).await;
        let (ballot, second_tab, elsewhere) = (
            OpenBallot::of(&amy, &poll).await,
            OpenBallot::of(&amy, &poll).await,
            OpenBallot::of(&amy, &other).await,
        );
        let other_browser = site.visitor();
        other_browser
            .fill(
                "/login",
                "Log in",
                &[("username", "amy"), ("password", "four words and more")],
            )
            .await
            .goes_to("/verify");
        site.clock.advance(60);
        other_browser
            .fill("/verify", "Send code", &[])
            .await
            .goes_to("/verify/code");
        other_browser
            .fill("/verify/code", "Confirm", &[("code", &site.code())])
            .await
            .goes_to("/account/recovery/offer");
        let in_other_browser = OpenBallot::of(&other_browser, &poll).await;
        let first = ballot.votes("1").await;
        let with = |open: &OpenBallot, nonce: &str| {
            let kept = open
                .hidden
                .iter()
                .filter(|(name, _)| name != "nonce")
                .cloned();
            OpenBallot {
                person: open.person.clone(),
                poll: open.poll.clone(),
                hidden: kept
                    .chain([("nonce".to_owned(), nonce.to_owned())])
                    .collect(),
            }
        };
        let mut tampered = ballot.nonce().to_owned();
        tampered.replace_range(40..41, if &tampered[40..41] == "A" { "B" } else { "A" });
        for stranger in [
            &second_tab,
            &in_other_browser,
            &with(&in_other_browser, ballot.nonce()),
            &with(&ballot, elsewhere.nonce()),
            &with(&ballot, &tampered),
            &with(&ballot, &ballot.nonce()[1..]),
            &with(&ballot, ""),
            &with(&ballot, "nonsense, and much of it"),
        ] {
            let answer = stranger.send(&[("choice", "1")]).await;
            answer.says(
                422,
                "You've already voted in this poll, and that vote stands.",
            );
            assert!(
                !answer
                    .headers
                    .get_all("set-cookie")
                    .iter()
                    .any(|cookie| cookie.to_str().unwrap().starts_with("receipt="))
            );
        }
        assert_eq!(ballot.votes("1").await, first);
        // A first vote ignores that nonce.
        with(&elsewhere, ballot.nonce()).votes("1").await;
        holds(&site, 2).await;
    }
}

#[tokio::test]
async fn a_step_up_in_another_tab_keeps_an_open_ballot_valid() {
    let site = Site::new().await;
    let (amy, poll) = (
        site.verified("amy", AMY).await,
        asked(&site.state, |_| {}).await,
    );
    let ballot = OpenBallot::of(&amy, &poll).await;
    let first = ballot.votes("1").await;
    let session = amy.cookie("session");
    amy.fill(
        "/account/confirm",
        "Continue",
        &[("password", "four words and more")],
    )
    .await
    .goes_to("/account");
    assert_ne!(amy.cookie("session"), session);
    assert_eq!(ballot.votes("1").await, first);
    // After logging out, the session is a stranger's, and so is the next one.
    amy.fill("/", "Log out", &[]).await.goes_to("/");
    ballot
        .send(&[("choice", "1")])
        .await
        .goes_to(&format!("/login?next=/polls/{poll}/vote"));
    holds(&site, 1).await;
}

#[tokio::test]
async fn a_form_that_comes_back_keeps_its_nonce_and_a_new_page_has_a_new_one() {
    let site = Site::new().await;
    let (amy, poll) = (
        site.verified("amy", AMY).await,
        asked(&site.state, |_| {}).await,
    );
    let ballot = OpenBallot::of(&amy, &poll).await;
    assert_eq!(ballot.nonce().len(), 75);
    assert_ne!(OpenBallot::of(&amy, &poll).await.nonce(), ballot.nonce());
    let nonce = |page: &Page| {
        page.form("Vote")
            .into_iter()
            .find(|(name, _)| name == "nonce")
            .unwrap()
            .1
    };
    let refused = ballot.send(&[]).await;
    refused.says(422, "You didn't select a choice.");
    assert_eq!(nonce(&refused), ballot.nonce());
    // The token isn't this browser's: its cookie was lost after the page was loaded.
    let (csrf, wrong) = (amy.cookie("csrf").unwrap(), "AAAAAAAAAAAAAAAAAAAAAA");
    ballot.votes("1").await;
    amy.set_cookie("csrf", wrong);
    let stale = ballot.send(&[("choice", "1")]).await;
    stale.says(422, "press the button again.");
    assert_eq!(nonce(&stale), ballot.nonce());
    amy.post(
        &format!("/polls/{poll}/vote"),
        &[
            stale.form("Vote"),
            vec![("choice".to_owned(), "1".to_owned())],
        ]
        .concat(),
    )
    .await
    .goes_to(&format!("/polls/{poll}/results"));
    amy.set_cookie("csrf", &csrf);
    holds(&site, 1).await;
}

#[tokio::test]
async fn a_program_may_send_the_nonce_of_its_ballot_or_omit_it() {
    for site in Site::on_each_database().await {
        let (amy, poll) = (
            site.verified("amy", AMY).await,
            asked(&site.state, |draft| draft.changeable = true).await,
        );
        let read = async |person: &Person| -> Value {
            serde_json::from_str(&person.get(&format!("/api/ballot?id={poll}")).await.body).unwrap()
        };
        let ballot = read(&amy).await;
        assert_eq!(ballot["poll"]["question"], "Which dog?");
        let vote = json!({ "poll": poll, "choice": "1", "nonce": ballot["nonce"] });
        let (first, again) = (
            amy.call("cast_vote", vote.clone()).await,
            amy.call("cast_vote", vote).await,
        );
        first.says(200, "/results");
        assert_eq!(
            (first.status, &first.body, receipt(&first)),
            (again.status, &again.body, receipt(&again))
        );

        let ben = site.verified("ben", BEN).await;
        let vote = json!({ "poll": poll, "choice": "1" });
        let first = ben.call("cast_vote", vote.clone()).await;
        first.says(200, "/results");
        ben.call("cast_vote", vote).await.says(
            422,
            "You've already voted in this poll, and that vote stands.",
        );
        let change =
            json!({ "poll": poll, "choice": "2", "change": "yes", "receipt": receipt(&first) });
        let changed = ben.call("cast_vote", change.clone()).await;
        changed.says(200, "/results");
        assert_ne!(receipt(&changed), receipt(&first));
        ben.call("cast_vote", change)
            .await
            .says(422, "No ballot in this poll has that receipt.");
        holds(&site, 2).await;
    }
}

#[tokio::test]
async fn neither_nonce_nor_receipt_is_in_the_database() {
    let site = Site::new().await;
    let (state, poll) = (&site.state, asked(&site.state, |_| {}).await);
    let (voter, amy) = (
        electorate(state, 0, 1).await.remove(0),
        site.verified("amy", AMY).await,
    );
    let (vote, known) = voter.on_a_page(&state.keys, &Nonce::fresh(), voter.vote(&poll, &[1]));
    let ballot = OpenBallot::of(&amy, &poll).await;
    let mut secrets = vec![
        ballot.nonce().as_bytes().to_vec(),
        vote.nonce.as_bytes().to_vec(),
    ];
    let sealed = data_encoding::BASE64URL_NOPAD
        .decode(vote.nonce.as_bytes())
        .unwrap();
    secrets.push(
        state
            .keys
            .open_nonce(&poll, &voter.session, &sealed)
            .unwrap()
            .to_vec(),
    );
    secrets.push(sealed);
    for _ in ["once", "again"] {
        state.ballots.cast(vote.clone()).await.unwrap();
        secrets.push(ballot.votes("1").await.into_bytes());
        ballot.reads().await.says(200, "Your receipt");
    }
    secrets.push(known.grouped().replace('-', "").into_bytes());
    let file = state
        .config
        .database_url
        .trim_start_matches("sqlite://")
        .to_owned();
    let stored = [
        std::fs::read(&file).unwrap(),
        std::fs::read(format!("{file}-wal")).unwrap(),
    ]
    .concat();
    let holds = |what: &[u8]| stored.windows(what.len()).any(|window| window == what);
    assert!(
        holds(&known.hash()),
        "the receipts' hashes are there, or this test finds nothing"
    );
    for secret in secrets {
        assert!(!holds(&secret), "{secret:?}");
    }
    assert_eq!(
        site.count("SELECT COUNT(*) FROM session WHERE data NOT IN ('', '{}')")
            .await,
        0
    );
    assert_eq!(site.clock.now(), START_TIME);
}
