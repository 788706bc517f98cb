//! Unit tests of `address`, and of what is trusted on a Unix socket.

use crate::platform::config::address::{SiteAddress, UNIX_PEER};
use crate::platform::config::tests::{config, refused};

const SOCKET: (&str, &str) = ("LEPTOS_SITE_ADDR", "unix:/run/pollstr/pollstr.sock");
const ORIGIN: (&str, &str) = ("POLLSTR_ORIGIN", "https://polls.example.org");
const SIMULATOR: (&str, &str) = ("POLLSTR_VERIFY", "simulator");

#[test]
fn a_unix_socket_is_a_path_and_needs_an_origin() {
    let config = config(&[SOCKET, ORIGIN, SIMULATOR]).unwrap();
    assert_eq!(
        config.address,
        SiteAddress::Unix("/run/pollstr/pollstr.sock".into())
    );
    assert_eq!(config.address.to_string(), SOCKET.1);
    assert!(refused(&[SOCKET, SIMULATOR]).starts_with("POLLSTR_ORIGIN: required with a Unix"));
    for relative in ["unix:", "unix:pollstr.sock"] {
        let message = refused(&[("LEPTOS_SITE_ADDR", relative), ORIGIN, SIMULATOR]);
        assert!(message.starts_with("LEPTOS_SITE_ADDR: "), "{message}");
    }
}

#[test]
fn a_site_on_a_unix_socket_counts_as_public() {
    let local = ("POLLSTR_ORIGIN", "http://127.0.0.1:3000");
    assert!(refused(&[SOCKET, local]).starts_with("POLLSTR_VERIFY: "));
    let config = config(&[SOCKET, local, SIMULATOR]).unwrap();
    assert!(config.is_public() && !config.demo());
}

#[test]
fn peers_on_a_unix_socket_are_trusted_only_if_the_settings_say_so() {
    let trusts = |proxies| {
        let config = config(&[
            SOCKET,
            ORIGIN,
            SIMULATOR,
            ("POLLSTR_TRUSTED_PROXIES", proxies),
        ]);
        config.unwrap().trusts(UNIX_PEER)
    };
    for proxies in ["", "127.0.0.1", "10.0.0.0/8, ::1"] {
        assert!(!trusts(proxies), "{proxies}");
    }
    assert!(trusts("unix") && trusts("10.0.0.0/8, unix"));
}
