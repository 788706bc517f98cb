//! Server processes: kills, graceful stops and commands.

mod commands;
mod graceful_stops;
mod kills;

use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::support::app::until;
use crate::support::browser::client;
use crate::support::environment::program;

/// A server process.
pub(crate) struct Process {
    pub(crate) child: Child,
    address: String,
}

impl Process {
    async fn start(folder: &Path, address: &str) -> Self {
        Self::start_on("sqlite://data/pollstr.db", folder, address).await
    }

    async fn start_on(database: &str, folder: &Path, address: &str) -> Self {
        Self::run(
            program(folder).env("DATABASE_URL", database),
            address,
            "error",
            Stdio::null(),
        )
        .await
    }

    /// A server with this log level and output.
    pub(crate) async fn start_logging(
        folder: &Path,
        address: &str,
        level: &str,
        log: Stdio,
    ) -> Self {
        Self::run(&mut program(folder), address, level, log).await
    }

    /// A server with these settings, log level and output.
    pub(crate) async fn run(command: &mut Command, address: &str, level: &str, log: Stdio) -> Self {
        let child = command
            .env("LEPTOS_SITE_ADDR", address)
            .env("POLLSTR_TRUSTED_PROXIES", "127.0.0.1")
            .env("POLLSTR_LOG", level)
            .stdout(log)
            .spawn()
            .unwrap();
        let process = Self {
            child,
            address: address.to_owned(),
        };
        let client = client();
        until(async || {
            client
                .get(format!("http://{address}/readyz"))
                .send()
                .await
                .is_ok_and(|answer| answer.status() == 200)
        })
        .await;
        process
    }

    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub(crate) fn signal(&self, name: &str) {
        assert!(
            Command::new("kill")
                .args([name, &self.child.id().to_string()])
                .status()
                .unwrap()
                .success()
        );
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
