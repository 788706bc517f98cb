//! Sign-in methods on the account page: passkeys, authenticator app and recovery codes.

use leptos::prelude::*;

use crate::accounts::factors::overview::{SecondFactors, read_second_factors};
use crate::accounts::guard::render_refusal;
use crate::accounts::viewer::Viewer;
use crate::web::components::row::{Row, RowAction};
use crate::web::time::brief;

/// Renders the rows of the sign-in methods, once there is a verified number.
#[component]
pub fn SecondFactorRows() -> impl IntoView {
    let has_number = Viewer::from_context()
        .person()
        .is_some_and(|person| person.has_number);
    has_number.then(|| {
        Suspend::new(async {
            match read_second_factors().await {
                Ok(steps) => view! { <Steps steps/> }.into_any(),
                Err(refusal) => view! { <li>{render_refusal(&refusal)}</li> }.into_any(),
            }
        })
    })
}

#[component]
fn Steps(steps: SecondFactors) -> impl IntoView {
    let SecondFactors {
        app_since,
        passkeys,
        codes_left,
    } = steps;
    let passkeys = passkeys.map(|passkeys| {
        let words = match passkeys {
            0 => "None. Use your fingerprint, face or screen lock instead of a code.".to_owned(),
            1 => "One is set up.".to_owned(),
            several => format!("{several} are set up."),
        };
        let verb = if passkeys > 0 { "Change" } else { "Set up" };
        let action = view! { <RowAction path="/account/passkeys" verb rest=" passkeys"/> };
        view! { <Row label="Passkeys" action=Some(action.into_any())>{words}</Row> }
    });
    let (app, verb, rest) = match app_since {
        Some(at) => (
            view! { "On since " {brief(at, "")} "." }.into_any(),
            "Change",
            " the authenticator app",
        ),
        None => (
            "Off. You get codes by text.".into_any(),
            "Set up",
            " an app",
        ),
    };
    let app_action = view! { <RowAction path="/account/authenticator" verb rest/> };
    let (codes, verb, rest) = match codes_left {
        0 => (
            "None. They let you back in if you lose your phone.".to_owned(),
            "Create",
            " codes",
        ),
        left => (format!("{left} left."), "Renew", " the recovery codes"),
    };
    let codes_action = view! { <RowAction path="/account/recovery" verb rest/> };
    view! {
        {passkeys}
        <Row label="Authenticator app" action=Some(app_action.into_any())>{app}</Row>
        <Row label="Recovery codes" action=Some(codes_action.into_any())>{codes}</Row>
    }
}
