//! The results: bars for the eye, a table for everybody, shown to whom and when the poll says.

use leptos::prelude::*;
use leptos::server_fn::codec::{GetUrl, Json};
use serde::{Deserialize, Serialize};

use crate::accounts::guard::{require, turn_away};
use crate::accounts::viewer::Level;
use crate::polls::browse::show::{PollForViewer, id_here};
use crate::polls::components::receipt_notice::{Thanks, read_receipt};
use crate::polls::components::rounds::Rounds;
use crate::polls::components::summary::{turnout, verdict};
use crate::polls::model::counting::{Count, Row};
use crate::polls::model::poll::{Badge, Poll, ResultsRule, State};
use crate::polls::results::downloads::Downloads;
use crate::polls::sharing::share::introduce;
use crate::web::components::layout::Page;
use crate::web::components::page_meta::Answer;
use crate::web::hypermedia::outcome::Refusal;
use crate::web::location::Here;
use crate::web::time::brief;

#[cfg(feature = "ssr")]
use {crate::polls::store::cache::Snapshots, crate::polls::store::polls};

/// How often the page loads itself where that is asked for, in seconds.
const REFRESH: u32 = 10;

/// The results of a poll, for somebody who may see them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ResultsForViewer {
    /// The poll.
    pub poll: Poll,
    /// What was counted.
    pub count: Count,
    /// The SHA-256 of the recount bundle, once the poll is sealed.
    pub fingerprint: Option<String>,
    /// Whether this person has voted in it.
    pub voted: bool,
}

/// Counts a poll, for whoever may see it now.
///
/// # Errors
/// When this viewer may not, yet or at all; when there is no such poll, or the database fails.
#[server(endpoint = "results", input = GetUrl, output = Json)]
pub async fn read_results(id: String) -> Result<ResultsForViewer, Refusal> {
    let polls::ForViewer { stored, seen } = polls::for_viewer(&id).await?;
    admit(&seen)?;
    let fingerprint = stored.fingerprint.clone();
    let count = expect_context::<Snapshots>().count(&stored).await?;
    Ok(ResultsForViewer {
        poll: seen.poll,
        count: Count::clone(&count),
        fingerprint,
        voted: seen.voted,
    })
}

/// Lets whoever may see the results of a poll now go on. This is the one rule, for every surface that shows a count.
///
/// # Errors
/// What comes first, or when the results can be seen.
pub fn admit(seen: &PollForViewer) -> Result<(), Refusal> {
    if seen.results_open() {
        return Ok(());
    }
    require(Level::Verified)?;
    Err(match (seen.poll.results, seen.poll.closes_at) {
        (ResultsRule::AfterClose, Some(closes_at)) => Refusal::Forbidden {
            message: format!(
                "The results can be seen when the poll closes, on {}.",
                brief(closes_at, &seen.poll.zone)
            ),
        },
        (ResultsRule::AfterClose, None) => Refusal::Forbidden {
            message: "The results can be seen when the poll closes.".to_owned(),
        },
        _ => Refusal::Elsewhere {
            message: "You see the results once you have voted.".to_owned(),
            path: format!("{}/vote", seen.poll.path()),
        },
    })
}

/// The page of the results.
#[component]
pub fn ResultsPage() -> impl IntoView {
    let id = id_here();
    Suspend::new(async move {
        match read_results(id).await {
            Ok(ResultsForViewer {
                poll,
                count,
                fingerprint,
                voted,
            }) => {
                let receipt = read_receipt(poll.id.clone()).await.ok().flatten();
                introduce(&poll);
                let back = poll.path();
                // The last votes may be counted a moment after the close.
                let moving = fingerprint.is_none();
                let stream = moving.then(|| format!("{back}/live?after={}", count.version));
                view! {
                    <Page title=poll.question.clone() class="column results-page">
                        {receipt.map(|receipt| view! { <Thanks id=poll.id.clone() receipt changeable=poll.changeable/> })}
                        <p class="meta"><Badge state=poll.state opens_at=poll.opens_at closes_at=poll.closes_at zone=poll.zone.clone()/></p>
                        // Where scripts run, the results move by themselves. A stream that is refused leaves them as they are.
                        <div
                            class="live"
                            hx-sse:connect=stream
                            hx-sse:close="over"
                            hx-target="this"
                            hx-swap="innerMorph transition:false"
                            hx-indicator="this"
                            hx-status:4xx="swap:none"
                            hx-status:5xx="swap:none"
                        >
                            <Results count state=poll.state/>
                        </div>
                        {(voted && poll.state == State::Open).then(|| view! {
                            <p class="hint">"Your vote is counted. New votes show here within a few seconds, yours too."</p>
                        })}
                        {moving.then(|| view! { <Refresh results=format!("{back}/results")/> })}
                        <Downloads poll=poll.clone() fingerprint/>
                        <p class="actions"><a class="button" href=back>"Back to the poll"</a> <a href="/">"All open polls"</a></p>
                    </Page>
                }
                .into_any()
            }
            Err(refusal) => turn_away(&refusal),
        }
    })
}

/// How results move: by themselves, or by loading the page again. Scripts show what is so.
#[component]
fn Refresh(results: String) -> impl IntoView {
    let again = format!("{results}?refresh={REFRESH}");
    let on = Here::now().query("refresh") == Some(REFRESH.to_string().as_str());
    if on {
        Answer::now().refresh(REFRESH);
    }
    view! {
        <p class="hint live-note" data-live="on" hidden>"Live: new votes show here by themselves."</p>
        <p class="hint live-note" data-live="off">
            <a href=if on { again.clone() } else { results.clone() }>"Refresh"</a>
            {if on {
                view! { <span>"This page loads itself every 10 seconds."</span> <a href=results>"Stop that"</a> }.into_any()
            } else {
                view! { <a href=again>"Refresh every 10 seconds"</a> }.into_any()
            }}
        </p>
    }
}

/// The count of a poll: who is ahead, in words; a table with bars; and how rankings were counted, round by round.
#[component]
pub fn Results(
    /// What was counted.
    count: Count,
    /// Whether it may still change.
    state: State,
) -> impl IntoView {
    let closed = state == State::Closed;
    view! {
        <div id="results">
            <p class="verdict" dir="auto">{verdict(&count, closed)}</p>
            <table class="results">
                <caption>{turnout(&count, closed)}</caption>
                <thead>
                    <tr>
                        <th scope="col"><span class="visually-hidden">"Choice"</span></th>
                        <th scope="col"><span class="visually-hidden">"Votes"</span></th>
                        <th scope="col"><span class="visually-hidden">"Share"</span></th>
                    </tr>
                </thead>
                <tbody>{count.rows.iter().map(|row| view! { <ResultRow row=row.clone()/> }).collect_view()}</tbody>
            </table>
            {(!count.rounds.is_empty()).then(|| view! { <Rounds count/> })}
        </div>
    }
}

#[component]
fn ResultRow(row: Row) -> impl IntoView {
    view! {
        <tr class=if row.leads { "leads" } else { "" }>
            <th scope="row">
                <span class="result-text" dir="auto">{row.text}</span>
                <svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
                    <rect class="bar-track" width="100" height="1"></rect>
                    <rect class="bar-fill" width=row.percent.to_string() height="1"></rect>
                </svg>
            </th>
            <td class="votes">{row.votes}</td>
            <td class="share">{format!("{}\u{a0}%", row.percent)}</td>
        </tr>
    }
}
