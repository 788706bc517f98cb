//! A process that can be killed.

use std::time::Duration;

use pollstr::platform::clock::Clock;
use pollstr::platform::crypto::Keys;
use pollstr::platform::db::Db;
use pollstr::polls::live::hub::LiveHub;
use pollstr::polls::store::cache::PollCache;
use pollstr::polls::voting::writer::VoteWriter;
use tokio::runtime::{Builder, Runtime};

/// A process with its own connections and writer.
pub(crate) struct Process {
    pub(crate) db: Db,
    pub(crate) ballots: VoteWriter,
    /// `None` once it was killed.
    runtime: Option<Runtime>,
}

impl Process {
    pub(crate) async fn start(url: &str, keys: &Keys, clock: &Clock) -> Self {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let (url, keys, clock) = (url.to_owned(), keys.clone(), clock.clone());
        let opened = runtime.spawn(async move {
            let db = Db::connect(&url).await.unwrap();
            let cache = PollCache::new(db.clone(), clock.clone(), Duration::ZERO);
            let live = LiveHub::new(db.clone(), clock.clone(), cache);
            (db.clone(), VoteWriter::open(db, keys, clock, live, false))
        });
        let (db, ballots) = opened.await.unwrap();
        Self {
            db,
            ballots,
            runtime: Some(runtime),
        }
    }

    /// Kills the process.
    pub(crate) async fn crash(mut self) {
        let runtime = self.runtime.take().unwrap();
        tokio::task::spawn_blocking(move || runtime.shutdown_timeout(Duration::from_secs(10)))
            .await
            .unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
