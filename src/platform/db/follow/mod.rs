//! Follows the changes of all processes, as long as a cache asks.

mod postgres;
mod sqlite;

use std::sync::Arc;
use std::time::Duration;

use sea_orm::DbBackend;
use tokio::time::{Instant, sleep};

use crate::platform::db::changes::{IdentityChange, Lease};
use crate::platform::db::handle::Db;

/// Interval of renewals: two may fail before the lease ends.
pub(super) const RENEWAL: Duration = Duration::from_millis(80);
/// Delay after a failure.
const RETRY_DELAY: Duration = Duration::from_secs(1);

/// Why following ended.
pub(super) enum Ended {
    /// The database was closed.
    Closed,
    /// The database failed.
    Failed(String),
}

/// Starts to follow: reports changes and renews the lease.
pub fn follow(db: &Db, lease: &Arc<Lease>) {
    tokio::spawn(run(db.clone(), Arc::clone(lease)));
}

async fn run(db: Db, lease: Arc<Lease>) {
    let mut warned = false;
    loop {
        lease.used().await;
        let began = Instant::now();
        let ended = match db.backend() {
            DbBackend::Postgres => postgres::follow(&db, &lease).await,
            _ => sqlite::follow(&db, &lease).await,
        };
        lease.end();
        db.identity_changes().report(&[IdentityChange::Any]);
        match ended {
            Ended::Closed => return,
            // A standby, which takes no notifications, is mentioned once.
            Ended::Failed(error) if warned && began.elapsed() < RETRY_DELAY => {
                tracing::debug!(%error, "changes of sessions by other processes are still unknown");
            }
            Ended::Failed(error) => {
                warned = true;
                tracing::warn!(%error, "changes of sessions by other processes are unknown; each request asks the database");
            }
        }
        sleep(RETRY_DELAY).await;
    }
}
