//! A row of results: a choice with its bar, and its numbers.

use leptos::prelude::*;

/// The row of a choice. The children are what its bar has on the track.
#[component]
pub(crate) fn BarRow(
    /// `leads`, `is-out`, or nothing.
    class: &'static str,
    /// The choice.
    text: String,
    /// What is said below the choice.
    #[prop(default = None)]
    note: Option<String>,
    /// The cells after the choice.
    numbers: AnyView,
    children: Children,
) -> impl IntoView {
    view! {
        <tr class=class>
            <th scope="row">
                <span class="result-text" dir="auto">{text}</span>
                {note.map(|note| view! { <span class="result-note">{note}</span> })}
                <svg class="bar" viewBox="0 0 10000 1" preserveAspectRatio="none" aria-hidden="true">
                    <rect class="bar-track" width="10000" height="1"></rect>
                    {children()}
                </svg>
            </th>
            {numbers}
        </tr>
    }
}

/// The class of a choice that leads or not.
pub(crate) fn leads(leads: bool) -> &'static str {
    if leads { "leads" } else { "" }
}

/// The cells with the votes and their share.
pub(crate) fn numbers(votes: String, share: String) -> AnyView {
    view! {
        <td class="votes">{votes}</td>
        <td class="share">{share}</td>
    }
    .into_any()
}

/// A part of a bar, in units of 10,000.
pub(crate) fn part(class: &'static str, begin: i64, width: i64) -> impl IntoView {
    view! { <rect class=class x=begin.to_string() width=width.to_string() height="1"></rect> }
}

/// A line across a bar.
pub(crate) fn line(at: i64) -> impl IntoView {
    let at = at.to_string();
    view! { <line class="bar-majority" x1=at.clone() x2=at y1="0" y2="1"></line> }
}
