//! The same ballot sent twice is one vote with one success message: a double click, a reloaded
//! post, a retry after a lost response.

use std::collections::BTreeSet;

use pollstr::polls::model::nonce::Nonce;
use pollstr::polls::model::poll::{Kind, ResultsRule};
use pollstr::polls::sealing::seal::seal_due;
use pollstr::polls::store::drafts::Draft;
use serde_json::{Value, json};

use crate::support::app::{START_TIME, Site};
use crate::support::browser::{Page, Person};
use crate::support::voters::{asked, electorate};

const AMY: &str = "+447700900123";
const BEN: &str = "+447700900124";
const STANDS: &str = "Your vote is counted. The first one you sent stands.";
const THANKS: &str = "Thanks, your vote is counted.";

/// A ballot page that is open in a browser.
struct OpenBallot {
    person: Person,
    poll: String,
    hidden: Vec<(String, String)>,
}

impl OpenBallot {
    async fn of(person: &Person, poll: &str) -> Self {
        let poll = format!("/polls/{poll}");
        let hidden = person.form(&format!("{poll}/vote"), "Vote").await;
        Self {
            person: person.clone(),
            poll,
            hidden,
        }
    }

    /// Opens the page for changing an earlier vote.
    async fn to_change(person: &Person, poll: &str) -> Self {
        let poll = format!("/polls/{poll}");
        let hidden = person.form(&format!("{poll}/vote"), "Change my vote").await;
        Self {
            person: person.clone(),
            poll,
            hidden,
        }
    }

    fn nonce(&self) -> &str {
        &self
            .hidden
            .iter()
            .find(|(name, _)| name == "nonce")
            .unwrap()
            .1
    }

    async fn send(&self, fields: &[(&str, &str)]) -> Page {
        let fields = fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        self.person
            .post(
                &format!("{}/vote", self.poll),
                &self
                    .hidden
                    .iter()
                    .cloned()
                    .chain(fields)
                    .collect::<Vec<_>>(),
            )
            .await
    }

    /// Votes for this choice, expects success and returns the receipt.
    async fn votes(&self, choice: &str) -> String {
        let answer = self.send(&[("choice", choice)]).await;
        answer.goes_to(&format!("{}/results", self.poll));
        receipt(&answer)
    }

    /// Follows the redirect.
    async fn reads(&self) -> Page {
        self.person.get(&format!("{}/results", self.poll)).await
    }
}

/// Returns the receipt in a response's cookie.
fn receipt(answer: &Page) -> String {
    let cookies = answer
        .headers
        .get_all("set-cookie")
        .iter()
        .map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap());
    let receipts: Vec<&str> = cookies
        .filter_map(|cookie| cookie.strip_prefix("receipt="))
        .collect();
    let [receipt] = receipts[..] else {
        panic!("{:?}", answer.headers)
    };
    receipt.to_owned()
}

/// Returns a choice's tally, and the numbers of ballots and changes.
pub(crate) async fn tally<const N: usize>(site: &Site, keys: [&str; N]) -> [i64; N] {
    let mut tally = [0; N];
    for (votes, key) in tally.iter_mut().zip(keys) {
        *votes = site
            .count(&format!(
                "SELECT COALESCE(SUM(votes), 0) FROM tally WHERE key = '{key}'"
            ))
            .await;
    }
    tally
}

/// Asserts the number of ballots and of marks.
pub(crate) async fn holds(site: &Site, ballots: i64) {
    assert_eq!(site.count("SELECT COUNT(*) FROM ballot").await, ballots);
    assert_eq!(
        site.count("SELECT COUNT(*) FROM participation").await,
        ballots
    );
    assert_eq!(tally(site, ["ballots"]).await, [ballots]);
}

#[tokio::test]
async fn a_ballot_that_is_sent_twice_is_one_vote_with_one_receipt() {
    for site in Site::on_each_database().await {
        let (amy, poll) = (
            site.verified("amy", AMY).await,
            asked(&site.state, |_| {}).await,
        );
        let ballot = OpenBallot::of(&amy, &poll).await;
        let first = ballot.votes("1").await;
        assert_eq!(ballot.votes("1").await, first);
        let page = ballot.reads().await;
        page.says(200, STANDS);
        page.says(200, "Your receipt");
        let again = ballot.reads().await.body;
        assert!(
            !again.contains("Your receipt") && !again.contains(STANDS),
            "it is shown once"
        );
        site.visitor()
            .fill(
                &format!("/polls/{poll}/receipt"),
                "Check",
                &[("receipt", &first)],
            )
            .await
            .says(200, "is counted.");
        holds(&site, 1).await;
        assert_eq!(tally(&site, ["1", "changes"]).await, [1, 0]);
    }
}

#[tokio::test]
async fn whatever_a_final_vote_is_sent_again_with_the_answer_is_the_same() {
    for site in Site::on_each_database().await {
        for kind in [Kind::Single, Kind::Multiple { most: 2 }, Kind::Ranked] {
            let poll = asked(&site.state, |draft| draft.kind = kind).await;
            let amy = site.verified(&format!("amy-{}", kind.word()), AMY).await;
            let ballot = OpenBallot::of(&amy, &poll).await;
            let first: &[_] = if kind == Kind::Ranked {
                &[("place_1", "1"), ("place_2", "2")]
            } else {
                &[("choice", "1")]
            };
            let counted = ballot.send(first).await;
            counted.goes_to(&format!("/polls/{poll}/results"));
            let mut answers = BTreeSet::new();
            for again in [
                first,
                &[("choice", "2")],
                &[],
                &[("choice", "1"), ("choice", "2"), ("choice", "3")],
                &[("choice", "7")],
                &[("choice", "nonsense")],
                &[("place_1", "1"), ("place_2", "1")],
                &[("choice", "2"), ("change", "yes")],
                &[
                    ("choice", "2"),
                    ("change", "yes"),
                    ("receipt", "0000-0000-0000-0000"),
                ],
            ] {
                let answer = ballot.send(again).await;
                assert_eq!(receipt(&answer), receipt(&counted), "{again:?}");
                let cookies: Vec<_> = answer
                    .headers
                    .get_all("set-cookie")
                    .iter()
                    .map(|cookie| cookie.to_str().unwrap())
                    .collect();
                answers.insert((
                    answer.status.as_u16(),
                    answer.header("location").to_owned(),
                    cookies.join("\n"),
                    answer.body.clone(),
                ));
                ballot.reads().await.says(200, STANDS);
            }
            assert_eq!(answers.len(), 1, "{answers:?}");
        }
        holds(&site, 3).await;
        assert_eq!(
            tally(&site, ["1", "1>2", "2", "changes"]).await,
            [2, 1, 0, 0]
        );
    }
}

#[tokio::test]
async fn a_vote_that_can_be_changed_is_changed_by_sending_its_page_again() {
    for site in Site::on_each_database().await {
        let (amy, poll) = (
            site.verified("amy", AMY).await,
            asked(&site.state, |draft| draft.changeable = true).await,
        );
        let ballot = OpenBallot::of(&amy, &poll).await;
        let first = ballot.votes("1").await;
        assert_eq!(ballot.votes("1").await, first);
        assert_eq!(tally(&site, ["1", "2", "changes"]).await, [1, 0, 0]);
        assert_eq!(ballot.votes("2").await, first);
        ballot.reads().await.says(200, THANKS);
        assert_eq!(tally(&site, ["1", "2", "changes"]).await, [0, 1, 1]);
        // An invalid ballot is refused as usual, since it changed nothing.
        ballot
            .send(&[])
            .await
            .says(422, "You didn't select a choice.");
        ballot
            .send(&[("choice", "7")])
            .await
            .says(422, "That choice isn't in this poll.");
        holds(&site, 1).await;

        let change = OpenBallot::to_change(&amy, &poll).await;
        let mut receipts = BTreeSet::new();
        for choice in ["3", "3", "4"] {
            let answer = change
                .send(&[("choice", choice), ("receipt", &first)])
                .await;
            answer.goes_to(&format!("/polls/{poll}/results"));
            receipts.insert(receipt(&answer));
        }
        assert!(
            receipts.len() == 1 && !receipts.contains(&first),
            "{receipts:?}"
        );
        assert_eq!(
            tally(&site, ["1", "2", "3", "4", "changes"]).await,
            [0, 0, 0, 1, 3]
        );
        // The page of a replaced ballot says no more than any other.
        ballot.send(&[("choice", "1")]).await.says(
            422,
            "You've already voted in this poll, and that vote stands.",
        );
        change
            .send(&[("choice", "4")])
            .await
            .goes_to(&format!("/polls/{poll}/results"));
        holds(&site, 1).await;
        assert_eq!(tally(&site, ["1", "4", "changes"]).await, [0, 1, 3]);
    }
}

#[tokio::test]
async fn a_vote_is_told_again_after_the_close_and_after_sealing() {
    for site in Site::on_each_database().await {
        for changeable in [false, true] {
            let closes_at = site.clock.now() + 60;
            let close = |draft: &mut Draft| {
                (draft.changeable, draft.closes_at) = (changeable, Some(closes_at));
            };
            let poll = asked(&site.state, close).await;
            let (amy, ben) = (
                site.verified(&format!("amy{changeable}"), AMY).await,
                site.verified(&format!("ben{changeable}"), BEN).await,
            );
            let (ballot, late) = (
                OpenBallot::of(&amy, &poll).await,
                OpenBallot::of(&ben, &poll).await,
            );
            let first = ballot.votes("1").await;
            site.clock.advance(60);
            for sealed in [false, true] {
                assert_eq!(
                    site.count("SELECT COUNT(*) FROM poll WHERE sealing_state = 'sealed' AND closes_at IS NOT NULL")
                        .await
                        > i64::from(changeable),
                    sealed
                );
                for choice in ["1", "2"] {
                    assert_eq!(ballot.votes(choice).await, first);
                    ballot.reads().await.says(200, STANDS);
                }
                late.send(&[("choice", "1")])
                    .await
                    .says(422, "Voting has ended, so this vote wasn't counted.");
                if !sealed {
                    assert_eq!(seal_due(&site.state.db, &site.clock).await, Ok(1));
                }
            }
        }
        holds(&site, 2).await;
        assert_eq!(tally(&site, ["1", "2"]).await, [2, 0]);
    }
}

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
            .goes_to("/");
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
async fn a_step_up_in_another_tab_does_not_make_the_ballot_a_stranger() {
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
async fn a_program_may_send_the_nonce_of_the_ballot_it_read_or_none() {
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
async fn before_results_are_shown_the_answer_leads_to_the_poll_both_times() {
    let site = Site::new().await;
    let (amy, poll) = (
        site.verified("amy", AMY).await,
        asked(&site.state, |draft| {
            draft.results = ResultsRule::AfterClose;
        })
        .await,
    );
    let ballot = OpenBallot::of(&amy, &poll).await;
    for words in [THANKS, STANDS] {
        ballot
            .send(&[("choice", "1")])
            .await
            .goes_to(&format!("/polls/{poll}"));
        amy.get(&format!("/polls/{poll}")).await.says(200, words);
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
