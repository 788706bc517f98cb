//! Sign-in methods section of the account page: passkeys, authenticator app and recovery codes.

use leptos::prelude::*;

use crate::accounts::factors::overview::{SecondFactors, read_second_factors};
use crate::accounts::guard::render_refusal;
use crate::accounts::viewer::Viewer;
use crate::web::components::section::Section;
use crate::web::time::Time;

/// Renders the sign-in methods section.
#[component]
pub fn SecondFactorsSection() -> impl IntoView {
    let has_number = Viewer::from_context()
        .person()
        .is_some_and(|person| person.has_number);
    view! {
        <Section id="sign-in" title="Sign-in methods">
            <p class="hint">"We ask for a code as well as your password."</p>
            {if has_number {
                Suspend::new(async {
                    match read_second_factors().await {
                        Ok(steps) => view! { <Steps steps/> }.into_any(),
                        Err(refusal) => render_refusal(&refusal),
                    }
                })
                .into_any()
            } else {
                view! { <p>"Once your number is verified, you can set up other methods and recovery codes."</p> }.into_any()
            }}
        </Section>
    }
}

#[component]
fn Steps(steps: SecondFactors) -> impl IntoView {
    let SecondFactors {
        app_since,
        passkeys,
        codes_left,
    } = steps;
    let app = match app_since {
        Some(at) => view! { "On since " <Time at/> ". Text messages still work." }.into_any(),
        None => "Off. You get codes by text. An app is safer and works without signal.".into_any(),
    };
    let codes = match codes_left {
        0 => "None. They let you back in if you lose your phone.".to_owned(),
        left => format!("{left} left. Each works once."),
    };
    let passkeys = passkeys.map(|passkeys| {
        let words = match passkeys {
            0 => "None. Use your fingerprint, face or screen lock instead of a code.".to_owned(),
            1 => "One is set up.".to_owned(),
            several => format!("{several} are set up."),
        };
        view! {
            <li class="row">
                <div><p><strong>"Passkeys"</strong></p> <p class="hint">{words}</p></div>
                <a class="button small" href="/account/passkeys">
                    {if passkeys > 0 { "Change" } else { "Set up" }} <span class="visually-hidden">" passkeys"</span>
                </a>
            </li>
        }
    });
    view! {
        <ul class="rows">
            {passkeys}
            <li class="row">
                <div><p><strong>"Authenticator app"</strong></p> <p class="hint">{app}</p></div>
                <a class="button small" href="/account/authenticator">
                    {if app_since.is_some() { "Change" } else { "Set up an app" }} {app_since.map(|_| view! { <span class="visually-hidden">" the authenticator app"</span> })}
                </a>
            </li>
            <li class="row">
                <div><p><strong>"Recovery codes"</strong></p> <p class="hint">{codes}</p></div>
                <a class="button small" href="/account/recovery">
                    {if codes_left > 0 { "Renew" } else { "Create codes" }} {(codes_left > 0).then(|| view! { <span class="visually-hidden">" the recovery codes"</span> })}
                </a>
            </li>
        </ul>
    }
}
