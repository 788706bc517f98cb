//! A form posted twice, as by a second click before the response: one action, one response.

mod accounts;
mod codes;
mod limits;

use crate::accounts::second_factors::NUMBER;
use crate::support::app::Site;
use crate::support::browser::Person;

type Form = Vec<(String, String)>;

/// Fills in the form with this button.
async fn filled(person: &Person, path: &str, button: &str, fields: &[(&str, &str)]) -> Form {
    let mut form = person.form(path, button).await;
    form.extend(
        fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
    );
    form
}

/// Copies the browser; later cookies go to one of the two only.
fn deaf(person: &Person) -> Person {
    let same = person.other_browser();
    for name in ["session", "csrf", "remembered"] {
        if let Some(value) = person.cookie(name) {
            same.set_cookie(name, &value);
        }
    }
    same
}

/// Submits the form twice before a response arrives. Both must lead to one place in one session.
/// Returns the browser that only got the second response.
async fn twice(
    person: &Person,
    path: &str,
    button: &str,
    fields: &[(&str, &str)],
    to: &str,
) -> Person {
    let form = filled(person, path, button, fields).await;
    let second = deaf(person);
    person.post(path, &form).await.goes_to(to);
    second.post(path, &form).await.goes_to(to);
    assert_eq!(
        second.cookie("session"),
        person.cookie("session"),
        "{path}: {button}"
    );
    second
}

async fn is_verified(site: &Site, person: &Person) -> bool {
    person
        .get(&format!("{}/vote", site.poll().await))
        .await
        .status
        == 200
}

async fn has_code(site: &Site, name: &str) -> Person {
    let person = site.registered(name).await;
    person
        .fill("/verify", "Send code", &[("phone", NUMBER)])
        .await
        .goes_to("/verify/code");
    person
}

async fn happened(site: &Site, what: &str) -> i64 {
    site.count(&format!(
        "SELECT COUNT(*) FROM audit_event WHERE kind = '{what}'"
    ))
    .await
}
