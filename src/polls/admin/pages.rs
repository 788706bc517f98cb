//! Pages and server functions for admins: find polls, take them down with a reason, restore and
//! close them.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::server_fn::codec::{GetUrl, Json};
use serde::{Deserialize, Serialize};

use crate::accounts::admin::pages::{AdminList, AdminTabs, account_path};
use crate::accounts::guard::{Guard, render_refusal};
use crate::accounts::viewer::Level;
use crate::polls::admin::overview::Overview;
use crate::polls::admin::watched_poll::{ModeratedPoll, ModeratedPolls};
use crate::polls::components::badge::Badge;
use crate::polls::components::texts::choices::ChoiceList;
use crate::polls::components::texts::corrections::Corrections;
use crate::polls::current_poll::poll_id_param;
use crate::polls::manage::controls::ConfirmAction;
use crate::polls::model::poll::{State, path};
use crate::web::components::field::Field;
use crate::web::components::form::Form;
use crate::web::components::page::layout::Page;
use crate::web::components::row::Row;
use crate::web::hypermedia::outcome::{Next, Refusal};
use crate::web::location::Location;
use crate::web::time::Time;

#[cfg(feature = "ssr")]
use {
    crate::accounts::guard::require,
    crate::polls::admin::commands::PollModerator,
    crate::polls::admin::listing::{Listing, PollFilter},
    crate::web::pagination::cut,
};

/// Polls per page.
#[cfg(feature = "ssr")]
const PAGE: usize = 50;

/// Form to take a poll down.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TakeDownForm {
    poll: String,
    reason: String,
}

/// Takes a poll down: only its owner still sees it, with the reason, and voting stops.
///
/// # Errors
/// When the reason is empty, there is no such poll, or the caller isn't an admin.
#[server(endpoint = "take_down_poll", input = Json, output = Json)]
pub async fn take_down_poll(form: TakeDownForm) -> Result<Next, Refusal> {
    PollModerator::of(require(Level::Admin)?)
        .take_down(&form.poll, &form.reason)
        .await?;
    Ok(Next::to(admin_path(&form.poll)))
}

/// Makes a poll visible again.
///
/// # Errors
/// When it wasn't taken down, or the caller isn't an admin.
#[server(endpoint = "put_back_poll", input = Json, output = Json)]
pub async fn put_back_poll(form: crate::polls::manage::poll_ref::PollRef) -> Result<Next, Refusal> {
    PollModerator::of(require(Level::Admin)?)
        .put_back(&form.poll)
        .await?;
    Ok(Next::to(admin_path(&form.poll)))
}

/// Closes any open poll. All votes up to then count.
///
/// # Errors
/// When it isn't open, or the caller isn't an admin.
#[server(endpoint = "close_watched_poll", input = Json, output = Json)]
pub async fn close_any_poll(
    form: crate::polls::manage::poll_ref::PollRef,
) -> Result<Next, Refusal> {
    PollModerator::of(require(Level::Admin)?)
        .close(&form.poll)
        .await?;
    Ok(Next::to(admin_path(&form.poll)))
}

/// Returns the site's published polls, newest first.
///
/// # Errors
/// When the caller isn't an admin.
#[server(endpoint = "watched_polls", input = GetUrl, output = Json)]
pub async fn read_moderated_polls(
    q: Option<String>,
    page: Option<String>,
) -> Result<ModeratedPolls, Refusal> {
    let moderator = PollModerator::of(require(Level::Admin)?);
    let search = q.unwrap_or_default().replace('\0', "");
    let wanted = Listing {
        filter: PollFilter::All,
        search: search.trim(),
        before: page.and_then(|page| page.parse().ok()),
        limit: PAGE + 1,
    };
    let mut found = moderator.list(wanted).await?;
    let next_page = cut(&mut found, PAGE, |(row, _)| *row);
    Ok(ModeratedPolls {
        polls: found.into_iter().map(|(_, poll)| poll).collect(),
        next_page,
    })
}

/// Returns one poll.
///
/// # Errors
/// When there is no such poll, or the caller isn't an admin.
#[server(endpoint = "watched_poll", input = GetUrl, output = Json)]
pub async fn read_moderated_poll(id: String) -> Result<ModeratedPoll, Refusal> {
    Ok(PollModerator::of(require(Level::Admin)?).find(&id).await?)
}

/// Returns the path of a poll's admin page.
fn admin_path(id: &str) -> String {
    format!("/admin/polls/{id}")
}

/// The admin list of polls.
#[component]
pub fn AdminPollsPage() -> impl IntoView {
    view! { <Guard level=Level::Admin><Watched/></Guard> }
}

#[component]
fn Watched() -> impl IntoView {
    let here = Location::from_context();
    let (q, page) = (
        here.query("q").map(str::to_owned),
        here.query("page").map(str::to_owned),
    );
    Suspend::new(async move {
        // The numbers are at the top of the whole list only.
        let whole = q.is_none() && page.is_none();
        match read_moderated_polls(q.clone(), page).await {
            Ok(found) => view! { <AdminPollList found q=q.unwrap_or_default() whole/> }.into_any(),
            Err(refusal) => render_refusal(&refusal),
        }
    })
}

#[component]
fn AdminPollList(found: ModeratedPolls, q: String, whole: bool) -> impl IntoView {
    let row = |poll: ModeratedPoll| {
        let link = view! { <a href=admin_path(&poll.id) dir="auto">{poll.question.clone()}</a> };
        view! { <Row label=link><PollMeta poll/></Row> }.into_any()
    };
    view! {
        <AdminList
            title="Polls (admin)"
            here="/admin"
            search="Question, poll id or owner"
            q
            top=whole.then(|| view! { <Overview/> }.into_any())
            rows=found.polls.into_iter().map(row).collect()
            none="No polls found."
            next_page=found.next_page
            older="Older polls"
        />
    }
}

#[component]
fn PollMeta(poll: ModeratedPoll) -> impl IntoView {
    view! {
        <p class="meta">
            <Badge state=poll.state opens_at=poll.opens_at closes_at=poll.closes_at/>
            <span>
                "Created " <Time at=poll.created_at/>
                {poll.owner.map(|owner| view! { " by " <a href=account_path(&owner) dir="auto">{owner.clone()}</a> })}
            </span>
            {poll.hidden.is_some().then(|| view! { <span class="badge closed">"Taken down"</span> })}
        </p>
    }
}

/// The admin page of one poll.
#[component]
pub fn AdminPollPage() -> impl IntoView {
    view! { <Guard level=Level::Admin><OnePoll/></Guard> }
}

#[component]
fn OnePoll() -> impl IntoView {
    let id = poll_id_param();
    Suspend::new(async move {
        match read_moderated_poll(id).await {
            Ok(poll) => view! { <PollDetails poll/> }.into_any(),
            Err(refusal) => render_refusal(&refusal),
        }
    })
}

#[component]
fn PollDetails(poll: ModeratedPoll) -> impl IntoView {
    let id = poll.id.clone();
    let close = (poll.state == State::Open)
        .then(|| view! { <CloseForm id=id.clone() left=poll.owner.is_none()/> });
    let put_back = {
        let id = id.clone();
        view! {
            <Form action=PutBackPoll::PATH class="inline">
                <input type="hidden" name="poll" value=id/>
                <button class="small">"Restore"</button>
            </Form>
        }
    };
    let view_poll = poll
        .hidden
        .is_none()
        .then(|| view! { <a class="button small" href=path(&id)>"View the poll"</a> }.into_any());
    let taken_down = poll.hidden.map(|reason| {
        view! { <Row label="Taken down" action=Some(put_back.into_any())>"Reason shown to the owner: " <q dir="auto">{reason}</q></Row> }
    });
    let take_down = taken_down.is_none().then(|| {
        view! {
            <Form action=TakeDownPoll::PATH>
                <input type="hidden" name="poll" value=id/>
                <p>"Only the owner can see it, and voting stops. Votes are kept."</p>
                <Field name="reason" label="Reason" hint="Shown to the owner. Say which rule it breaks and how to fix it."/>
                <button class="danger">"Take down"</button>
            </Form>
        }
    });
    view! {
        <Page title=poll.question>
            <AdminTabs here=""/>
            {(!poll.description.is_empty()).then(|| view! { <p class="description" dir="auto">{poll.description}</p> })}
            <Corrections corrections=poll.corrections zone=String::new()/>
            <ChoiceList texts=poll.choices/>
            <ul class="rows">
                <Row label="State" action=view_poll><Badge state=poll.state opens_at=poll.opens_at closes_at=poll.closes_at/></Row>
                <Row label="Created"><Time at=poll.created_at/></Row>
                <Row label="Owner">
                    {match poll.owner {
                        Some(owner) => view! { <a href=account_path(&owner) dir="auto">{owner.clone()}</a> }.into_any(),
                        None => "None".into_any(),
                    }}
                </Row>
                {taken_down}
            </ul>
            {take_down}
            {close}
        </Page>
    }
}

#[component]
fn CloseForm(id: String, left: bool) -> impl IntoView {
    view! {
        {left.then(|| view! { <p class="hint">"Its owner has left. Close it so its ballots can be sealed."</p> })}
        <ConfirmAction action=CloseAnyPoll::PATH title="Close it now">
            <p>"Voting stops for good. Votes so far count."</p>
            <Form action=CloseAnyPoll::PATH class="inline">
                <input type="hidden" name="poll" value=id/>
                <button class="small danger">"Close the poll"</button>
            </Form>
        </ConfirmAction>
    }
}
