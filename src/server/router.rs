//! The router: pages, server functions and assets, with the layers around them.

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::http::request::Parts;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use leptos::prelude::*;
use tower_http::compression::{CompressionLayer, CompressionLevel};

use crate::accounts::admin::pages::SendingRefused;
use crate::accounts::phone::sender::Verification;
use crate::accounts::requirements::{BallotQuestion, MobileOnly};
use crate::accounts::sessions::session::Sessions;
use crate::accounts::settings::export_file::DataFile;
use crate::accounts::settings::{export as own_data, export_file};
use crate::accounts::viewer::Viewer;
use crate::app::{PAGES, document};
use crate::polls::current_poll::question_of_ballot;
use crate::polls::live::stream;
use crate::polls::manage::data_export::polls_of;
use crate::polls::results::export;
use crate::polls::sharing::public_router;
use crate::polls::sharing::public_router::Outside;
use crate::server::layers::Layers;
use crate::server::state::AppState;
use crate::server::{health, layers};
use crate::simulator;
use crate::verification::numbers::policy::Policy;
use crate::web::components::contact::Contact;
use crate::web::components::page::error_page::ErrorPage;
use crate::web::components::page::layout::{AssetPaths, FlashMessage, SimulatedPhones};
use crate::web::context::Ctx;
use crate::web::http::client_ip::ClientIp;
use crate::web::http::{assets, csrf};
use crate::web::hypermedia::dispatch;
use crate::web::hypermedia::dispatch::Site;
use crate::web::location::Origin;

/// Builds the router of the site.
pub fn router(state: &AppState) -> Router {
    let (files, paths) = assets::load();
    let sessions = Arc::new(Sessions {
        config: Arc::clone(&state.config),
        db: state.db.clone(),
        keys: state.keys.clone(),
        clock: state.clock.clone(),
        cache: state.sessions.clone(),
    });
    let site = site(state, paths, &sessions);
    let layers = Arc::new(Layers::new(state, &site, Arc::clone(&sessions)));
    let outside = public_router::router(Outside::new(
        &site,
        state.config.origin.as_str(),
        &state.db,
        &state.clock,
    ));

    pages(state, &site)
        .merge(export::router(export::Source {
            site,
            db: state.db.clone(),
            clock: state.clock.clone(),
        }))
        .layer(from_fn_with_state(
            Arc::clone(&layers),
            layers::inside_session,
        ))
        .layer(sessions.layer())
        .layer(from_fn_with_state(
            Arc::clone(&layers),
            layers::around_session,
        ))
        .merge(outside.layer(from_fn(layers::around_public)))
        .merge(files)
        .merge(health::router(state))
        .layer(CompressionLayer::new().quality(CompressionLevel::Precise(4)))
        .layer(from_fn_with_state(layers, layers::around_all))
}

/// Every page answers `GET`, and `POST` for its forms.
fn pages(state: &AppState, site: &Site) -> Router {
    let own_data = DataFile {
        db: state.db.clone(),
        keys: state.keys.clone(),
        clock: state.clock.clone(),
        polls: polls_of,
    };
    let pages = PAGES.iter().fold(Router::new(), |router, &(route, page)| {
        let site = Site {
            page,
            ..site.clone()
        };
        router.route(
            route,
            get(dispatch::page).post(dispatch::submit).with_state(site),
        )
    });
    let pages = pages
        .route(
            "/polls",
            get(|| async { (StatusCode::SEE_OTHER, [(LOCATION, "/")]) }),
        )
        .route(
            "/api/{function}",
            get(dispatch::api_read).post(dispatch::api_submit),
        )
        .fallback(dispatch::nothing)
        .with_state(site.clone())
        .route(
            own_data::FILE,
            get(export_file::download).with_state(own_data),
        )
        .route(
            "/polls/{id}/live",
            get(stream::show).with_state(live_results(state)),
        )
        .route("/api/csrf", get(csrf::api_token));
    match state.simulator.clone() {
        Some(simulator) => {
            let phone = get(simulator::page::show).with_state((site.clone(), simulator));
            pages.route(
                "/simulator",
                phone.post(dispatch::submit).with_state(site.clone()),
            )
        }
        None => pages,
    }
}

fn live_results(state: &AppState) -> stream::Source {
    let AppState {
        db,
        keys,
        clock,
        cache,
        live,
        ..
    } = state.clone();
    stream::Source {
        db,
        keys,
        clock,
        cache,
        live,
    }
}

/// Provides the context that pages and server functions read.
fn site(state: &AppState, paths: AssetPaths, sessions: &Arc<Sessions>) -> Site {
    let (state, sessions) = (state.clone(), Arc::clone(sessions));
    let verification = Verification {
        provider: Arc::clone(&state.provider),
        policy: Arc::new(Policy {
            fiction: state.config.simulated(),
            voip: false,
            named: state.config.ceilings.ranges.clone(),
        }),
    };
    let origin = Origin(state.config.origin.as_str().into());
    let contact = Contact(
        state
            .config
            .contact
            .as_ref()
            .map(|contact| contact.link.clone()),
    );
    let provide = move |parts: &Parts| {
        let ctx = Ctx {
            db: state.db.clone(),
            clock: state.clock.clone(),
            keys: state.keys.clone(),
            config: Arc::clone(&state.config),
            address: parts
                .extensions
                .get::<ClientIp>()
                .cloned()
                .unwrap_or_else(|| ClientIp(String::new())),
        };
        provide_context(Viewer::clone(
            parts.extensions.get().unwrap_or(&Viewer::Anonymous),
        ));
        if let Some(flash) = parts.extensions.get::<FlashMessage>().copied() {
            provide_context(flash);
        }
        provide_context(verification.clone());
        provide_context(paths.clone());
        provide_context(contact.clone());
        provide_context(SimulatedPhones(state.simulator.is_some()));
        provide_context(SendingRefused(state.standing.is_refused()));
        provide_context(origin.clone());
        provide_context(MobileOnly(ctx.config.mobile_only));
        provide_context(BallotQuestion(question_of_ballot));
        provide_context(ctx);
        provide_context(state.hasher.clone());
        provide_context(state.ballots.clone());
        provide_context(state.cache.clone());
        provide_context(state.number_checks.clone());
    };
    Site {
        page: || view! { <ErrorPage status=404/> }.into_any(),
        document,
        recognise: Arc::new(move |mut parts| {
            let sessions = Arc::clone(&sessions);
            Box::pin(async move {
                sessions.recognise_again(&mut parts).await?;
                Ok(parts)
            })
        }),
        provide: Arc::new(provide),
    }
}
