//! Tasks of live results: one per watched poll that counts and renders it, and one that rechecks
//! grants.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until};

use crate::polls::live::channels::{BETWEEN, Channel, Hub};
use crate::polls::live::frame::{Frame, event};
use crate::polls::store::release::Shown;

/// Interval at which a watched poll is checked without a notification; those of other processes may
/// be lost.
pub(super) const CHECK_POLL_INTERVAL: Duration = Duration::from_secs(3);

/// Interval at which a closed poll is checked until it is shut, in seconds.
pub(super) const CLOSING_INTERVAL: u64 = 1;

/// Interval at which grants are rechecked.
pub(super) const CHECK_GRANTS_INTERVAL: Duration = Duration::from_secs(2);

/// A channel and its task. Dropping it removes the channel, however the task ends.
pub(super) struct ChannelTask {
    pub(super) hub: Arc<Hub>,
    pub(super) channel: Arc<Channel>,
}

impl Drop for ChannelTask {
    fn drop(&mut self) {
        self.hub.watched().remove_channel(&self.channel);
    }
}

/// Renders a poll while it is watched. The last sender is dropped with the channel, which ends
/// the streams.
pub(super) async fn run_channel(task: ChannelTask) {
    let ChannelTask { hub, channel } = &task;
    loop {
        let begun = Instant::now();
        let mut again = CHECK_POLL_INTERVAL;
        let joined = channel.joined.load(Ordering::Relaxed);
        match hub.read_shown(channel).await {
            Ok(Some((Shown { count, due }, last, closes_at))) => {
                let place = (count.version, last);
                if channel
                    .frames
                    .borrow()
                    .as_ref()
                    .is_none_or(|frame| frame.place < place)
                {
                    channel.frames.send_replace(Some(Arc::new(Frame {
                        place,
                        bytes: event(&count, last),
                    })));
                }
                let left = closes_at.map(|at| {
                    u64::try_from(at - hub.clock.now())
                        .unwrap_or_default()
                        .max(CLOSING_INTERVAL)
                });
                again = left.map_or(CHECK_POLL_INTERVAL, |left| {
                    CHECK_POLL_INTERVAL.min(Duration::from_secs(left))
                });
                let held = due.map(|due| {
                    Duration::from_millis(
                        u64::try_from(due - hub.clock.millis()).unwrap_or_default(),
                    )
                });
                again = held.map_or(again, |held| again.min(held));
            }
            Ok(None) => {
                let mut watched = hub.watched();
                // A subscriber that joined in the meantime saw a later state of the poll, so look
                // again.
                if channel.joined.load(Ordering::Relaxed) == joined {
                    return watched.remove_channel(channel);
                }
                again = Duration::ZERO;
            }
            Err(error) => tracing::warn!(%error, "a poll that is watched could not be read"),
        }
        tokio::select! {
            () = channel.again.notified() => {}
            () = sleep(again) => {}
            () = channel.frames.closed() => {
                let mut watched = hub.watched();
                if channel.frames.receiver_count() == 0 {
                    return watched.remove_channel(channel);
                }
            }
        }
        // Polls that are slow to count are counted less often.
        sleep_until(begun + BETWEEN.max(begun.elapsed().min(CHECK_POLL_INTERVAL))).await;
    }
}

/// Rechecks grants every few seconds, as long as there are any.
pub(super) async fn run_grant_checks(hub: Arc<Hub>) {
    loop {
        sleep(CHECK_GRANTS_INTERVAL).await;
        if let Err(error) = hub.recheck_grants().await {
            tracing::warn!(%error, "rights to watch could not be asked for");
        }
        let mut watched = hub.watched();
        if watched.rights.is_empty() {
            watched.checking = false;
            return;
        }
    }
}
