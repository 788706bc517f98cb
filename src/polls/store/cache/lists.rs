//! Lists of polls with the number of votes in each, where everyone may see it.

use std::collections::HashMap;
use std::sync::Arc;

use sea_orm::DbErr;

use crate::polls::model::poll::{ResultsRule, State};
use crate::polls::store::cache::PollCache;
use crate::polls::store::release::Rule;
use crate::polls::store::search::{Found, Which};
use crate::polls::store::{search, votes};

/// How many times longer than other entries a total over all polls is fresh: a minute in production,
/// so that it shows no single vote.
const TOTAL_LASTS: u32 = 120;

/// A poll in a list, and what decides whether its number of votes is shown.
#[derive(Clone, Copy, Debug)]
pub struct ListedPoll<'a> {
    /// The row id.
    pub row: i64,
    /// The public id.
    pub id: &'a str,
    /// Who may see the results.
    pub results: ResultsRule,
    /// The current state.
    pub state: State,
}

impl PollCache {
    /// Lists polls. The first pages without a search are the same for all readers, and cached.
    pub async fn list(&self, which: &Which) -> Result<Arc<Vec<Found>>, DbErr> {
        let here = &self.0;
        if which.search.is_some() || which.after.is_some() {
            return self.read_list(which).await.map(Arc::new);
        }
        let Which {
            closed,
            closing_first,
            skip,
            limit,
            ..
        } = which;
        let page = format!("{closed} {closing_first} {skip} {limit}");
        here.lists
            .get(&page, here.lasts, async |_| self.read_list(which).await)
            .await
    }

    async fn read_list(&self, which: &Which) -> Result<Vec<Found>, DbErr> {
        let now = self.0.clock.now();
        let mut found = search::list(self.0.db.read(), which, now).await?;
        let listed = found.iter().map(|poll| {
            Ok(ListedPoll {
                row: poll.id,
                id: &poll.public_id,
                results: poll.results()?,
                state: State::at(poll.opens_at, poll.closes_at, now),
            })
        });
        let listed = listed.collect::<Result<Vec<_>, DbErr>>()?;
        let votes = self.public_votes(&listed).await?;
        for poll in &mut found {
            poll.votes = votes.get(&poll.id).copied();
        }
        Ok(found)
    }

    /// Returns the number of votes of each poll whose results everyone may see now, by row. While a
    /// poll is open, these are its released votes. It takes one query, and on PostgreSQL another for
    /// what is released.
    pub async fn public_votes(&self, polls: &[ListedPoll<'_>]) -> Result<HashMap<i64, i64>, DbErr> {
        let here = &self.0;
        let public: Vec<_> = polls
            .iter()
            .filter(|poll| poll.results.open_to_all(poll.state))
            .collect();
        if public.is_empty() {
            return Ok(HashMap::new());
        }
        let rows: Vec<_> = public.iter().map(|poll| poll.row).collect();
        let ballots = votes::ballots_of(here.db.read(), &rows).await?;
        let all = |row| ballots.get(&row).copied().unwrap_or_default();
        let is_held = |poll: &ListedPoll<'_>| {
            here.releases.rule != Rule::AT_ONCE && poll.state != State::Closed
        };
        let held: Vec<_> = public
            .iter()
            .filter(|poll| is_held(poll))
            .map(|poll| (poll.id, all(poll.row)))
            .collect();
        let released = if held.is_empty() {
            HashMap::new()
        } else {
            here.releases.released(&held).await?
        };
        let votes = public.into_iter().filter_map(|poll| {
            let votes = if is_held(poll) {
                *released.get(poll.id)?
            } else {
                all(poll.row)
            };
            Some((poll.row, votes))
        });
        Ok(votes.collect())
    }

    /// Returns the number of votes in all polls whose results everyone may see, up to a minute old.
    pub async fn total_votes(&self) -> Result<i64, DbErr> {
        let here = &self.0;
        let total = here
            .totals
            .get("votes", here.lasts * TOTAL_LASTS, async |_| {
                votes::public_ballots(here.db.read(), here.clock.now()).await
            })
            .await?;
        Ok(*total)
    }
}
