//! Cost of the pages that readers open most, relative to a response without a page (`/healthz`), for
//! strangers and for verified voters whose session is remembered.
//!
//! `cargo bench --bench pages`

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

mod support;

use pollstr::platform::clock::Clock;
use pollstr::polls::model::poll::ResultsRule;
use pollstr::polls::store::drafts::Draft;
use support::{Site, client, page, page_for};

#[tokio::main]
async fn main() {
    let site = Site::at(Clock::system()).await;
    let now = site.state.clock.now();
    let draft = |_| Draft {
        results: ResultsRule::Always,
        ..Draft::asking("Which dog?", &["Beagle", "Collie", "Poodle"], now)
    };
    let poll = format!("/polls/{}", site.ask(draft, 20).await);
    let (client, voter) = (client(), site.voters(1).await.remove(0));
    let at = |path: &str| format!("{}{path}", site.origin);
    page(&client, &at("/healthz")).await;
    let bare = page(&client, &at("/healthz")).await;
    println!("/healthz {bare:>25.1?}");
    let ballot = format!("{poll}/vote");
    for (what, path, cookie) in [
        ("the list, a stranger", "/", ""),
        ("the list, a voter", "/", voter.as_str()),
        ("a poll, a stranger", poll.as_str(), ""),
        ("a poll, a voter", poll.as_str(), voter.as_str()),
        ("results, a stranger", &format!("{poll}/results"), ""),
        ("results, a voter", &format!("{poll}/results"), &voter),
        ("the ballot, a voter", &ballot, &voter),
    ] {
        page_for(&client, &at(path), cookie).await;
        let time = page_for(&client, &at(path), cookie).await;
        println!(
            "{what:<22} {time:>10.1?}: {:.2} times",
            time.as_secs_f64() / bare.as_secs_f64()
        );
    }
}
