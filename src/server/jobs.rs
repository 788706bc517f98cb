//! Background jobs: deleting expired rows, sealing closed polls, and checking the provider.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::accounts::phone::verifications;
use crate::accounts::sessions::{active_sessions, sent_forms, trusted_browsers};
use crate::accounts::{audit, limits};
use crate::polls::sealing::seal::seal_due;
use crate::polls::store::{purge, release, turnout};
use crate::server::state::AppState;

/// Interval of deleting expired rows.
const CLEANUP_INTERVAL: Duration = Duration::from_hours(1);

/// Interval of checking a provider that refused the credentials.
const PROBE_INTERVAL: Duration = Duration::from_mins(1);

/// Interval of looking for closed polls.
const SEAL_INTERVAL: Duration = Duration::from_secs(1);

/// Pause after sealing failed.
const SEAL_RETRY_DELAY: Duration = Duration::from_secs(30);

/// Deletes expired rows every hour.
pub async fn delete_expired(state: AppState, stop: CancellationToken) {
    let mut hours = tokio::time::interval(CLEANUP_INTERVAL);
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
            verifications::forget_verifications(&state.db, now).await,
            sent_forms::forget(&state.db, now).await,
        );
        let shown = release::forget_closed(&state.db)
            .await
            .and(turnout::forget_closed(&state.db).await);
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

/// Checks every minute whether a provider that refused the credentials accepts them again, so that
/// no user's code request has to fail first.
pub async fn probe_provider(state: AppState, stop: CancellationToken) {
    let knocking = async {
        loop {
            tokio::time::sleep(PROBE_INTERVAL).await;
            if state.standing.is_refused() {
                // `MonitoredProvider` records the outcome.
                let _ = state.provider.probe().await;
            }
        }
    };
    tokio::select! {
        () = knocking => {}
        () = stop.cancelled() => {}
    }
}

/// Seals polls soon after they close. Work that a shutdown interrupts is finished by the next
/// process.
pub async fn seal(state: AppState, stop: CancellationToken) {
    let sealing = async {
        loop {
            let pause = match seal_due(&state.db, &state.clock).await {
                Ok(_) => SEAL_INTERVAL,
                Err(error) => {
                    tracing::warn!(%error, "polls that have closed were not sealed");
                    SEAL_RETRY_DELAY
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
