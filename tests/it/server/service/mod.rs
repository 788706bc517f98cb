//! What a service manager, a package and a container need: settings from any file, health, sockets
//! and notifications.

mod commands;
mod sockets;
#[cfg(target_os = "linux")]
mod systemd;

use std::path::Path;
use std::process::{Child, Command, Stdio};

use pollstr::platform::config::address::SiteAddress;
use pollstr::server::probe;

use crate::support::app::until;
use crate::support::environment::program;

/// A server on a Unix socket in this folder, with these settings.
struct Server {
    child: Child,
    address: SiteAddress,
}

impl Server {
    async fn start(folder: &Path, settings: &[(&str, &str)]) -> Self {
        let address = SiteAddress::Unix(folder.join("site.sock"));
        let mut command = on(&address, folder);
        command.envs(settings.iter().copied());
        Self::run(&mut command, address).await
    }

    async fn run(command: &mut Command, address: SiteAddress) -> Self {
        let child = command.stdout(Stdio::null()).spawn().unwrap();
        let server = Self { child, address };
        until(async || probe::ask(&server.address, "/readyz").await.is_ok()).await;
        server
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program with settings for this address.
fn on(address: &SiteAddress, folder: &Path) -> Command {
    let mut command = program(folder);
    command
        .env("LEPTOS_SITE_ADDR", address.to_string())
        .env("POLLSTR_ORIGIN", "https://polls.example.org")
        .env("POLLSTR_VERIFY", "simulator")
        .env("POLLSTR_LOG", "error");
    command
}
