//! Results as files: for spreadsheets, for programs, for other counting software, and the recount bundle. They are there for whoever
//! may see the results, by the same rule, and refused in the same words.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::Bound;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures::stream;
use sea_orm::DbErr;
use serde::Serialize;

use crate::platform::clock::Clock;
use crate::platform::db::Db;
use crate::polls::model::counting::Count;
use crate::polls::model::poll::{Choice, Kind, Poll, State as Stage};
use crate::polls::model::poll_view::PollView;
use crate::polls::model::selection::Selection;
use crate::polls::results::access::ResultsView;
use crate::polls::sealing::bundle::{Bundle, Counted, Frozen, said_of};
use crate::polls::store::polls;
use crate::polls::store::polls::StoredPoll;
use crate::web::hypermedia::dispatch::Site;
use crate::web::hypermedia::outcome::Refusal;

/// How many rankings go into one piece of a file.
const PIECE: usize = 2_000;

/// What files are made from.
#[derive(Clone, Debug)]
pub struct Source {
    /// The site, whose pages tell who may see what.
    pub site: Site,
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Clock,
}

/// Where the files are.
pub fn router(source: Source) -> Router {
    Router::new()
        .route("/polls/{id}/results.csv", get(csv))
        .route("/polls/{id}/results.json", get(json))
        .route("/polls/{id}/results.blt", get(blt))
        .route("/polls/{id}/bundle.json", get(bundle))
        .with_state(source)
}

async fn csv(State(source): State<Source>, Path(id): Path<String>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    match source.results(&parts, &id).await {
        Ok(ResultsView { poll, count, .. }) => {
            file(&poll.id, "csv", "text/csv; charset=utf-8", sheet(&count))
        }
        Err(refusal) => source.site.refuse(parts, &refusal).await,
    }
}

async fn json(State(source): State<Source>, Path(id): Path<String>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    match source.results(&parts, &id).await {
        Ok(ResultsView { poll, count, .. }) => {
            let results = Results {
                format: "pollstr results 1",
                poll: Frozen::of(&poll),
                state: poll.state,
                count: Counted::from(&count),
            };
            match serde_json::to_string_pretty(&results) {
                Ok(text) => file(&poll.id, "json", "application/json", text + "\n"),
                Err(error) => source.site.refuse(parts, &failed(&error)).await,
            }
        }
        Err(refusal) => source.site.refuse(parts, &refusal).await,
    }
}

async fn blt(State(source): State<Source>, Path(id): Path<String>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    match source.rankings(&parts, &id).await {
        Ok((poll, said)) => file(
            &poll.id,
            "blt",
            "text/plain; charset=utf-8",
            ballot_lines(poll.clone(), said),
        ),
        Err(refusal) => source.site.refuse(parts, &refusal).await,
    }
}

async fn bundle(
    State(source): State<Source>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let (parts, _) = request.into_parts();
    let made = match source.sealed(&parts, &id).await {
        Ok(stored) => Bundle::of(&source.db, &stored)
            .await
            .map(|bundle| (bundle, stored.poll.id))
            .map_err(|error| failed(&error)),
        Err(refusal) => Err(refusal),
    };
    match made {
        Ok((bundle, id)) => {
            let pieces = stream::try_unfold(bundle, async |mut bundle| {
                Ok::<_, DbErr>(bundle.piece().await?.map(|piece| (piece, bundle)))
            });
            file(
                &format!("{id}-bundle"),
                "json",
                "application/json",
                Body::from_stream(pieces),
            )
        }
        Err(refusal) => source.site.refuse(parts, &refusal).await,
    }
}

impl Source {
    /// The results, as the page shows them to whoever asks.
    async fn results(&self, parts: &Parts, id: &str) -> Result<ResultsView, Refusal> {
        self.site.read(parts, "results", id).await
    }

    /// A poll after its close, sealed, if whoever asks may see it; then the results are everybody's.
    async fn sealed(&self, parts: &Parts, id: &str) -> Result<StoredPoll, Refusal> {
        let seen: PollView = self.site.read(parts, "poll", id).await?;
        if seen.poll.state != Stage::Closed {
            return Err(Refusal::Forbidden {
                message: "This file is published when the poll has closed.".to_owned(),
            });
        }
        let stored = self.find(&seen.poll.id).await?;
        // Within a second of the close it is not, yet.
        if stored.sealed {
            Ok(stored)
        } else {
            Err(being_sealed())
        }
    }

    async fn find(&self, id: &str) -> Result<StoredPoll, Refusal> {
        let found = polls::find(self.db.read(), id, self.clock.now())
            .await
            .map_err(|error| failed(&error))?;
        found.ok_or(Refusal::NotFound)
    }

    /// The whole rankings of a poll, where its organiser chose to publish them.
    async fn rankings(
        &self,
        parts: &Parts,
        id: &str,
    ) -> Result<(Poll, Arc<BTreeMap<String, i64>>), Refusal> {
        let seen: PollView = self.site.read(parts, "poll", id).await?;
        if seen.poll.kind != Kind::Ranked || !seen.poll.rankings {
            return Err(Refusal::NotFound);
        }
        let stored = self.sealed(parts, id).await?;
        let said = said_of(&self.db, &stored)
            .await
            .map_err(|error| failed(&error))?;
        if Frozen::of(&stored.poll)
            .left_out(said.values().sum())
            .is_some()
        {
            let message = "Fewer than five people voted, so their rankings are not published: each could be guessed.";
            return Err(Refusal::Forbidden {
                message: message.to_owned(),
            });
        }
        Ok((stored.poll, said))
    }
}

fn failed(error: &dyn std::fmt::Display) -> Refusal {
    tracing::error!(%error, "a file could not be made");
    Refusal::unavailable()
}

fn being_sealed() -> Refusal {
    Refusal::Unavailable {
        message: "The poll has just closed, and its ballots are being sealed. Please try again in a moment.".to_owned(),
        wait: 5,
    }
}

/// An answer that a browser keeps as a file. The poll's id is letters and digits.
fn file(name: &str, ending: &str, kind: &'static str, body: impl Into<Body>) -> Response {
    let disposition = format!("attachment; filename=\"poll-{name}.{ending}\"");
    let headers = [
        (CONTENT_TYPE, kind.to_owned()),
        (CONTENT_DISPOSITION, disposition),
        (CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, body.into()).into_response()
}

/// Results for programs.
#[derive(Serialize)]
struct Results {
    format: &'static str,
    poll: Frozen,
    state: Stage,
    count: Counted,
}

/// Results for spreadsheets: a line for each choice, a column for each round of a run-off.
fn sheet(count: &Count) -> String {
    let mut lines = vec![
        ["choice", "votes", "percent", "leads"]
            .map(str::to_owned)
            .to_vec(),
    ];
    lines[0].extend((1..=count.rounds.len()).map(|number| format!("round {number}")));
    for row in &count.rows {
        let leads = if row.leads { "yes" } else { "no" }.to_owned();
        let mut line = vec![
            cell(&row.text),
            row.votes.to_string(),
            row.percent.to_string(),
            leads,
        ];
        line.extend(count.rounds.iter().map(|round| {
            let standing = round
                .standing
                .iter()
                .find(|standing| standing.choice == row.position);
            standing
                .map(|standing| standing.votes.to_string())
                .unwrap_or_default()
        }));
        lines.push(line);
    }
    if !count.rounds.is_empty() {
        let mut line = vec![
            cell("(no choice left)"),
            String::new(),
            String::new(),
            String::new(),
        ];
        line.extend(count.rounds.iter().map(|round| round.exhausted.to_string()));
        lines.push(line);
    }
    // The first sign tells spreadsheets that it is UTF-8.
    lines.iter().fold("\u{feff}".to_owned(), |sheet, line| {
        sheet + &line.join(",") + "\r\n"
    })
}

/// A text as a cell. What a spreadsheet would take for a formula gets a sign before it.
fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    format!(
        "\"{}{}\"",
        if formula { "'" } else { "" },
        text.replace('"', "\"\"")
    )
}

/// Rankings in the form that programs for counting them share: candidates and seats, ballots, names, title.
fn ballot_lines(poll: Poll, said: Arc<BTreeMap<String, i64>>) -> Body {
    let mut head = format!("{} 1\n", poll.choices.len());
    let after = (Some(std::mem::take(&mut head)), Bound::Unbounded);
    let pieces = stream::unfold(Some(after), move |state| {
        let next = state.map(|(head, after)| {
            let mut piece = head.unwrap_or_default();
            let mut last = None;
            for (says, times) in said
                .range::<String, _>((after, Bound::Unbounded))
                .take(PIECE)
            {
                let numbers = Selection::read(says)
                    .map(|selection| numbers(&poll.choices, &selection))
                    .unwrap_or_default();
                let _ = writeln!(piece, "{times}{numbers} 0");
                last = Some(says.clone());
            }
            let state = last.map(|last| (None, Bound::Excluded(last)));
            if state.is_none() {
                piece.push_str("0\n");
                for text in poll
                    .choices
                    .iter()
                    .map(|choice| &choice.text)
                    .chain([&poll.question])
                {
                    let _ = writeln!(piece, "\"{}\"", name(text));
                }
            }
            (Ok::<_, std::convert::Infallible>(piece), state)
        });
        std::future::ready(next)
    });
    Body::from_stream(pieces)
}

fn numbers(choices: &[Choice], selection: &Selection) -> String {
    let number = |position: &i64| {
        choices
            .iter()
            .position(|choice| choice.position == *position)
            .map(|index| format!(" {}", index + 1))
    };
    selection.positions().iter().filter_map(number).collect()
}

/// A name between quotation marks, for which the form knows no escape.
fn name(text: &str) -> String {
    text.replace('"', "'").replace(char::is_control, " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::polls::model::counting::Row;

    #[test]
    fn a_spreadsheet_runs_nothing_and_keeps_every_sign() {
        let row = |text: &str| Row {
            position: 1,
            text: text.to_owned(),
            votes: 3,
            percent: 100,
            leads: true,
        };
        let count = |text: &str| Count {
            kind: Kind::Single,
            ballots: 3,
            version: 3,
            rows: vec![row(text)],
            rounds: Vec::new(),
        };
        assert_eq!(
            sheet(&count("Tea, \"black\"")),
            "\u{feff}choice,votes,percent,leads\r\n\"Tea, \"\"black\"\"\",3,100,yes\r\n"
        );
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "＝1"] {
            assert!(
                sheet(&count(formula)).contains(&format!("\"'{formula}\"")),
                "{formula}"
            );
        }
    }

    #[test]
    fn a_name_stays_between_its_quotation_marks() {
        assert_eq!(name("The \"old\"\n0 way"), "The 'old' 0 way");
    }
}
