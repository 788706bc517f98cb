//! The results: bars for the eye, a table for everybody, shown to whom and when the poll says.

use leptos::prelude::*;
use leptos::server_fn::codec::{GetUrl, Json};
use serde::{Deserialize, Serialize};

use super::count::{Count, Row};
use super::downloads::Downloads;
use super::poll::{Badge, Poll, ResultsRule, State};
use super::rounds::Rounds;
use super::show::{PollForViewer, id_here};
use super::verdict::{turnout, verdict};
use crate::accounts::guard::{require, turn_away};
use crate::accounts::viewer::Level;
use crate::web::layout::Page;
use crate::web::refusal::Refusal;
use crate::web::time::day;

/// The results of a poll, for somebody who may see them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ResultsForViewer {
    /// The poll.
    pub poll: Poll,
    /// What was counted.
    pub count: Count,
    /// The receipt of a vote that was just cast, to be shown once.
    pub receipt: Option<String>,
    /// The SHA-256 of the recount bundle, once the poll is sealed.
    pub fingerprint: Option<String>,
}

/// Counts a poll, for whoever may see it now.
///
/// # Errors
/// When this viewer may not, yet or at all; when there is no such poll, or the database fails.
#[server(endpoint = "results", input = GetUrl, output = Json)]
pub async fn read_results(id: String) -> Result<ResultsForViewer, Refusal> {
    use std::sync::Arc;

    use axum::http::{HeaderValue, header::SET_COOKIE, request::Parts};
    use leptos_axum::ResponseOptions;

    use super::receipt::Receipt;
    use super::{count, store};
    use crate::config::Config;
    use crate::db::Db;

    let store::ForViewer { stored, seen } = store::for_viewer(&id).await?;
    admit(&seen)?;
    let fingerprint = stored.fingerprint.clone();
    let tally = store::tally(expect_context::<Db>().read(), stored.row).await?;
    let receipt = use_context::<Parts>().and_then(|parts| Receipt::carried(&parts.headers));
    if receipt.is_some() {
        let https = expect_context::<Arc<Config>>().origin.is_https();
        if let Ok(cookie) = HeaderValue::from_str(&Receipt::clear(&seen.poll.id, https)) {
            expect_context::<ResponseOptions>().append_header(SET_COOKIE, cookie);
        }
    }
    let count = count::count(&seen.poll, &tally);
    Ok(ResultsForViewer { poll: seen.poll, count, receipt: receipt.map(|receipt| receipt.grouped()), fingerprint })
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
        (ResultsRule::AfterClose, Some(closes_at)) => {
            Refusal::Forbidden { message: format!("The results can be seen when the poll closes, on {}.", day(closes_at)) }
        }
        (ResultsRule::AfterClose, None) => Refusal::Forbidden { message: "The results can be seen when the poll closes.".to_owned() },
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
            Ok(ResultsForViewer { poll, count, receipt, fingerprint }) => {
                let back = poll.path();
                view! {
                    <Page title=poll.question.clone() class="column results-page">
                        {receipt.map(|receipt| view! { <ReceiptNote receipt lookup=format!("{back}/receipt")/> })}
                        <p class="meta"><Badge state=poll.state opens_at=poll.opens_at closes_at=poll.closes_at/></p>
                        <Results count state=poll.state/>
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

/// The receipt of a vote that was just cast.
#[component]
fn ReceiptNote(receipt: String, lookup: String) -> impl IntoView {
    view! {
        <div class="notice good" role="status">
            <p><strong>"Thank you, your vote is counted."</strong></p>
            <details class="receipt">
                <summary>"Your receipt"</summary>
                <p class="receipt-line">
                    <output class="receipt-code" id="receipt">{receipt}</output>
                    <button type="button" class="quiet" data-copy="receipt" hidden>"Copy"</button>
                </p>
                <p class="hint">
                    "It proves that your ballot is counted, not how you voted: " <a href=lookup>"look it up"</a>
                    " at any time. It is shown this once; copy it, write it down or print this page if you want to keep it."
                </p>
            </details>
        </div>
    }
}
