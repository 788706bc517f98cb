//! Responses tell a guesser nothing, not even by their timing.

use std::time::Duration;

use data_encoding::HEXLOWER;
use pollstr::platform::crypto::random;

use crate::accounts::guessing::{WRONG, now};
use crate::support::app::Site;
use crate::support::browser::Page;
use crate::support::voters::electorate;

/// Returns a page without what differs each time: tokens and the typed name.
fn anonymous(page: &Page, name: &str) -> String {
    // Tokens and viewer tags are unique to a page.
    let own = [
        "name=\"_csrf\" value=\"",
        "name=\"_made_for\" value=\"",
        "hx-headers:inherited=\"",
    ];
    let page = own.iter().fold(page.body.clone(), |body, field| {
        let pieces = body.split(field).enumerate();
        pieces
            .map(|(n, piece)| {
                if n == 0 {
                    piece
                } else {
                    piece.split_once('"').unwrap().1
                }
            })
            .collect()
    });
    page.replace(name, "NAME")
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64()
}

#[tokio::test]
async fn an_unknown_name_and_a_wrong_password_are_told_alike_and_take_as_long() {
    let site = Site::new().await;
    site.registered("known").await;
    let mut times = [Vec::new(), Vec::new()];
    let mut pages = Vec::new();
    // The first round warms up; then they alternate, so that other load affects both.
    for round in 0..26 {
        for (which, name) in ["known", "nobody"].into_iter().enumerate() {
            // Each attempt comes from its own IP address, or limits would answer.
            let stranger = site.visitor();
            let mut form = stranger.form("/login", "Log in").await;
            form.extend([
                ("username".to_owned(), name.to_owned()),
                ("password".to_owned(), WRONG.to_owned()),
            ]);
            let began = now();
            let page = stranger.post("/login", &form).await;
            if round > 0 {
                times[which].push(began.elapsed());
            }
            page.says(
                422,
                "Your username and password didn't match. Please try again.",
            );
            pages.push((
                anonymous(&page, name),
                page.headers
                    .keys()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>(),
            ));
        }
    }
    assert!(pages.iter().all(|page| *page == pages[0]));
    let [known, unknown] = times.map(median);
    let ratio = known / unknown;
    assert!(
        (0.5..2.0).contains(&ratio),
        "a wrong password takes {known} s, an unknown name {unknown} s"
    );
    // Hashing dominates: a name refused without it would show in the ratio.
    assert!(unknown > 0.005, "{unknown}");
}

#[tokio::test]
async fn a_number_that_somebody_has_and_a_free_one_are_told_alike() {
    let site = Site::new().await;
    // Even just after its owner verified it with the second code.
    let amy = site.registered("amy").await;
    amy.fill("/verify", "Send code", &[("phone", "+447700900123")])
        .await
        .goes_to("/verify/code");
    site.clock.advance(30);
    amy.fill("/verify/code", "Send a new code", &[])
        .await
        .goes_to("/verify/code");
    amy.fill("/verify/code", "Confirm", &[("code", &site.code())])
        .await
        .goes_to("/account/recovery/offer");
    let (ben, cid) = (site.registered("ben").await, site.registered("cid").await);
    ben.fill("/verify", "Send code", &[("phone", "+447700900123")])
        .await
        .goes_to("/verify/code");
    cid.fill("/verify", "Send code", &[("phone", "+447700900423")])
        .await
        .goes_to("/verify/code");
    let (taken, free) = (ben.get("/verify/code").await, cid.get("/verify/code").await);
    assert_eq!(
        anonymous(&taken, "ben").replace("900123", "900423"),
        anonymous(&free, "cid")
    );
}

#[tokio::test]
async fn a_code_to_a_number_that_somebody_has_takes_as_long_as_one_to_a_free_number() {
    let site = Site::new().await;
    let taken = electorate(&site.state, 900_100, 21).await;
    let mut times = [Vec::new(), Vec::new()];
    for (round, voter) in taken.iter().enumerate() {
        // So that earlier requests don't interfere.
        site.clock.advance(25 * 60 * 60);
        for (which, number) in [voter.number.clone(), format!("+447700900{}", 500 + round)]
            .into_iter()
            .enumerate()
        {
            let guesser = site
                .registered(&format!("guesser{round}{}", ["a", "b"][which]))
                .await;
            let mut form = guesser.form("/verify", "Send code").await;
            form.push(("phone".to_owned(), number));
            let began = now();
            let page = guesser.post("/verify", &form).await;
            if round > 0 {
                times[which].push(began.elapsed());
            }
            page.goes_to("/verify/code");
        }
    }
    let [taken, free] = times.map(median);
    assert!(
        (0.5..2.0).contains(&(taken / free)),
        "a number that is taken takes {taken} s, a free one {free} s"
    );
}

#[tokio::test]
async fn a_name_of_any_length_is_told_to_match_nothing() {
    for site in Site::on_each_database().await {
        // Noise, or a database would compress well.
        let name: String = (0..200).map(|_| HEXLOWER.encode(&random::<32>())).collect();
        let page = site
            .visitor()
            .fill(
                "/login",
                "Log in",
                &[("username", &name), ("password", WRONG)],
            )
            .await;
        page.says(422, "Your username and password didn't match.");
    }
}
