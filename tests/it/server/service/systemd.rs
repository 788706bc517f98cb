//! What systemd passes and is told: listening sockets and notifications.

use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram, UnixListener};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use data_encoding::HEXLOWER;
use pollstr::platform::config::address::SiteAddress;
use pollstr::platform::crypto::random;
use pollstr::server::probe;

use crate::server::service::{Server, on};
use crate::server::startup::refused;
use crate::support::environment::folder;

/// The program with a listening socket as its file descriptor 3, as systemd starts it.
fn activated(socket: impl Into<OwnedFd>, address: &SiteAddress, folder: &Path) -> Command {
    let settings = on(address, folder);
    let mut shell = Command::new("/bin/sh");
    shell
        .env_clear()
        .current_dir(folder)
        .envs(
            settings
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .arg("-c")
        .arg(format!(
            "exec 3<&0 </dev/null; export LISTEN_FDS=1 LISTEN_PID=$$; exec {}",
            env!("CARGO_BIN_EXE_pollstr")
        ))
        .stdin(Stdio::from(socket.into()));
    shell
}

fn next(socket: &UnixDatagram) -> String {
    let mut state = [0; 1_024];
    let length = socket.recv(&mut state).unwrap();
    String::from_utf8(state[..length].to_vec()).unwrap()
}

#[tokio::test]
async fn systemd_is_told_when_the_site_is_ready_and_when_it_stops() {
    let name = format!("pollstr-{}", HEXLOWER.encode(&random::<8>()));
    let folder = folder();
    let path = folder.join("notify").display().to_string();
    for (socket, named) in [
        (UnixDatagram::bind(&path).unwrap(), path.clone()),
        (
            UnixDatagram::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap(),
            format!("@{name}"),
        ),
    ] {
        socket
            .set_read_timeout(Some(Duration::from_secs(30)))
            .unwrap();
        let settings = [("NOTIFY_SOCKET", named.as_str()), ("POLLSTR_DRAIN", "600")];
        let server = Server::start(&folder, &settings).await;
        assert_eq!(next(&socket), "READY=1");
        let killed = Command::new("kill")
            .args(["-TERM", &server.child.id().to_string()])
            .status();
        assert!(killed.unwrap().success());
        assert_eq!(next(&socket), "STOPPING=1\nEXTEND_TIMEOUT_USEC=620000000");
    }
}

#[tokio::test]
async fn a_socket_from_systemd_is_used() {
    let folder = folder();
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = SiteAddress::Tcp(tcp.local_addr().unwrap());
    let server = Server::run(&mut activated(tcp, &address, &folder), address).await;
    assert_eq!(probe::ask(&server.address, "/healthz").await.unwrap(), "ok");
    drop(server);
    let path = folder.join("passed.sock");
    let unix = UnixListener::bind(&path).unwrap();
    let address = SiteAddress::Unix(path);
    let server = Server::run(&mut activated(unix, &address, &folder), address).await;
    assert_eq!(probe::ask(&server.address, "/healthz").await.unwrap(), "ok");
}

#[tokio::test]
async fn a_socket_from_systemd_has_to_be_where_the_settings_say() {
    let folder = folder();
    let everywhere = TcpListener::bind("0.0.0.0:0").unwrap();
    let bound = everywhere.local_addr().unwrap();
    let configured = SiteAddress::Tcp(([127, 0, 0, 1], bound.port()).into());
    let line = refused(&mut activated(everywhere, &configured, &folder));
    assert!(
        line.starts_with(&format!(
            "LEPTOS_SITE_ADDR: {configured}, but systemd listens on {bound}; "
        )),
        "{line}"
    );
}
