//! Backstate jobs: deleting expired rows, sealing closed polls, and checking the provider.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::accounts::sessions::{active_sessions, sent_forms, trusted_browsers};
use crate::accounts::{audit, limits, store};
use crate::polls::sealing::seal::seal_due;
use crate::polls::store::{purge, release};
use crate::server::state::AppState;

/// How often what nobody needs any more is forgotten.
const TIDYING: Duration = Duration::from_hours(1);

/// How often a provider that refuses us is asked again.
const KNOCKING: Duration = Duration::from_mins(1);

/// How often polls are looked for that have closed.
const SEALING: Duration = Duration::from_secs(1);

/// How long after a failure they are left alone.
const SEALING_FAILED: Duration = Duration::from_secs(30);

/// Forgets, every hour, what has ended by itself.
pub async fn tidy(state: AppState, stop: CancellationToken) {
    let mut hours = tokio::time::interval(TIDYING);
    loop {
        tokio::select! {
            _ = hours.tick() => {}
            () = stop.cancelled() => break,
        }
        let now = state.clock.now();
        let (sessions, limits) = (
            active_sessions::forget(&state.db, now).await,
            limits::forget(&state.db, now).await,
        );
        let (browsers, events) = (
            trusted_browsers::forget(&state.db, now).await,
            audit::forget(&state.db, now).await,
        );
        let (codes, forms) = (
            store::forget_verifications(&state.db, now).await,
            sent_forms::forget(&state.db, now).await,
        );
        let shown = release::forget_closed(&state.db).await;
        if let Err(error) = sessions
            .and(limits)
            .and(codes)
            .and(forms)
            .and(browsers)
            .and(events)
            .and(shown)
            .and(purge::forget(&state.db).await)
        {
            tracing::warn!(%error, "old rows were not forgotten");
        }
    }
}

/// Asks the provider every minute whether it takes us again, while it does not: nobody has to be sent away to find out.
pub async fn knock(state: AppState, stop: CancellationToken) {
    let knocking = async {
        loop {
            tokio::time::sleep(KNOCKING).await;
            if state.standing.is_refused() {
                // How it went is heard by the provider's own listener.
                let _ = state.provider.probe().await;
            }
        }
    };
    tokio::select! {
        () = knocking => {}
        () = stop.cancelled() => {}
    }
}

/// Seals polls soon after they have closed. What is half done when the process ends is done by the next one.
pub async fn seal(state: AppState, stop: CancellationToken) {
    let sealing = async {
        loop {
            let pause = match seal_due(&state.db, &state.clock).await {
                Ok(_) => SEALING,
                Err(error) => {
                    tracing::warn!(%error, "polls that have closed were not sealed");
                    SEALING_FAILED
                }
            };
            tokio::time::sleep(pause).await;
        }
    };
    tokio::select! {
        () = sealing => {}
        () = stop.cancelled() => {}
    }
}
