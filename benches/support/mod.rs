//! Shared by benches: a site on its own SQLite file, verified voters, and durations for people.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "each bench uses some of it"
)]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use data_encoding::HEXLOWER;
use pollstr::accounts::sessions::store::hash;
use pollstr::platform::clock::Clock;
use pollstr::platform::config::Config;
use pollstr::platform::crypto::random;
use pollstr::platform::db::execute;
use pollstr::polls::store::drafts;
use pollstr::polls::store::drafts::Draft;
use pollstr::server::startup::start;
use pollstr::server::state::AppState;
use pollstr::server::{listener, router};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_sessions::session::Id;

/// The fixed time of every bench.
pub(crate) const NOW: i64 = 1_795_500_000;

/// A running site. Dropping it deletes its files.
pub(crate) struct Site {
    pub(crate) state: AppState,
    pub(crate) origin: String,
    folder: PathBuf,
}

impl Site {
    /// A site whose clock stands still.
    pub(crate) async fn new() -> Self {
        Self::at(Clock::manual(NOW)).await
    }

    /// A site with this clock. With the system's, it serves pages as in production.
    pub(crate) async fn at(clock: Clock) -> Self {
        let folder =
            std::env::temp_dir().join(format!("pollstr-bench-{}", HEXLOWER.encode(&random::<8>())));
        std::fs::create_dir_all(&folder).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let settings = [
            ("LEPTOS_SITE_ADDR", address.clone()),
            (
                "DATABASE_URL",
                format!("sqlite://{}/pollstr.db", folder.display()),
            ),
            (
                "POLLSTR_SECRET_FILE",
                folder.join("secret.key").display().to_string(),
            ),
            ("POLLSTR_TRUSTED_PROXIES", "127.0.0.1".to_owned()),
            ("POLLSTR_SEED", "off".to_owned()),
        ];
        let config = Config::from_sources("", |name| {
            settings
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| value.clone())
        });
        let state = start(config.unwrap(), clock).await.unwrap();
        // All subscribers come from this machine.
        let limits = listener::limits::Limits {
            from_one_address: usize::MAX,
            ..listener::limits::Limits::default()
        };
        tokio::spawn(listener::serve(
            limits,
            listener,
            router::router(&state),
            CancellationToken::new(),
        ));
        Self {
            state,
            origin: format!("http://{address}"),
            folder,
        }
    }

    /// Creates polls and returns the id of the last.
    pub(crate) async fn ask(&self, draft: impl Fn(usize) -> Draft, count: usize) -> String {
        let transaction = self.state.db.begin().await.unwrap();
        let mut id = String::new();
        for number in 0..count {
            id = drafts::insert(&transaction, &draft(number), self.state.clock.now())
                .await
                .unwrap();
        }
        transaction.commit().await.unwrap();
        id
    }

    /// Creates verified accounts and returns their session cookies.
    pub(crate) async fn voters(&self, count: usize) -> Vec<String> {
        let (transaction, now) = (self.state.db.begin().await.unwrap(), self.state.clock.now());
        let mut cookies = Vec::with_capacity(count);
        for voter in 1..=i64::try_from(count).unwrap() {
            let number = format!("+4477009{voter:05}");
            let (sealed, mac) = (
                self.state.keys.seal(voter, &number),
                self.state.keys.number(&number).to_vec(),
            );
            let sql = "INSERT INTO account (id, username, username_key, password_hash, number, number_mac, demo, created_at)
                       VALUES ($1, $2, $2, '', $3, $4, FALSE, $5)";
            let values = [
                voter.into(),
                format!("voter-{voter}").into(),
                sealed.into(),
                mac.clone().into(),
                now.into(),
            ];
            execute(&transaction, sql, values).await.unwrap();
            let id = Id::default();
            let sql = "INSERT INTO session (id, account_id, number_mac, data, created_at, seen_at) VALUES ($1, $2, $3, '{}', $4, $4)";
            execute(
                &transaction,
                sql,
                [hash(&id).into(), voter.into(), mac.into(), now.into()],
            )
            .await
            .unwrap();
            cookies.push(format!("session={id}"));
        }
        transaction.commit().await.unwrap();
        cookies
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

pub(crate) fn client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        // The site is served over http, and reading the system's certificates takes longer than most pages.
        .tls_certs_only([])
        .build()
        .unwrap()
}

/// Returns the median response time of a page on a warm connection.
pub(crate) async fn page(client: &reqwest::Client, address: &str) -> Duration {
    page_for(client, address, "").await
}

/// Like [`page`], for the session with this cookie.
pub(crate) async fn page_for(client: &reqwest::Client, address: &str, cookie: &str) -> Duration {
    let mut times = Vec::new();
    for _ in 0..300 {
        let began = Instant::now();
        let request = client.get(address).header("cookie", cookie);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200, "{address}");
        answer.bytes().await.unwrap();
        times.push(began.elapsed());
    }
    times.sort_unstable();
    times[times.len() / 2]
}
