//! Writing a poll before signing up. It is kept in a cookie and fills in the form for a new poll
//! once the number is verified; nothing is stored before that.

#![cfg_attr(
    feature = "ssr",
    expect(
        clippy::unused_async,
        reason = "server functions are async, also when they wait for nothing"
    )
)]

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::server_fn::codec::Json;

use crate::accounts::viewer::Viewer;
use crate::polls::manage::create::templates::{TemplateLinks, filled};
use crate::polls::manage::poll_form::fields::{PollFields, PollForm, PollFormData, Saving};
use crate::polls::model::poll::{NEW_POLL, WRITE_FIRST};
use crate::web::components::form::Form;
use crate::web::components::page::layout::Page;
use crate::web::components::page::page_meta::{Instead, PageMeta};
use crate::web::hypermedia::outcome::{Next, Refusal};
use crate::web::location::Location;

#[cfg(feature = "ssr")]
use {
    crate::polls::manage::create::cookie,
    crate::polls::manage::poll_form::{choices, validate},
    crate::web::components::form::after,
    crate::web::context::Ctx,
    crate::web::http::visit::Visit,
    axum::http::HeaderValue,
    axum::http::header::SET_COOKIE,
    axum::http::request::Parts,
    leptos_axum::ResponseOptions,
};

/// Keeps a poll in a cookie until its writer has signed up and verified a number.
///
/// # Errors
/// The field errors of the form; when it is too long for a cookie.
#[server(endpoint = "keep_poll", input = Json, output = Json)]
pub async fn keep_poll(form: PollForm) -> Result<Next, Refusal> {
    if let Some(changed) = choices::changed(&form.change, form.choice.clone(), &form.lines) {
        return Ok(changed);
    }
    validate::parse(&form, None, Ctx::from_context().now())?;
    if !keep(&form) {
        return Err(Refusal::form(
            "This is too long to keep while you sign up. Shorten the description, or sign up in another tab first.",
        ));
    }
    Ok(Next::to(match Viewer::from_context() {
        Viewer::Anonymous => after(NEW_POLL, "/register"),
        Viewer::LoggedIn(_) => after(NEW_POLL, "/verify"),
        Viewer::Verified(_) => NEW_POLL.to_owned(),
    }))
}

/// Sets the cookie with the poll, and starts a visit if the browser has none. Returns whether the
/// poll fits.
#[cfg(feature = "ssr")]
fn keep(form: &PollForm) -> bool {
    let (ctx, account) = (Ctx::from_context(), account());
    let (https, keys) = (ctx.is_https(), &ctx.keys);
    let known = use_context::<Parts>()
        .and_then(|parts| Visit::carried(&parts.headers, keys, https, account));
    let started = known.is_none().then(|| Visit::start(account));
    let visit = known.as_ref().or(started.as_ref());
    let Some(kept) = visit.and_then(|visit| cookie::set(keys, visit, form, ctx.now(), https))
    else {
        return false;
    };
    let visit = started.as_ref().map(|visit| visit.cookie(keys, https));
    [kept].into_iter().chain(visit).for_each(add_cookie);
    true
}

/// Returns the poll that was written in this browser before signing up.
#[cfg(feature = "ssr")]
pub(crate) fn kept() -> Option<PollForm> {
    let Parts { headers, .. } = use_context()?;
    let ctx = Ctx::from_context();
    let visit = Visit::carried(&headers, &ctx.keys, ctx.is_https(), account())?;
    cookie::read(&headers, &ctx.keys, &visit, ctx.now(), ctx.is_https())
}

/// Clears the kept poll, since it has been created.
#[cfg(feature = "ssr")]
pub(crate) fn forget() {
    let parts = use_context::<Parts>();
    let https = Ctx::from_context().is_https();
    if let Some(clear) = parts.and_then(|parts| cookie::clear(&parts.headers, https)) {
        add_cookie(clear);
    }
}

#[cfg(feature = "ssr")]
fn account() -> Option<i64> {
    Viewer::from_context().person().map(|person| person.id)
}

#[cfg(feature = "ssr")]
fn add_cookie(cookie: String) {
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        expect_context::<ResponseOptions>().append_header(SET_COOKIE, cookie);
    }
}

/// The page to write a poll before signing up.
#[component]
pub fn WriteFirstPage() -> impl IntoView {
    if matches!(Viewer::from_context(), Viewer::Verified(_)) {
        let here = Location::from_context().path_and_query;
        PageMeta::from_context().instead(Instead::Path(here.replacen(WRITE_FIRST, NEW_POLL, 1)));
    }
    let template = Location::from_context()
        .query("template")
        .unwrap_or_default()
        .to_owned();
    let blank = PollFormData {
        form: filled(&template, PollForm::default()),
        saving: Saving::Keep,
        kept: false,
    };
    let next = if Viewer::from_context().person().is_some() {
        "Next, we verify your phone number."
    } else {
        "Next, you sign up and verify your phone number."
    };
    view! {
        <Page title="Create a poll">
            <TemplateLinks page=WRITE_FIRST/>
            <Form action=KeepPoll::PATH class="form poll-form">
                <PollFields blank/>
                <p class="hint">{next} " We keep what you wrote in this browser for 30 minutes."</p>
            </Form>
        </Page>
    }
}
