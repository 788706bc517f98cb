//! What a test runs on: its folder, the program, free addresses, and databases.

use std::net::TcpListener as Bound;
use std::path::{Path, PathBuf};
use std::process::Command;

use data_encoding::HEXLOWER;
use pollstr::platform::crypto::random;
use sea_orm::{ConnectionTrait, Database};

/// The program in this folder with default settings: the environment of the person who runs the
/// tests is cleared, and it listens on a free port.
pub(crate) fn program(folder: &Path) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_pollstr"));
    program
        .env_clear()
        .current_dir(folder)
        .env("LEPTOS_SITE_ADDR", "127.0.0.1:0");
    program
}

/// An address for a server process. On Linux it is on an unused loopback address, so its port stays
/// free until the server binds it and between two starts.
pub(crate) fn free_address() -> String {
    let [a, b, c] = random::<3>();
    let host = if cfg!(target_os = "linux") {
        format!("127.{a}.{b}.{}", c.clamp(2, 254))
    } else {
        "127.0.0.1".to_owned()
    };
    Bound::bind((host, 0))
        .unwrap()
        .local_addr()
        .unwrap()
        .to_string()
}

pub(crate) fn folder() -> PathBuf {
    let folder =
        std::env::temp_dir().join(format!("pollstr-it-{}", HEXLOWER.encode(&random::<8>())));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

#[expect(
    clippy::disallowed_methods,
    reason = "the environment names the test server"
)]
pub(crate) fn server_url() -> Option<String> {
    std::env::var("TEST_POSTGRES_URL").ok()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the environment says whether both databases are required"
)]
pub(crate) fn required() -> bool {
    std::env::var("TEST_REQUIRE_POSTGRES").is_ok()
}

/// Whether `./check long` runs the tests: then the random ones try many more cases.
#[expect(
    clippy::disallowed_methods,
    reason = "the length of a run is chosen outside the tests"
)]
pub(crate) fn is_long_run() -> bool {
    std::env::var("TEST_LONG").is_ok()
}

/// Creates an empty database on the PostgreSQL server and returns its URL.
pub(crate) async fn new_database(server: &str) -> String {
    let name = new_database_name();
    let db = Database::connect(server).await.unwrap();
    db.execute_unprepared(&format!("CREATE DATABASE {name}"))
        .await
        .unwrap();
    url_of(server, &name)
}

pub(crate) fn new_database_name() -> String {
    format!("it_{}", HEXLOWER.encode(&random::<8>()))
}

/// The URL of another database on the same server.
pub(crate) fn url_of(server: &str, database: &str) -> String {
    let (base, _) = server.rsplit_once('/').unwrap();
    format!("{base}/{database}")
}
