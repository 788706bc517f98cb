//! Choices that strangers pick on the poll page: kept through sign-up, number and code, and never
//! used for another poll, browser or account.

mod forms;
mod strangers;

use pollstr::polls::model::kind::Kind;
use pollstr::polls::store::drafts::Draft;

use crate::support::app::Site;
use crate::support::browser::{Page, Person};
use crate::support::html;
use crate::voting::ballots::asked;

const BEFORE: &str = "Your choice from before";
const PASSWORD: &str = "four words and more";
const NUMBER: &str = "+447700900123";

/// Picks on the poll page as a stranger.
async fn picks(person: &Person, poll: &str, fields: &[(&str, &str)]) {
    person
        .fill(poll, "Vote", fields)
        .await
        .goes_to(&format!("/register?next={poll}/vote"));
}

pub(crate) async fn signs_up(person: &Person, name: &str, next: &str) {
    let fields = [("username", name), ("password", PASSWORD)];
    let page = format!("/register?next={next}");
    person
        .fill(&page, "Create account", &fields)
        .await
        .goes_to(&format!("/verify?next={next}"));
}

pub(crate) async fn verifies(site: &Site, person: &Person, number: &str, next: &str) {
    let (verify, code) = (
        format!("/verify?next={next}"),
        format!("/verify/code?next={next}"),
    );
    person
        .fill(&verify, "Send code", &[("phone", number)])
        .await
        .goes_to(&code);
    person
        .fill(&code, "Confirm", &[("code", &site.code())])
        .await
        .goes_to(next);
}

/// The values of the controls that are checked or selected on a page.
fn filled(page: &Page) -> Vec<String> {
    html::attributes(&page.body, "input[checked], option[selected]", "value")
}

/// Asserts that a browser's pick isn't used, and is cleared.
async fn has_lost_its_pick(person: &Person, ballot: &str) {
    let page = person.get(ballot).await;
    page.says(200, "Choose one");
    assert!(!page.body.contains(BEFORE) && filled(&page).is_empty());
    assert_eq!(person.cookie("pick").as_deref(), Some(""));
}

#[tokio::test]
async fn a_pick_of_each_kind_is_kept_through_sign_up_number_and_code() {
    type Change = fn(&mut Draft);
    type Fields<'a> = &'a [(&'a str, &'a str)];
    let kinds: [(Change, Fields<'_>, &[&str], &str); 4] = [
        (|_| (), &[("choice", "2")], &["2"], "2"),
        (
            |draft| draft.kind = Kind::Multiple { most: 3 },
            &[("choice", "1"), ("choice", "4")],
            &["1", "4"],
            "4",
        ),
        (
            |draft| draft.kind = Kind::Ranked,
            &[("place_1", "3"), ("place_2", ""), ("place_3", "1")],
            &["2", "1"],
            "3>1",
        ),
        (
            |draft| draft.shuffled = true,
            &[("choice", "3")],
            &["3"],
            "3",
        ),
    ];
    for site in Site::on_each_database().await {
        for (index, (change, fields, kept, tally)) in kinds.into_iter().enumerate() {
            let (poll, amy) = (asked(&site, change).await, site.visitor());
            let ballot = format!("{poll}/vote");
            picks(&amy, &poll, fields).await;
            signs_up(&amy, &format!("amy{index}"), &ballot).await;
            let number = format!("+44770090012{index}");
            verifies(&site, &amy, &number, &ballot).await;
            let page = amy.get(&ballot).await;
            page.says(200, BEFORE);
            assert_eq!(filled(&page), kept);
            let id = poll.trim_start_matches("/polls/");
            let counted = async || {
                let votes = "SELECT COUNT(*) FROM ballot JOIN poll ON poll.id = poll_id";
                site.count(&format!("{votes} WHERE public_id = '{id}'"))
                    .await
            };
            assert_eq!(counted().await, 0, "a pick is no vote");
            amy.fill(&ballot, "Vote", fields)
                .await
                .goes_to(&format!("{poll}/results"));
            assert_eq!(
                (counted().await, amy.cookie("pick").as_deref()),
                (1, Some(""))
            );
            let count = format!(
                "SELECT SUM(votes) FROM tally JOIN poll ON poll.id = poll_id WHERE public_id = '{id}' AND key = '{tally}'"
            );
            assert_eq!(site.count(&count).await, 1);
        }
    }
}

#[tokio::test]
async fn a_pick_is_kept_for_half_an_hour() {
    let site = Site::new().await;
    let poll = asked(&site, |_| ()).await;
    let (ballot, amy) = (format!("{poll}/vote"), site.visitor());
    picks(&amy, &poll, &[("choice", "2")]).await;
    site.clock.advance(1_790);
    signs_up(&amy, "amy", &ballot).await;
    verifies(&site, &amy, NUMBER, &ballot).await;
    site.clock.advance(10);
    assert_eq!(filled(&amy.get(&ballot).await), ["2"]);
    site.clock.advance(1);
    has_lost_its_pick(&amy, &ballot).await;
}
