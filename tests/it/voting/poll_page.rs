//! Voting on the poll page itself.

use reqwest::Method;

use crate::support::app::Site;
use crate::support::browser::Person;
use crate::support::html;
use crate::voting::ballots::asked;

const NUMBER: &str = "+447700900123";

/// A ballot of the poll page with a choice.
async fn ballot(person: &Person, poll: &str, choice: &str) -> Vec<(String, String)> {
    let hidden = person.form(poll, "Vote").await;
    [hidden, vec![("choice".to_owned(), choice.to_owned())]].concat()
}

#[tokio::test]
async fn a_verified_voter_votes_on_the_poll_page_and_once() {
    for site in Site::on_each_database().await {
        let poll = asked(&site, |_| ()).await;
        let amy = site.verified("amy", NUMBER).await;
        amy.fill(&poll, "Vote", &[])
            .await
            .says(422, "You didn't select a choice.");
        let (form, second) = (
            ballot(&amy, &poll, "2").await,
            ballot(&amy, &poll, "3").await,
        );
        let results = format!("{poll}/results");
        amy.post(&poll, &form).await.goes_to(&results);
        let receipt = html::text(&amy.get(&results).await.body, "output");
        // A second click gets the same receipt.
        amy.post(&poll, &form).await.goes_to(&results);
        let again = amy.get(&results).await;
        again.says(200, "The first one you sent stands.");
        assert_eq!(html::text(&again.body, "output"), receipt);
        // Another tab is told on the same page.
        let refused = amy.post(&poll, &second).await;
        refused.says(
            422,
            "You've already voted in this poll, and that vote stands.",
        );
        assert!(html::hidden_fields(&refused.body, "Vote").is_none());
        assert_eq!(site.count("SELECT COUNT(*) FROM ballot").await, 1);
        assert_eq!(
            site.count("SELECT SUM(votes) FROM tally WHERE key = '2'")
                .await,
            1
        );
        // A stale page comes back as it was sent, and can be sent again.
        let stale: Vec<_> = form
            .iter()
            .filter(|(name, _)| name != "_csrf")
            .cloned()
            .collect();
        let page = amy.post(&poll, &stale).await;
        page.says(
            422,
            "This page expired. Nothing is lost: press the button again.",
        );
        let checked = html::attributes(&page.body, "input[checked]", "value");
        assert_eq!(checked, ["2"]);
        let form = [
            page.form("Vote"),
            vec![("choice".to_owned(), "2".to_owned())],
        ]
        .concat();
        amy.post(&poll, &form).await.goes_to(&results);
        assert_eq!(html::text(&amy.get(&results).await.body, "output"), receipt);
    }
}

#[tokio::test]
async fn only_the_page_of_a_verified_voter_has_a_nonce() {
    let site = Site::new().await;
    let poll = asked(&site, |draft| draft.changeable = true).await;
    let has_nonce = async |person: &Person| {
        let form = person.form(&poll, "Vote").await;
        form.iter().any(|(name, _)| name == "nonce")
    };
    let (amy, unverified) = (
        site.verified("amy", NUMBER).await,
        site.registered("ben").await,
    );
    assert!(has_nonce(&amy).await);
    assert!(!has_nonce(&unverified).await && !has_nonce(&site.visitor()).await);
    // Whoever has an account, but no number yet, goes on to the number.
    let form = ballot(&unverified, &poll, "1").await;
    unverified
        .post(&poll, &form)
        .await
        .goes_to(&format!("/verify?next={poll}/vote"));
    // A page that was opened before verifying leads to the ballot, which has the choice.
    let form = ballot(&unverified, &poll, "2").await;
    let page = format!("/verify?next={poll}/vote");
    unverified
        .fill(&page, "Send code", &[("phone", "+447700900124")])
        .await;
    let code = format!("/verify/code?next={poll}/vote");
    unverified
        .fill(&code, "Confirm", &[("code", &site.code())])
        .await;
    let vote = format!("{poll}/vote");
    unverified.post(&poll, &form).await.goes_to(&vote);
    unverified
        .get(&vote)
        .await
        .says(200, "Your choice from before");
    assert_eq!(site.count("SELECT COUNT(*) FROM ballot").await, 0);
    // After the vote the page has the choices only, and leads to changing it.
    amy.fill(&poll, "Vote", &[("choice", "1")])
        .await
        .goes_to(&format!("{poll}/results"));
    let page = amy.get(&poll).await;
    page.says(200, "Change my vote");
    assert!(html::hidden_fields(&page.body, "Vote").is_none());
    assert_eq!(html::texts(&page.body, ".choices li").len(), 4);
}

#[tokio::test]
async fn a_stranger_sees_shuffled_choices_in_the_order_of_their_browser() {
    let site = Site::new().await;
    let poll = asked(&site, |draft| {
        draft.shuffled = true;
        draft.choices = (1..=12).map(|number| format!("Dog {number}")).collect();
    })
    .await;
    let order = async |person: &Person| html::texts(&person.get(&poll).await.body, ".choice label");
    let (amy, ben) = (site.visitor(), site.visitor());
    let first = order(&amy).await;
    assert_eq!((order(&amy).await, first.len()), (first.clone(), 12));
    assert_ne!(order(&ben).await, first);
}

#[tokio::test]
async fn a_receipt_stands_open_and_can_be_downloaded() {
    let site = Site::new().await;
    let poll = asked(&site, |_| ()).await;
    let amy = site.verified("amy", NUMBER).await;
    amy.fill(&poll, "Vote", &[("choice", "1")]).await;
    let page = amy.get(&format!("{poll}/results")).await;
    let receipt = html::text(&page.body, ".receipt output");
    assert!(html::texts(&page.body, "details output").is_empty());
    let file = html::attribute(&page.body, "a[download=\"pollstr-receipt.txt\"]", "href").unwrap();
    assert!(
        file.starts_with("data:text/plain;charset=utf-8,Receipt%20for%20a%20vote"),
        "{file}"
    );
    for part in [
        receipt,
        "Which%20dog%3F".to_owned(),
        format!("{poll}/receipt"),
    ] {
        assert!(file.contains(&part), "{part}: {file}");
    }
}

#[tokio::test]
async fn on_https_a_pick_is_kept_in_secure_cookies() {
    let site = Site::with(&[
        ("POLLSTR_ORIGIN", "https://polls.example"),
        ("POLLSTR_VERIFY", "simulator"),
    ])
    .await;
    let poll = asked(&site, |_| ()).await;
    let stranger = site.visitor();
    let form = ballot(&stranger, &poll, "1").await;
    let request = stranger
        .request(Method::POST, &poll)
        .header("accept", "text/html")
        .form(&form);
    let page = stranger.send(request).await;
    page.goes_to(&format!("/register?next={poll}/vote"));
    let cookies = page.headers.get_all("set-cookie").iter();
    let mut cookies: Vec<_> = cookies.map(|cookie| cookie.to_str().unwrap()).collect();
    cookies.sort_unstable();
    let [visit, pick] = cookies[..] else {
        panic!("{cookies:?}")
    };
    assert!(
        visit.starts_with("__Host-visit=")
            && visit.ends_with("; HttpOnly; SameSite=Lax; Secure; Path=/"),
        "{visit}"
    );
    let path = format!("; HttpOnly; SameSite=Lax; Secure; Path={poll}");
    assert!(
        pick.starts_with("__Secure-pick=") && pick.ends_with(&path),
        "{pick}"
    );
}
