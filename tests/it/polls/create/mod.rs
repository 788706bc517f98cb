//! Creating polls, and helpers that tests of other rooms use too.

mod closing;
mod form;
mod kept;
mod limits;
mod new_polls;
mod texts;

use pollstr::polls::store::polls;
use serde_json::{Value, json};

use crate::support::app::Site;
use crate::support::browser::{Page, Person};

pub(crate) const NUMBER: &str = "+447700900123";

/// Returns the new poll's path from a JSON response.
pub(crate) fn made(page: &Page) -> String {
    assert_eq!(page.status, 200, "{}", page.body);
    let next: Value = serde_json::from_str(&page.body).unwrap();
    next["next"].as_str().unwrap().to_owned()
}

pub(crate) fn id(path: &str) -> String {
    path.split('/').nth(2).unwrap().to_owned()
}

/// Returns the messages per field of a refused call.
pub(crate) fn faults(page: &Page) -> Value {
    assert_eq!(page.status, 422, "{}", page.body);
    serde_json::from_str::<Value>(&page.body).unwrap()["fields"].clone()
}

/// Creates a poll with a question, two choices and these fields.
pub(crate) async fn make(person: &Person, more: Value) -> String {
    made(&person.call("create_poll", with(more)).await)
}

pub(crate) fn with(more: Value) -> Value {
    let mut poll = json!({ "question": "Tea or coffee?", "choice": ["Tea", "Coffee"] });
    poll.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    poll
}

pub(crate) async fn run(person: &Person, function: &str, path: &str) -> Page {
    person.call(function, json!({ "poll": id(path) })).await
}

pub(crate) async fn stored(site: &Site, path: &str) -> polls::StoredPoll {
    polls::find(site.state.db.read(), &id(path), site.clock.now())
        .await
        .unwrap()
        .unwrap()
}
