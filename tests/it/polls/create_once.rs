//! The same form posted twice creates one poll, and both responses lead to it.

use std::collections::BTreeSet;

use futures::future::join_all;
use serde_json::json;

use crate::polls::create::{NUMBER, id, made, make, run, with};
use crate::support::app::Site;
use crate::support::browser::Person;

const POLL: [(&str, &str); 3] = [
    ("question", "Tea or coffee?"),
    ("choice", "Tea"),
    ("choice", "Coffee"),
];

/// Fills in the form at this path.
async fn filled_in(
    person: &Person,
    path: &str,
    button: &str,
    fields: &[(&str, &str)],
) -> Vec<(String, String)> {
    let fields = fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    person
        .form(path, button)
        .await
        .into_iter()
        .chain(fields)
        .collect()
}

/// Posts a form and returns where the response leads.
async fn leads_to(person: &Person, path: &str, form: &[(String, String)]) -> String {
    let page = person.post(path, form).await;
    assert_eq!(page.status, 303, "{}", page.body);
    page.header("location").to_owned()
}

async fn polls(site: &Site) -> i64 {
    site.count("SELECT COUNT(*) FROM poll WHERE owner_id IS NOT NULL")
        .await
}

#[tokio::test]
async fn a_poll_and_a_draft_that_are_sent_twice_are_made_once() {
    for site in Site::on_each_database().await {
        let olga = site.verified("olga", NUMBER).await;
        for save in [&[][..], &[("save", "draft")]] {
            let form = filled_in(
                &olga,
                "/polls/new",
                "Create poll",
                &[&POLL[..], save].concat(),
            )
            .await;
            let path = leads_to(&olga, "/polls/new", &form).await;
            assert_eq!(leads_to(&olga, "/polls/new", &form).await, path);
            olga.get(&path).await.says(200, "Tea or coffee?");
            assert_eq!(id(&path).len(), 10);
        }
        assert_eq!(polls(&site).await, 2);
        assert_eq!(
            site.count("SELECT COUNT(*) FROM failure WHERE rule = 'new poll, account'")
                .await,
            2,
            "each is counted once"
        );
        assert_eq!(
            site.count("SELECT COUNT(*) FROM audit_event WHERE kind = 'poll made'")
                .await,
            2
        );
    }
}

#[tokio::test]
async fn a_copy_that_is_sent_twice_is_made_once() {
    for site in Site::on_each_database().await {
        let olga = site.verified("olga", NUMBER).await;
        let path = make(&olga, json!({})).await;
        let form = filled_in(&olga, &path, "Duplicate", &[]).await;
        let copy = leads_to(&olga, &path, &form).await;
        assert_eq!(leads_to(&olga, &path, &form).await, copy);
        assert!(copy.ends_with("/edit") && id(&copy) != id(&path), "{copy}");
        assert_eq!(polls(&site).await, 2);
        // Another page makes another copy.
        let form = filled_in(&olga, &path, "Duplicate", &[]).await;
        assert_ne!(leads_to(&olga, &path, &form).await, copy);
        assert_eq!(polls(&site).await, 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_posts_of_one_form_at_once_over_two_processes_make_one_poll() {
    for site in Site::on_each_database().await {
        let (second_instance, olga) = (
            site.second_instance().await,
            site.verified("olga", NUMBER).await,
        );
        let form = filled_in(&olga, "/polls/new", "Create poll", &POLL).await;
        let elsewhere = olga.at(&second_instance.origin);
        let posts = (0..20).map(|n| {
            leads_to(
                if n % 2 == 0 { &olga } else { &elsewhere },
                "/polls/new",
                &form,
            )
        });
        let paths: BTreeSet<String> = join_all(posts).await.into_iter().collect();
        assert_eq!((paths.len(), polls(&site).await), (1, 1), "{paths:?}");
        assert_eq!(
            site.count("SELECT COUNT(*) FROM failure WHERE rule = 'new poll, account'")
                .await,
            1,
            "it is counted once"
        );
    }
}

#[tokio::test]
async fn the_last_poll_of_the_day_is_told_again_too() {
    let site = Site::new().await;
    let olga = site.verified("olga", NUMBER).await;
    for _ in 0..29 {
        make(&olga, json!({})).await;
    }
    let form = filled_in(&olga, "/polls/new", "Create poll", &POLL).await;
    let path = leads_to(&olga, "/polls/new", &form).await;
    olga.call("create_poll", with(json!({})))
        .await
        .says(429, "You've created a lot of polls today.");
    assert_eq!(leads_to(&olga, "/polls/new", &form).await, path);
}

#[tokio::test]
async fn what_was_typed_anew_another_account_and_a_program_make_polls_of_their_own() {
    for site in Site::on_each_database().await {
        let (olga, paul) = (
            site.verified("olga", NUMBER).await,
            site.verified("paul", "+447700900124").await,
        );
        let form = filled_in(&olga, "/polls/new", "Create poll", &POLL).await;
        let path = leads_to(&olga, "/polls/new", &form).await;
        let nonce = form
            .iter()
            .find(|(name, _)| name == "nonce")
            .unwrap()
            .1
            .clone();
        let mut other = form.clone();
        other
            .iter_mut()
            .find(|(name, _)| name == "question")
            .unwrap()
            .1 = "Tea, coffee or water?".to_owned();
        let mut paths = BTreeSet::from([path, leads_to(&olga, "/polls/new", &other).await]);
        paths.insert(made(
            &paul
                .call("create_poll", with(json!({ "nonce": nonce })))
                .await,
        ));
        for _ in ["once", "again"] {
            paths.insert(make(&olga, json!({})).await);
            paths.insert(make(&olga, json!({ "nonce": "a key of the program's own" })).await);
        }
        assert_eq!((paths.len(), polls(&site).await), (6, 6), "{paths:?}");
    }
}

#[tokio::test]
async fn a_button_that_changes_the_choices_and_a_refusal_keep_the_nonce() {
    let site = Site::new().await;
    let olga = site.verified("olga", NUMBER).await;
    let nonce = |form: &[(String, String)]| {
        form.iter()
            .find(|(name, _)| name == "nonce")
            .unwrap()
            .1
            .clone()
    };
    let mut nonces = BTreeSet::new();
    for (fields, status) in [
        ([&POLL[..], &[("change", "add")]].concat(), 200),
        (POLL[..2].to_vec(), 422),
    ] {
        let form = filled_in(&olga, "/polls/new", "Create poll", &fields).await;
        let page = olga.post("/polls/new", &form).await;
        page.says(status, "Tea or coffee?");
        assert_eq!(nonce(&page.form("Create poll")), nonce(&form));
        assert_eq!(nonce(&form).len(), 22);
        nonces.insert(nonce(&form));
    }
    assert_eq!(nonces.len(), 2, "a new page has a new one");
}

#[tokio::test]
async fn a_form_whose_poll_was_deleted_makes_another() {
    for site in Site::on_each_database().await {
        let olga = site.verified("olga", NUMBER).await;
        // Its closing time has passed on the second post; the poll exists already.
        let form = filled_in(
            &olga,
            "/polls/new",
            "Create poll",
            &[
                &POLL[..],
                &[("closes", "2026-11-24T06:40"), ("zone", "UTC")],
            ]
            .concat(),
        )
        .await;
        let path = leads_to(&olga, "/polls/new", &form).await;
        site.clock.advance(3_600);
        assert_eq!(leads_to(&olga, "/polls/new", &form).await, path);

        let form = filled_in(&olga, "/polls/new", "Create poll", &POLL).await;
        let path = leads_to(&olga, "/polls/new", &form).await;
        run(&olga, "delete_poll", &path).await.says(200, "next");
        let again = leads_to(&olga, "/polls/new", &form).await;
        olga.get(&again).await.says(200, "Tea or coffee?");
        assert_eq!(polls(&site).await, 2);
    }
}
