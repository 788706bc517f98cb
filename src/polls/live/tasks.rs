//! The tasks of live results: one per watched poll that recounts and renders, and one that rechecks grants.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until};

use crate::polls::live::channels::{BETWEEN, Channel, Hub};
use crate::polls::live::frame::{Frame, event};
use crate::polls::store::release::Shown;

/// How often a poll is looked at when nothing is heard of it: votes of other processes may go unheard.
pub(super) const AGAIN: Duration = Duration::from_secs(3);

/// How often, once it has closed and its ballot box is not shut yet, in seconds.
pub(super) const SOON: u64 = 1;

/// How often it is asked whether those who watch still may.
pub(super) const ASKING: Duration = Duration::from_secs(2);

/// A channel that is kept up to date. However that ends, nobody joins it afterwards.
pub(super) struct Kept {
    pub(super) hub: Arc<Hub>,
    pub(super) channel: Arc<Channel>,
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.hub.watched().part_with(&self.channel);
    }
}

/// Renders a poll for those who watch it, until nobody does. With the channel its last sender goes, which ends the streams.
pub(super) async fn keep_up(kept: Kept) {
    let Kept { hub, channel } = &kept;
    loop {
        let begun = Instant::now();
        let mut again = AGAIN;
        let joined = channel.joined.load(Ordering::Relaxed);
        match hub.look(channel).await {
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
                        .max(SOON)
                });
                again = left.map_or(AGAIN, |left| AGAIN.min(Duration::from_secs(left)));
                let held = due.map(|due| {
                    Duration::from_millis(
                        u64::try_from(due - hub.clock.millis()).unwrap_or_default(),
                    )
                });
                again = held.map_or(again, |held| again.min(held));
            }
            Ok(None) => {
                let mut watched = hub.watched();
                // Whoever came meanwhile has seen the poll later than this, and is looked for once more.
                if channel.joined.load(Ordering::Relaxed) == joined {
                    return watched.part_with(channel);
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
                    return watched.part_with(channel);
                }
            }
        }
        // A poll that takes long to count is counted less often.
        sleep_until(begun + BETWEEN.max(begun.elapsed().min(AGAIN))).await;
    }
}

/// Asks every few seconds whether those who watch still may, until nobody watches by a right.
pub(super) async fn keep_asking(hub: Arc<Hub>) {
    loop {
        sleep(ASKING).await;
        if let Err(error) = hub.ask_rights().await {
            tracing::warn!(%error, "rights to watch could not be asked for");
        }
        let mut watched = hub.watched();
        if watched.rights.is_empty() {
            watched.asking = false;
            return;
        }
    }
}
