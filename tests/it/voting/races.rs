//! Race conditions: the database decides.

use futures::future::join_all;
use reqwest::Method;
use serde_json::json;

use crate::support::app::Site;

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_posts_of_one_vote_over_two_processes_make_one_ballot() {
    for site in Site::on_each_database().await {
        let second_instance = site.second_instance().await;
        let amy = site.verified("amy", "+447700900123").await;
        let poll = site.poll().await;
        let mut form = amy.form(&format!("{poll}/vote"), "Vote").await;
        form.push(("choice".to_owned(), "2".to_owned()));
        let posts = (0..200).map(|n| {
            let person = if n % 2 == 0 {
                amy.clone()
            } else {
                amy.at(&second_instance.origin)
            };
            let (path, form) = (format!("{poll}/vote"), form.clone());
            async move {
                let mut status = 503;
                // On a busy machine some time out; the message asks to send again.
                for _ in 0..20 {
                    if status == 503 {
                        status = person
                            .send(person.request(Method::POST, &path).form(&form))
                            .await
                            .status
                            .as_u16();
                    }
                }
                status
            }
        });
        let answers = join_all(posts).await;
        // One ballot sent 200 times gets the same success each time.
        assert!(answers.iter().all(|status| *status == 303), "{answers:?}");
        assert_eq!(site.count("SELECT COUNT(*) FROM ballot").await, 1);
        assert_eq!(site.count("SELECT COUNT(*) FROM participation").await, 1);
        assert_eq!(
            site.count("SELECT votes FROM tally WHERE key = 'ballots'")
                .await,
            1
        );
        assert_eq!(
            site.count("SELECT votes FROM tally WHERE key = '2'").await,
            1
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_requests_for_a_code_make_one_message() {
    for site in Site::on_each_database().await {
        let amy = site.registered("amy").await;
        let mut form = amy.form("/verify", "Send code").await;
        form.push(("phone".to_owned(), "+447700900123".to_owned()));
        let answers = join_all((0..50).map(|_| amy.post("/verify", &form))).await;
        assert!(answers.iter().all(|answer| answer.status == 303));
        assert_eq!(site.phones().messages().len(), 1);
        assert_eq!(site.phones().starts(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_hundred_wrong_codes_three_reach_the_provider() {
    for site in Site::on_each_database().await {
        let amy = site.registered("amy").await;
        amy.fill("/verify", "Send code", &[("phone", "+447700900123")])
            .await
            .goes_to("/verify/code");
        let wrong = if site.code() == "000000" {
            "000001"
        } else {
            "000000"
        };
        let mut form = amy.form("/verify/code", "Confirm").await;
        form.push(("code".to_owned(), wrong.to_owned()));
        join_all((0..100).map(|_| amy.post("/verify/code", &form))).await;
        assert_eq!(site.phones().checks(), 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_who_register_a_name_one_has_it() {
    let site = Site::new().await;
    let people: Vec<_> = (0..20).map(|_| site.visitor()).collect();
    let body = || json!({ "username": "amy", "password": "four words and more" });
    let answers = join_all(people.iter().map(|person| person.call("register", body()))).await;
    let made = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(made, 1);
    assert_eq!(
        site.count("SELECT COUNT(*) FROM account WHERE username_key = 'amy'")
            .await,
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_logout_wins_over_requests_under_way() {
    for site in Site::on_each_database().await {
        twenty_times(&site).await;
    }
}

async fn twenty_times(site: &Site) {
    for round in 0..20 {
        let name = format!("amy{round}");
        let amy = site.registered(&name).await;
        let number = format!("+447700900{round:03}");
        amy.fill("/verify", "Send code", &[("phone", &number)])
            .await
            .goes_to("/verify/code");
        let session = amy.cookie("session").unwrap();
        let mut form = amy.form("/verify/code", "Confirm").await;
        form.push(("code".to_owned(), site.code()));
        let log_out = amy.form("/", "Log out").await;
        let (proved, _) = tokio::join!(amy.post("/verify/code", &form), amy.post("/", &log_out));
        // No verified session may survive in either cookie: this browser logged out.
        for cookie in [session, amy.cookie("session").unwrap_or_default()] {
            let thief = amy.other_browser();
            thief.set_cookie("session", &cookie);
            let answer = thief.get(&format!("{}/vote", site.poll().await)).await;
            assert!(
                answer.header("location").starts_with("/login"),
                "round {round}, after {}",
                proved.status
            );
        }
    }
}
