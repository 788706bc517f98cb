//! Listens to PostgreSQL's notifications of changes.
//!
//! Notifications arrive in the order of commits. So when a notification that this process sends
//! itself comes back, all changes that were committed before have been received.

use std::time::Duration;

use data_encoding::HEXLOWER;
use sea_orm::sqlx::Error as SqlxError;
use tokio::time::{Instant, sleep_until};

use crate::platform::clock::since_boot;
use crate::platform::crypto::random;
use crate::platform::db::changes::postgres::parse;
use crate::platform::db::changes::{IdentityChange, Lease};
use crate::platform::db::follow::{Ended, RENEWAL};
use crate::platform::db::handle::Db;
use crate::platform::db::sql::execute;

/// The channel of the triggers.
const CHANNEL: &str = "pollstr_identities";
/// How a notification begins that only renews a lease.
const RENEWS: &str = "lease ";
/// When a renewal has not come back by then, the connection is taken for dead.
const PATIENCE: Duration = Duration::from_secs(3);

pub(super) async fn follow(db: &Db, lease: &Lease) -> Ended {
    match listen(db, lease).await {
        Ok(never) => match never {},
        Err(SqlxError::PoolClosed) => Ended::Closed,
        Err(error) => Ended::Failed(error.to_string()),
    }
}

async fn listen(db: &Db, lease: &Lease) -> Result<std::convert::Infallible, SqlxError> {
    let mut listener = db.listener().await?;
    listener.listen(CHANNEL).await?;
    // Changes until here were not received.
    db.identity_changes().report(&[IdentityChange::Any]);
    let me = HEXLOWER.encode(&random::<8>());
    // The renewal that is on its way: its text, and when it was sent.
    let mut sent: Option<(String, Duration)> = None;
    let (mut number, mut next) = (0_u64, Instant::now());
    loop {
        let due = async {
            lease.used().await;
            sleep_until(next).await;
        };
        tokio::select! {
            notification = listener.try_recv() => {
                let Some(notification) = notification? else {
                    return Err(SqlxError::Io(std::io::ErrorKind::ConnectionAborted.into()));
                };
                let text = notification.payload();
                if let Some((_, at)) = sent.take_if(|(own, _)| own == text) {
                    lease.renew(at);
                } else if !text.starts_with(RENEWS) {
                    db.identity_changes().report(&parse(text));
                }
            }
            () = due => {
                let now = since_boot();
                match &sent {
                    Some((_, at)) if now.saturating_sub(*at) > PATIENCE => {
                        return Err(SqlxError::Io(std::io::ErrorKind::TimedOut.into()));
                    }
                    Some(_) => {}
                    None => {
                        number += 1;
                        let text = format!("{RENEWS}{me} {number}");
                        let sql = "SELECT pg_notify($1, $2)";
                        sent = Some((text.clone(), now));
                        execute(db.migrations(), sql, [CHANNEL.into(), text.into()])
                            .await
                            .map_err(|error| SqlxError::Protocol(error.to_string()))?;
                    }
                }
                next = Instant::now() + RENEWAL;
            }
        }
    }
}
