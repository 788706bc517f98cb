//! Asks a running server how it is: for `pollstr healthcheck`, and for systemd at the start.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use thiserror::Error;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::timeout;

use crate::platform::config::address::SiteAddress;

/// How long connecting, asking and reading may take together.
const TIMEOUT: Duration = Duration::from_secs(3);
/// Most bytes of an answer; a real one has a few hundred.
const MAX_ANSWER: u64 = 16 * 1024;

/// Why a server isn't well.
#[derive(Debug, Error)]
pub enum ProbeError {
    /// Nothing listens, or the connection broke.
    #[error("{0}: {1}")]
    Connection(SiteAddress, io::Error),
    /// It takes too long.
    #[error("{0} doesn't answer within {seconds} s", seconds = TIMEOUT.as_secs())]
    Timeout(SiteAddress),
    /// Something else answers there.
    #[error("{0} doesn't answer like Pollstr")]
    Stranger(SiteAddress),
    /// It isn't ready.
    #[error("{address} answers {status}: {why}")]
    Unwell {
        /// Where it listens.
        address: SiteAddress,
        /// The HTTP status.
        status: u16,
        /// What it says.
        why: String,
    },
}

/// Asks the server at `address` for `path` and returns what it says.
///
/// # Errors
/// When it can't be reached, is too slow, or answers anything but 200.
pub async fn ask(address: &SiteAddress, path: &str) -> Result<String, ProbeError> {
    let asking = async {
        match address {
            SiteAddress::Tcp(address) => {
                exchange(TcpStream::connect(reachable(*address)).await?, path).await
            }
            SiteAddress::Unix(socket) => exchange(UnixStream::connect(socket).await?, path).await,
        }
    };
    let answer = timeout(TIMEOUT, asking)
        .await
        .map_err(|_| ProbeError::Timeout(address.clone()))?
        .map_err(|error| ProbeError::Connection(address.clone(), error))?;
    match parse(&answer) {
        Some((200, body)) => Ok(body.to_owned()),
        Some((status, body)) => Err(ProbeError::Unwell {
            address: address.clone(),
            status,
            why: body.to_owned(),
        }),
        None => Err(ProbeError::Stranger(address.clone())),
    }
}

/// Returns an address to connect to a listener on all addresses.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}

async fn exchange(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    path: &str,
) -> io::Result<String> {
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(MAX_ANSWER).read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// Splits an answer into its status and body.
fn parse(answer: &str) -> Option<(u16, &str)> {
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.strip_prefix("HTTP/1.1 ")?.get(..3)?;
    Some((status.parse().ok()?, body.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_a_status_and_a_body() {
        let answer = "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 4\r\n\r\nbusy";
        assert_eq!(parse(answer), Some((503, "busy")));
        for stranger in [
            "",
            "SSH-2.0-OpenSSH\r\n",
            "HTTP/1.1 x\r\n\r\n",
            "HTTP/1.1 2é\r\n\r\n",
        ] {
            assert_eq!(parse(stranger), None, "{stranger}");
        }
    }

    #[test]
    fn a_server_on_all_addresses_is_asked_on_this_machines_own() {
        let asked = |address: &str| reachable(address.parse().unwrap()).to_string();
        assert_eq!(asked("0.0.0.0:3000"), "127.0.0.1:3000");
        assert_eq!(asked("[::]:3000"), "[::1]:3000");
        assert_eq!(asked("192.0.2.1:3000"), "192.0.2.1:3000");
    }
}
