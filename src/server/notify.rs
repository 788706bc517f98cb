//! Tells systemd when the site is ready and when it stops (`Type=notify`).
//!
//! Settings are read at the start only, so there is nothing to reload.

use std::io;
#[cfg(target_os = "linux")]
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

/// The socket that systemd listens on.
#[derive(Clone, Debug)]
pub struct Notifier(SocketAddr);

impl Notifier {
    /// Takes the value of `NOTIFY_SOCKET`: a path, or `@` and the name of an abstract socket. It is
    /// set if systemd started this process and wants to know.
    ///
    /// # Errors
    /// When it is neither.
    pub fn new(name: Option<&str>) -> io::Result<Option<Self>> {
        let address = name.map(|name| match name.strip_prefix('@') {
            Some(name) => of_abstract(name),
            None => SocketAddr::from_pathname(name),
        });
        Ok(address.transpose()?.map(Self))
    }

    /// Says that requests are answered.
    pub fn ready(&self) {
        self.send("READY=1");
    }

    /// Says that the process stops, and how long that may take.
    pub fn stopping(&self, within: Duration) {
        let limit = within.as_micros();
        self.send(&format!("STOPPING=1\nEXTEND_TIMEOUT_USEC={limit}"));
    }

    fn send(&self, state: &str) {
        let sent = UnixDatagram::unbound()
            .and_then(|socket| socket.send_to_addr(state.as_bytes(), &self.0));
        if let Err(error) = sent {
            tracing::warn!(%error, "NOTIFY_SOCKET: systemd was not told: {state}");
        }
    }
}

#[cfg(target_os = "linux")]
fn of_abstract(name: &str) -> io::Result<SocketAddr> {
    SocketAddr::from_abstract_name(name)
}

#[cfg(not(target_os = "linux"))]
fn of_abstract(_name: &str) -> io::Result<SocketAddr> {
    Err(io::ErrorKind::Unsupported.into())
}
