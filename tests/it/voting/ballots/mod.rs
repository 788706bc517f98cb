//! Ballots: what is accepted, what is refused and why, changing a vote, and who may vote.

mod kinds;
mod ratings;
mod receipts;
mod refusals;

use pollstr::polls::store::drafts;
use pollstr::polls::store::drafts::Draft;

use crate::support::app::Site;
use crate::support::browser::Person;
use crate::support::html;

/// Creates a poll with four choices and returns its path.
pub(crate) async fn asked(site: &Site, change: impl FnOnce(&mut Draft)) -> String {
    let now = site.clock.now();
    let mut draft = Draft::asking(
        "Which dog?",
        &["Beagle", "Collie", "Dachshund", "Poodle"],
        now,
    );
    change(&mut draft);
    let transaction = site.state.db.begin().await.unwrap();
    let id = drafts::insert(&transaction, &draft, now).await.unwrap();
    transaction.commit().await.unwrap();
    format!("/polls/{id}")
}

async fn receipt(person: &Person, poll: &str) -> String {
    shown(&person.get(&format!("{poll}/results")).await.body)
}

/// Returns the receipt on a page.
fn shown(page: &str) -> String {
    html::text(page, "output")
}

async fn tally(site: &Site, key: &str) -> i64 {
    site.count(&format!(
        "SELECT COALESCE(SUM(votes), 0) FROM tally WHERE key = '{key}'"
    ))
    .await
}
