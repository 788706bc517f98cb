//! `pollstr poll`: manages polls.

use pollstr::platform::clock::Clock;
use pollstr::platform::config::Config;
use pollstr::polls::admin::commands::PollModerator;
use pollstr::polls::admin::listing::PollFilter;
use pollstr::polls::admin::show::{PollDetails, PublicVotes};
use pollstr::polls::admin::watched_poll::ModeratedPoll;
use pollstr::polls::model::poll::{ResultsRule, State};
use pollstr::polls::model::turnout::Turnout;
use pollstr::server::startup::{open_current, update_existing};
use pollstr::web::number::grouped;
use pollstr::web::time::{day, machine};
use serde_json::{Value, json};

use crate::cli::args::poll::Poll;
use crate::cli::failure::confirm;
use crate::cli::output::{Outcome, json};
use crate::cli::table::{cell, fields, table};

pub(crate) async fn manage_polls(config: &Config, poll: Poll) -> Outcome {
    let reads = matches!(poll, Poll::List { .. } | Poll::Show { .. });
    let db = if reads {
        open_current(config).await?
    } else {
        update_existing(config).await?
    };
    let moderator = PollModerator::operator(db.clone(), &Clock::system());
    let said = run(&moderator, config, poll).await;
    db.close().await;
    said
}

async fn run(moderator: &PollModerator, config: &Config, poll: Poll) -> Outcome {
    match poll {
        Poll::List {
            open,
            closed,
            hidden,
            search,
            json,
        } => {
            let filter = match (open, closed, hidden) {
                (true, ..) => PollFilter::Open,
                (_, true, _) => PollFilter::Closed,
                (_, _, true) => PollFilter::Hidden,
                _ => PollFilter::All,
            };
            list(&moderator.list_all(filter, &search).await?, json)
        }
        Poll::Show { id, json } => show(moderator.show(&id).await?, config, json),
        Poll::Close { id } => {
            moderator.close(&id).await?;
            Ok(format!("Closed {id}. Votes so far count."))
        }
        Poll::Hide { id, reason } => {
            moderator.take_down(&id, &reason).await?;
            Ok(format!(
                "Hid {id}: only its owner can see it, with the reason, and voting has stopped."
            ))
        }
        Poll::Unhide { id } => {
            moderator.put_back(&id).await?;
            Ok(format!("{id} can be seen again."))
        }
        Poll::Delete { id, yes } => delete(moderator, &id, yes).await,
    }
}

async fn delete(moderator: &PollModerator, id: &str, yes: bool) -> Outcome {
    let poll = moderator.find(id).await?;
    let plan = format!(
        "This deletes the poll {id} with all its votes. It can't be undone.\nQuestion: {}",
        cell(&poll.question)
    );
    confirm(yes, &plan, &format!("delete {id}"))?;
    moderator.delete(id).await?;
    Ok(format!("Deleted {id} with all its votes."))
}

fn list(polls: &[ModeratedPoll], as_json: bool) -> Outcome {
    if as_json {
        return json(&polls.iter().map(entry).collect());
    }
    if polls.is_empty() {
        return Ok("No polls found.".to_owned());
    }
    let row = |poll: &ModeratedPoll| {
        let hidden = poll.hidden.as_ref().map_or("", |_| ", hidden");
        [
            poll.id.clone(),
            format!("{}{hidden}", state(poll.state).replace('_', " ")),
            day(poll.created_at),
            poll.owner.as_deref().map_or("-".to_owned(), cell),
            cell(&poll.question),
        ]
    };
    let rows: Vec<_> = polls.iter().map(row).collect();
    Ok(table(
        ["ID", "STATE", "CREATED", "OWNER", "QUESTION"],
        &rows,
    ))
}

fn state(state: State) -> &'static str {
    match state {
        State::Draft => "draft",
        State::NotOpenYet => "not_open_yet",
        State::Open => "open",
        State::Closed => "closed",
    }
}

/// Returns a poll as JSON. Fields keep their names and meanings.
fn entry(poll: &ModeratedPoll) -> Value {
    json!({
        "id": poll.id,
        "question": poll.question,
        "state": state(poll.state),
        "owner": poll.owner,
        "created_at": machine(poll.created_at),
        "opens_at": machine(poll.opens_at),
        "closes_at": poll.closes_at.map(machine),
        "hidden_reason": poll.hidden,
    })
}

fn show(details: PollDetails, config: &Config, as_json: bool) -> Outcome {
    let PollDetails {
        poll,
        rules,
        fingerprint,
        votes,
    } = details;
    let address = format!("{}{}", config.origin.as_str(), rules.path());
    if as_json {
        let mut shown = entry(&poll);
        let (votes, turnout) = match votes {
            PublicVotes::Hidden => (None, None),
            PublicVotes::SoFar(turnout) => (None, Some(turnout)),
            PublicVotes::Final(votes) => (Some(votes), None),
        };
        let more = json!({
            "description": poll.description,
            "choices": poll.choices,
            "kind": rules.kind.as_str(),
            "results": rules.results.as_str(),
            "listed": rules.listed,
            "address": address,
            "votes": votes,
            "turnout": turnout,
            "fingerprint": fingerprint,
        });
        if let (Value::Object(shown), Value::Object(more)) = (&mut shown, more) {
            shown.extend(more);
        }
        return json(&shown);
    }
    let choices: Vec<_> = poll.choices.iter().map(|choice| cell(choice)).collect();
    let results = match rules.results {
        ResultsRule::Always => "shown to everyone",
        ResultsRule::AfterVote => "shown after voting",
        ResultsRule::AfterClose => "shown after the close",
    };
    let no_close = || "when it is closed by hand".to_owned();
    let mut lines = vec![
        ("State", state(poll.state).replace('_', " ")),
        ("Address", address),
        (
            "Owner",
            poll.owner.as_deref().map_or("none".to_owned(), cell),
        ),
        ("Created", day(poll.created_at)),
        ("Opens", day(poll.opens_at)),
        ("Closes", poll.closes_at.map_or_else(no_close, day)),
        ("Listed", if rules.listed { "yes" } else { "no" }.to_owned()),
        ("Voting", rules.kind.as_str().to_owned()),
        ("Results", results.to_owned()),
        ("Votes", in_words(votes)),
    ];
    lines.extend(
        poll.hidden
            .map(|reason| ("Hidden", format!("the owner reads: {}", cell(&reason)))),
    );
    lines.extend(fingerprint.map(|hash| ("Recount file", format!("SHA-256 {hash}"))));
    lines.push(("Choices", choices.join("\n")));
    if !poll.description.is_empty() {
        lines.push(("Description", poll.description));
    }
    Ok(fields(&cell(&poll.question), &lines))
}

fn in_words(votes: PublicVotes) -> String {
    match votes {
        PublicVotes::Hidden => "not public now".to_owned(),
        PublicVotes::Final(votes) => grouped(votes),
        PublicVotes::SoFar(Turnout::FewerThan(turnout)) => {
            format!("fewer than {} so far", grouped(turnout))
        }
        PublicVotes::SoFar(Turnout::AtLeast(turnout)) => {
            format!("at least {} so far", grouped(turnout))
        }
        PublicVotes::SoFar(Turnout::Exactly(turnout)) => format!("{} so far", grouped(turnout)),
    }
}
