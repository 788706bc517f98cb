//! The share section of a poll's page: link, QR code and embed code.

use html_escape::encode_double_quoted_attribute as attribute;
use leptos::prelude::*;

use crate::polls::components::introduction::set_poll_meta;
use crate::polls::model::poll::{Poll, State};
use crate::polls::model::poll_view::PollView;
use crate::web::components::fragments::Fragments;
use crate::web::components::qr::Qr;
use crate::web::location::Origin;
use crate::web::time::seconds_until;

/// Returns the path of a poll's embed.
#[must_use]
pub fn embed_path(id: &str) -> String {
    format!("/polls/{id}/embed")
}

/// Estimates the height of an embed, in pixels; the rest scrolls. The estimate depends only on the
/// texts, never on the results.
#[must_use]
pub fn embed_height(poll: &Poll) -> u32 {
    let rows = u32::try_from(poll.choices.len())
        .unwrap_or(u32::MAX)
        .clamp(2, 10);
    let corrections = u32::try_from(poll.corrections.len()).unwrap_or_default();
    230 + 72 * rows + 56 * corrections
}

/// Returns the HTML that embeds a poll in another site.
#[must_use]
pub fn embed_code(origin: &Origin, poll: &Poll, width: &str, height: u32) -> String {
    let source = origin.of(&embed_path(&poll.id));
    let (source, title) = (attribute(&source), attribute(&poll.question));
    format!(
        r#"<iframe src="{source}" title="{title}" width="{width}" height="{height}" loading="lazy" frameborder="0"></iframe>"#
    )
}

/// The share section. Renders nothing for drafts and polls that were taken down, which others can't
/// see.
#[component]
pub fn Share(
    /// The poll as the reader sees it.
    seen: PollView,
    /// Whether the reader has just opened the poll.
    #[prop(optional)]
    live: bool,
) -> impl IntoView {
    let PollView { poll, hidden, .. } = seen;
    (poll.state != State::Draft && hidden.is_none()).then(|| {
        set_poll_meta(&poll);
        let origin = Origin::from_context();
        let link = origin.of(&poll.path());
        let html = FRAGMENTS.html(&poll, (link.clone(), live), || {
            let code = embed_code(&origin, &poll, "100%", embed_height(&poll));
            view! { <Content link code screen=format!("{}/screen", poll.path()) listed=poll.listed live/> }
        });
        view! { <section class="pass-on" aria-labelledby="share" inner_html=html></section> }
    })
}

/// Share sections, which all readers of a poll see alike, by link.
static FRAGMENTS: Fragments<Poll, (String, bool)> = Fragments::empty();

/// How long a poll counts as just opened: a quarter of an hour.
const JUST_OPENED: i64 = 900;

/// Whether the viewer is the organiser of a poll that has just opened.
#[must_use]
pub fn is_just_opened(seen: &PollView) -> bool {
    let PollView {
        poll,
        owner,
        hidden,
        ..
    } = seen;
    let recent = seconds_until(poll.opens_at + JUST_OPENED).is_some();
    *owner && hidden.is_none() && poll.state == State::Open && recent
}

#[component]
fn Content(link: String, code: String, screen: String, listed: bool, live: bool) -> impl IntoView {
    view! {
        <h2 id="share">{if live { "Your poll is live" } else { "Share this poll" }}</h2>
        {live.then(|| view! { <p class="hint">"Send this link to everyone who may vote."</p> })}
        {(!listed).then(|| view! { <p class="hint">"This poll isn't listed. Anyone with the link can open it."</p> })}
        <p class="copied">
            <code id="share-link" class="share-text" translate="no">{link.clone()}</code>
            <button type="button" class="button kept" data-copy="share-link" hidden>"Copy the link"</button>
            <button type="button" class="button kept" data-share hidden>"Share"</button>
        </p>
        <details open=live>
            <summary>"QR code"</summary>
            <Qr text=link label="QR code of the link to this poll"/>
        </details>
        <p class="to-screen">
            <a href=screen>"Show on a screen"</a><span class="hint">"For a projector: the question, a QR code and the results."</span>
        </p>
        <details>
            <summary>"Embed"</summary>
            <p class="hint">"Paste this into your site. Visitors see the question, and the results once they're public. Voting happens here."</p>
            <p class="copied">
                <code id="share-code" class="share-text" translate="no">{code}</code>
                <button type="button" class="button kept" data-copy="share-code" hidden>"Copy the code"</button>
            </p>
        </details>
    }
}
