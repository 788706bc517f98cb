//! The results table with bars.

use std::sync::Arc;

use leptos::prelude::*;

use crate::polls::components::bar_row::{BarRow, leads, numbers};
use crate::polls::components::rankings::duels::{DuelTable, duel_row};
use crate::polls::components::rankings::ranked_row::ranked_row;
use crate::polls::components::rankings::seat_row::seat_row;
use crate::polls::components::rankings::stages::Stages;
use crate::polls::components::ratings::final_table::RatingRule;
use crate::polls::components::ratings::rated_row::rated_row;
use crate::polls::components::rounds::Rounds;
use crate::polls::components::summary::{note, turnout, verdict};
use crate::polls::model::counting::count::{Count, Row, Steps};
use crate::polls::model::counting::share::Share;
use crate::polls::model::poll::State;
use crate::web::components::fragments::Fragments;
use crate::web::components::sentence::Sentence;
use crate::web::number::grouped;

/// The results of a poll: verdict, table with bars, and the rounds of a run-off.
#[component]
pub fn Results(
    /// The count.
    count: Arc<Count>,
    /// The poll's state, which decides whether the results are final.
    state: State,
    /// Keeps the choices in the poll's order. Until the close they are, so that no row moves while
    /// it is read.
    #[prop(optional)]
    in_poll_order: bool,
) -> impl IntoView {
    let closed = state == State::Closed;
    let sorted = closed && !in_poll_order;
    let html = FRAGMENTS.html(
        &count,
        (closed, sorted),
        || view! { <Content count=Count::clone(&count) closed sorted/> },
    );
    view! { <div id="results" inner_html=html></div> }
}

/// Results, which all readers of a count share.
static FRAGMENTS: Fragments<Count, (bool, bool)> = Fragments::empty();

#[component]
fn Content(count: Count, closed: bool, sorted: bool) -> impl IntoView {
    let rows = if sorted {
        count.by_standing()
    } else {
        count.rows.iter().collect()
    };
    let rows = rows
        .into_iter()
        .map(|row| match (&count.steps.duels, &count.steps.seats) {
            (Some(_), _) => duel_row(&count, row).into_any(),
            (_, Some(seats)) => seat_row(&count, seats, row, closed).into_any(),
            (None, None) if count.kind.is_rating() => rated_row(&count, row).into_any(),
            (None, None) => match ranked_row(&count, row) {
                Some(ranked) => ranked.into_any(),
                None => result_row(&count, row).into_any(),
            },
        });
    let Steps { duels, seats, .. } = count.steps.clone();
    let rated = count.kind.is_rating() && count.ballots > 0;
    let heads = if count.kind.is_rating() {
        ["Choice", "Total", "Average"]
    } else {
        ["Choice", "Votes", "Share"]
    };
    let heads = heads
        .map(|head| view! { <th scope="col"><span class="visually-hidden">{head}</span></th> });
    view! {
        <p class="verdict"><Sentence words=verdict(&count, closed)/></p>
        <table class="results">
            <caption>{turnout(&count, closed)}</caption>
            <thead>
                <tr>
                    {heads.into_iter().collect_view()}
                </tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
        {note(&count).map(|note| view! { <p class="hint">{note}</p> })}
        {duels.map(|duels| view! { <DuelTable count=count.clone() duels closed/> })}
        {seats.map(|seats| view! { <Stages count=count.clone() seats closed/> })}
        {rated.then(|| view! { <RatingRule count=count.clone() closed/> })}
        {(!count.rounds.is_empty()).then(|| view! { <Rounds count/> })}
    }
}

fn result_row(count: &Count, row: &Row) -> impl IntoView + use<> {
    let (votes, all) = count.final_votes(row);
    let numbers = numbers(grouped(row.votes), count.final_share(row));
    view! {
        <BarRow class=leads(row.leads) text=row.text.clone() numbers>
            <rect class="bar-fill" width=Share::bar(votes, all).to_string() height="1"></rect>
        </BarRow>
    }
}
