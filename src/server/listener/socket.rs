//! The socket that the site listens on: a TCP address, a Unix socket, or one that systemd opened.

use std::fs;
use std::io;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::UnixStream as Connection;
use std::path::Path;

use listenfd::ListenFd;
use thiserror::Error;
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio_util::either::Either;

use crate::platform::config::address::{SiteAddress, UNIX_PEER};

/// Who may connect to a Unix socket: its owner and its group.
const SOCKET_MODE: u32 = 0o660;

/// Why the site can't listen.
#[derive(Debug, Error)]
pub enum SocketError {
    /// The address can't be bound.
    #[error("LEPTOS_SITE_ADDR: {0}: {1}")]
    Bind(SiteAddress, io::Error),
    /// The socket from systemd is unusable.
    #[error("LISTEN_FDS: the socket from systemd can't be used: {0}")]
    Passed(#[from] io::Error),
    /// There are several sockets from systemd.
    #[error("LISTEN_FDS: systemd passed {0} sockets, but Pollstr listens on one")]
    Several(usize),
    /// The socket from systemd isn't where the settings say.
    #[error(
        "LEPTOS_SITE_ADDR: {configured}, but systemd listens on {passed}; make both the same, so that Pollstr knows who can reach it"
    )]
    Elsewhere {
        /// The address in the settings.
        configured: SiteAddress,
        /// The address of the socket.
        passed: String,
    },
}

/// A listening socket.
#[derive(Debug)]
pub enum Socket {
    /// TCP.
    Tcp(TcpListener),
    /// A Unix socket.
    Unix(UnixListener),
}

/// A connection, TCP or Unix.
pub(super) type Stream = Either<TcpStream, UnixStream>;

impl From<TcpListener> for Socket {
    fn from(listener: TcpListener) -> Self {
        Self::Tcp(listener)
    }
}

impl Socket {
    /// Takes the socket that systemd passed, or opens one.
    ///
    /// # Errors
    /// When the address can't be bound, or systemd's socket is bound to another one.
    pub async fn open(address: &SiteAddress) -> Result<Self, SocketError> {
        let mut passed = ListenFd::from_env();
        match passed.len() {
            0 => {
                let opened = match address {
                    SiteAddress::Tcp(address) => TcpListener::bind(address).await.map(Self::Tcp),
                    SiteAddress::Unix(path) => bind(path).map(Self::Unix),
                };
                opened.map_err(|error| SocketError::Bind(address.clone(), error))
            }
            1 => Self::take(&mut passed, address),
            several => Err(SocketError::Several(several)),
        }
    }

    fn take(passed: &mut ListenFd, address: &SiteAddress) -> Result<Self, SocketError> {
        let socket = if let Ok(Some(listener)) = passed.take_tcp_listener(0) {
            listener.set_nonblocking(true)?;
            Self::Tcp(TcpListener::from_std(listener)?)
        } else {
            let missing = || io::Error::from(ErrorKind::NotFound);
            let listener = passed.take_unix_listener(0)?.ok_or_else(missing)?;
            listener.set_nonblocking(true)?;
            Self::Unix(UnixListener::from_std(listener)?)
        };
        match socket.address()? {
            Some(bound) if bound == *address => Ok(socket),
            bound => Err(SocketError::Elsewhere {
                configured: address.clone(),
                passed: bound.map_or_else(|| "an abstract socket".to_owned(), |at| at.to_string()),
            }),
        }
    }

    /// Returns the address that it is bound to; none if that has no path.
    ///
    /// # Errors
    /// When the system can't tell.
    pub fn address(&self) -> io::Result<Option<SiteAddress>> {
        Ok(match self {
            Self::Tcp(listener) => Some(SiteAddress::Tcp(listener.local_addr()?)),
            Self::Unix(listener) => {
                let address = listener.local_addr()?;
                let path = address.as_pathname();
                path.map(|path| SiteAddress::Unix(path.to_owned()))
            }
        })
    }

    /// Accepts a connection. All peers on a Unix socket have the same address, [`UNIX_PEER`].
    pub(super) async fn accept(&self) -> io::Result<(Stream, SocketAddr)> {
        match self {
            Self::Tcp(listener) => {
                let (stream, peer) = listener.accept().await?;
                Ok((Either::Left(stream), peer))
            }
            Self::Unix(listener) => {
                let (stream, _) = listener.accept().await?;
                Ok((Either::Right(stream), SocketAddr::new(UNIX_PEER, 0)))
            }
        }
    }
}

/// Binds a Unix socket, and replaces one that an ended process left behind.
fn bind(path: &Path) -> io::Result<UnixListener> {
    let listener = match UnixListener::bind(path) {
        Err(error) if error.kind() == ErrorKind::AddrInUse && is_abandoned(path) => {
            fs::remove_file(path)?;
            UnixListener::bind(path)?
        }
        bound => bound?,
    };
    fs::set_permissions(path, fs::Permissions::from_mode(SOCKET_MODE))?;
    Ok(listener)
}

/// Returns whether this is a socket that no process listens on.
fn is_abandoned(path: &Path) -> bool {
    let is_socket = fs::symlink_metadata(path).is_ok_and(|file| file.file_type().is_socket());
    is_socket
        && Connection::connect(path)
            .is_err_and(|error| error.kind() == ErrorKind::ConnectionRefused)
}
