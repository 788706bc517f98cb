//! A site for one test.

use std::path::PathBuf;
use std::time::Duration;

use pollstr::platform::clock::Clock;
use pollstr::platform::config::Config;
use pollstr::polls::live::hub::LiveHub;
use pollstr::polls::store::cache::PollCache;
use pollstr::polls::store::release::Rule;
use pollstr::polls::voting::writer::VoteWriter;
use pollstr::server::listener::limits::Limits;
use pollstr::server::startup::start;
use pollstr::server::state::AppState;
use pollstr::server::{listener, router};
use pollstr::simulator::Simulator;
use sea_orm::{ConnectionTrait, Statement};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::support::browser::Person;
use crate::support::environment::{folder, required, server_url};
use crate::support::{html, log_canary, migrated};

/// Start of every test's clock.
pub(crate) const START_TIME: i64 = 1_795_500_000;

/// A running site.
pub(crate) struct Site {
    pub(crate) state: AppState,
    pub(crate) clock: Clock,
    pub(crate) origin: String,
    folder: PathBuf,
    /// Whether it shares another site's folder.
    second: bool,
    /// Length of the log when it started.
    log: u64,
    stop: CancellationToken,
}

/// Serves a site in a task, until the returned token is cancelled.
fn serve(listener: TcpListener, state: &AppState) -> CancellationToken {
    let stop = CancellationToken::new();
    let serving = listener::serve(
        Limits::default(),
        listener,
        router::router(state),
        stop.clone(),
    );
    tokio::spawn(serving);
    stop
}

impl Site {
    /// Starts a site on its own SQLite file.
    pub(crate) async fn new() -> Self {
        Self::with(&[]).await
    }

    /// Starts a site on each database: always SQLite, and PostgreSQL if a server is configured.
    pub(crate) async fn on_each_database() -> Vec<Self> {
        Self::on_each_database_with(&[]).await
    }

    /// Starts a site with these settings on each database.
    pub(crate) async fn on_each_database_with(settings: &[(&str, &str)]) -> Vec<Self> {
        Self::on_each_database_at(|| Clock::manual(START_TIME), settings).await
    }

    /// Starts a site with its own clock and these settings on each database.
    pub(crate) async fn on_each_database_at(
        clock: impl Fn() -> Clock,
        settings: &[(&str, &str)],
    ) -> Vec<Self> {
        let mut sites = vec![Self::provided(clock(), settings).await];
        match server_url() {
            Some(server) => {
                let database = migrated::postgres(&server).await;
                sites.push(Self::set(&database, folder(), clock(), settings).await);
            }
            None => assert!(!required(), "a PostgreSQL server must be named"),
        }
        sites
    }

    /// Starts a site with these settings.
    pub(crate) async fn with(settings: &[(&str, &str)]) -> Self {
        Self::provided(Clock::manual(START_TIME), settings).await
    }

    /// Starts a site on this database; several can share one if they share a folder.
    pub(crate) async fn on(database: &str, folder: PathBuf) -> Self {
        Self::set(database, folder, Clock::manual(START_TIME), &[]).await
    }

    /// Starts a site on its own SQLite file with this clock and provider.
    pub(crate) async fn provided(clock: Clock, settings: &[(&str, &str)]) -> Self {
        let folder = folder();
        let url = migrated::sqlite(&folder).await;
        Self::set(&url, folder, clock, settings).await
    }

    /// Starts a site on this database and clock with these settings.
    pub(crate) async fn set(
        database: &str,
        folder: PathBuf,
        clock: Clock,
        more: &[(&str, &str)],
    ) -> Self {
        let log = log_canary::listen();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let secret = folder.join("secret.key").display().to_string();
        let own = [
            ("LEPTOS_SITE_ADDR", address.as_str()),
            ("DATABASE_URL", database),
            ("POLLSTR_SECRET_FILE", &secret),
            ("POLLSTR_TRUSTED_PROXIES", "127.0.0.1"),
        ];
        let settings = [&own, more].concat();
        let config = Config::from_sources("", |name| {
            settings
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        });
        let state = start(config.unwrap(), clock.clone()).await.unwrap();
        Self {
            stop: serve(listener, &state),
            state,
            clock,
            origin: format!("http://{address}"),
            folder,
            second: false,
            log,
        }
    }

    /// Starts a second instance on the same database.
    pub(crate) async fn second_instance(&self) -> Self {
        let mut second_instance =
            Self::on(&self.state.config.database_url, self.folder.clone()).await;
        second_instance.second = true;
        second_instance
    }

    /// Starts a second instance on the same database and clock that caches for an hour.
    pub(crate) async fn second_instance_with_cache(&self) -> Self {
        let (db, clock) = (self.state.db.clone(), self.state.clock.clone());
        self.with_cache(PollCache::new(db, clock, Duration::from_hours(1)))
            .await
    }

    /// Starts a second instance on the same database and clock with the usual release of votes.
    pub(crate) async fn second_instance_with_public_rule(&self) -> Self {
        let (db, clock) = (self.state.db.clone(), self.state.clock.clone());
        self.with_cache(PollCache::releasing(
            db,
            clock,
            Duration::ZERO,
            Rule::PUBLIC,
        ))
        .await
    }

    /// Starts a second instance on the same database and clock with a cache of its own.
    async fn with_cache(&self, cache: PollCache) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let mut state = self.state.clone();
        state.cache = cache;
        state.live = LiveHub::new(state.db.clone(), state.clock.clone(), state.cache.clone());
        state.ballots = VoteWriter::open(
            state.db.clone(),
            state.keys.clone(),
            state.clock.clone(),
            state.live.clone(),
            false,
        );
        Self {
            stop: serve(listener, &state),
            state,
            clock: self.clock.clone(),
            origin,
            folder: self.folder.clone(),
            second: true,
            log: log_canary::listen(),
        }
    }

    /// Stops the site as a signal would.
    pub(crate) fn stop(&self) {
        self.stop.cancel();
    }

    /// Returns a person with a new browser and IP address.
    pub(crate) fn visitor(&self) -> Person {
        Person::new(&self.origin)
    }

    /// Returns a person who has just signed up.
    pub(crate) async fn registered(&self, name: &str) -> Person {
        let person = self.visitor();
        person
            .fill(
                "/register",
                "Create account",
                &[("username", name), ("password", "four words and more")],
            )
            .await
            .goes_to("/verify");
        person
    }

    /// Returns a person who has verified this number.
    pub(crate) async fn verified(&self, name: &str, number: &str) -> Person {
        let person = self.registered(name).await;
        person
            .fill("/verify", "Send code", &[("phone", number)])
            .await
            .goes_to("/verify/code");
        person
            .fill("/verify/code", "Confirm", &[("code", &self.code())])
            .await
            .goes_to("/account/recovery/offer");
        person
    }

    /// Returns the simulated phone network.
    pub(crate) fn phones(&self) -> &Simulator {
        self.state.simulator.as_ref().unwrap()
    }

    /// Returns the newest code.
    pub(crate) fn code(&self) -> String {
        self.phones().messages().first().unwrap().code.clone()
    }

    /// Returns the path of the demo's newest poll.
    pub(crate) async fn poll(&self) -> String {
        let page = self.visitor().get("/").await;
        html::attribute(&page.body, ".cards a", "href").unwrap()
    }

    /// Changes the database directly.
    pub(crate) async fn execute(&self, sql: &str) {
        self.state.db.write().execute_unprepared(sql).await.unwrap();
    }

    /// Reads a number from the database.
    pub(crate) async fn count(&self, sql: &str) -> i64 {
        let db = self.state.db.write();
        let statement = Statement::from_string(
            db.get_database_backend(),
            format!("SELECT CAST(({sql}) AS BIGINT) AS n"),
        );
        db.query_one_raw(statement)
            .await
            .unwrap()
            .unwrap()
            .try_get("", "n")
            .unwrap()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.stop.cancel();
        if let Some(phones) = &self.state.simulator {
            log_canary::received(&phones.messages());
        }
        if !std::thread::panicking()
            && let Some(line) = log_canary::sang(self.log)
        {
            panic!("the log tells {line}");
        }
        if !self.second {
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }
}

/// Waits until a condition holds; fails the test if it never does.
pub(crate) async fn until(so: impl AsyncFn() -> bool) {
    let waiting = async {
        while !so().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), waiting)
        .await
        .unwrap();
}
