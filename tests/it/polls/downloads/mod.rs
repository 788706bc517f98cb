//! Result files, the recount file, recounting, and backups.

mod backups;
mod motions;
mod ratings;
mod recounts;
mod results;

use pollstr::polls::model::kind::Kind;
use pollstr::polls::model::poll::ResultsRule;
use pollstr::polls::store::drafts::Draft;
use pollstr::polls::voting::vote::Outcome;

use crate::support::app::{START_TIME, Site};
use crate::support::voters::{asked, cast_all, electorate};

const RANKINGS: [&[i64]; 6] = [&[1, 2], &[1, 3], &[2], &[2, 3, 1], &[3, 2], &[2, 1]];

/// Creates a one-hour poll with this many votes.
pub(crate) async fn voted(
    site: &Site,
    change: impl FnOnce(&mut Draft),
    chosen: &[&[i64]],
) -> (String, Vec<Outcome>) {
    let poll = asked(&site.state, |draft| {
        draft.closes_at = Some(START_TIME + 3_600);
        change(draft);
    })
    .await;
    let first = usize::try_from(site.count("SELECT COUNT(*) FROM account").await).unwrap();
    let people = electorate(&site.state, first, chosen.len()).await;
    let votes = people
        .iter()
        .zip(chosen)
        .map(|(voter, chosen)| voter.vote(&poll, chosen));
    let counted = cast_all(&site.state.ballots, votes).await;
    assert!(counted.iter().all(Result::is_ok));
    (format!("/polls/{poll}"), counted)
}

fn ranked(draft: &mut Draft) {
    (draft.kind, draft.rankings, draft.results) = (Kind::Ranked, true, ResultsRule::Always);
}
