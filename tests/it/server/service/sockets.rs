//! Unix sockets: who may connect, whose addresses are trusted, and a socket left behind.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use axum::Router;
use axum::http::HeaderMap;
use axum::routing::get;
use data_encoding::HEXLOWER;
use pollstr::platform::config::Config;
use pollstr::platform::config::address::SiteAddress;
use pollstr::platform::crypto::random;
use pollstr::server::listener::limits::Limits;
use pollstr::server::listener::serve;
use pollstr::server::listener::socket::Socket;
use pollstr::web::http::client_ip::{Peer, visitor};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio_util::sync::CancellationToken;

use crate::server::service::{Server, on};
use crate::server::startup::refused;
use crate::support::environment::folder;

/// Returns the address that a visitor of a site on a Unix socket is taken for.
async fn seen(folder: &Path, proxies: &str, forwarded: &str) -> String {
    let path = folder.join(HEXLOWER.encode(&random::<8>()));
    let address = format!("unix:{}", path.display());
    let settings = [
        ("LEPTOS_SITE_ADDR", address.as_str()),
        ("POLLSTR_ORIGIN", "https://polls.example.org"),
        ("POLLSTR_VERIFY", "simulator"),
        ("POLLSTR_TRUSTED_PROXIES", proxies),
    ];
    let config = Config::from_sources("", |name| {
        let (_, value) = settings.iter().find(|(key, _)| *key == name)?;
        Some((*value).to_owned())
    });
    let (config, stop) = (config.unwrap(), CancellationToken::new());
    let (socket, limits) = (
        Socket::open(&config.address).await.unwrap(),
        Limits::of(&config, 1_000),
    );
    let router = Router::new().route(
        "/",
        get(
            async move |peer: axum::Extension<Peer>, headers: HeaderMap| {
                visitor(*peer, &headers, |address| config.trusts(address)).to_string()
            },
        ),
    );
    tokio::spawn(serve(limits, socket, router, stop.clone()));
    let mut stream = UnixStream::connect(&path).await.unwrap();
    let request = format!(
        "GET / HTTP/1.1\r\nhost: a\r\nx-forwarded-for: {forwarded}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    stop.cancel();
    answer.rsplit("\r\n").next().unwrap().to_owned()
}

#[tokio::test]
async fn visitors_through_a_unix_socket_are_told_apart_only_if_it_is_trusted() {
    let folder = folder();
    assert_eq!(seen(&folder, "", "203.0.113.9").await, "0.0.0.0");
    assert_eq!(seen(&folder, "127.0.0.1", "203.0.113.9").await, "0.0.0.0");
    assert_eq!(seen(&folder, "unix", "203.0.113.9").await, "203.0.113.9");
    assert_eq!(
        seen(&folder, "unix", "6.6.6.6, 203.0.113.9").await,
        "203.0.113.9"
    );
}

#[tokio::test]
async fn a_socket_is_for_its_owner_and_group_and_replaces_one_that_was_left_behind() {
    let folder = folder();
    let server = Server::start(&folder, &[]).await;
    let SiteAddress::Unix(path) = &server.address else {
        panic!("{}", server.address)
    };
    let (address, path) = (server.address.clone(), path.clone());
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o660
    );
    // Another process listens.
    let line = refused(&mut on(&address, &folder));
    assert!(
        line.starts_with(&format!("LEPTOS_SITE_ADDR: {address}: ")),
        "{line}"
    );
    drop(server);
    assert!(path.exists());
    drop(Server::start(&folder, &[]).await);
    // Something else is there.
    fs::remove_file(&path).unwrap();
    fs::write(&path, "a file").unwrap();
    refused(&mut on(&address, &folder));
    assert_eq!(fs::read(&path).unwrap(), b"a file");
}
