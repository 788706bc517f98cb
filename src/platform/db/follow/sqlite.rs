//! Asks SQLite for changes.

use sea_orm::{ConnAcquireErr, DbErr};
use tokio::time::sleep;

use crate::platform::clock::since_boot;
use crate::platform::db::changes::Lease;
use crate::platform::db::follow::{Ended, RENEWAL};
use crate::platform::db::handle::Db;

pub(super) async fn follow(db: &Db, lease: &Lease) -> Ended {
    let changes = db.identity_changes();
    loop {
        lease.used().await;
        let asked = since_boot();
        match changes.report_new(db.read()).await {
            Ok(()) => lease.renew(asked),
            Err(DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed)) => {
                return Ended::Closed;
            }
            Err(error) => return Ended::Failed(error.to_string()),
        }
        sleep(RENEWAL).await;
    }
}
