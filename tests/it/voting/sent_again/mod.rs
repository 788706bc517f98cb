//! The same ballot sent twice is one vote with one success message: a double click, a reloaded
//! post, a retry after a lost response.

mod nonces;
mod repeats;

use crate::support::app::Site;
use crate::support::browser::{Page, Person};

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
