//! The simulated phone page: every message sent, newest first.

use axum::extract::{Request, State};
use axum::response::Response;
use leptos::either::Either;
use leptos::prelude::*;

use crate::simulator::{Channel, Message, Simulator};
use crate::web::components::page::layout::Page;
use crate::web::hypermedia::dispatch::Site;
use crate::web::time::Time;

/// `GET /simulator`.
pub async fn show(
    State((site, simulator)): State<(Site, Simulator)>,
    request: Request,
) -> Response {
    let messages = simulator.messages();
    site.show(request, move || view! { <Phone messages/> }.into_any())
        .await
}

#[component]
fn Phone(messages: Vec<Message>) -> impl IntoView {
    view! {
        <Page title="Simulated phone" class="column">
            <p class="lead">"Test codes appear here. Nothing is sent to a real phone."</p>
            {if messages.is_empty() {
                Either::Left(view! { <p class="empty">"No messages yet. Request a code and it'll appear here."</p> })
            } else {
                Either::Right(view! { <ol class="phone">{messages.into_iter().map(|message| view! { <Bubble message/> }).collect_view()}</ol> })
            }}
            <p class="actions"><a class="button" href="/simulator">"Refresh"</a></p>
        </Page>
    }
}

#[component]
fn Bubble(message: Message) -> impl IntoView {
    let how = match message.channel {
        Channel::Sms => "Text",
        Channel::Voice => "Call",
    };
    view! {
        <li class="bubble">
            <p class="bubble-head">{how} " to " <strong class="number">{message.to}</strong> ", " <Time at=message.at short=true/></p>
            <p class="bubble-text">{message.text}</p>
        </li>
    }
}
