//! The client IP of a request, taking trusted proxies into account.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;

use crate::platform::config::Config;

/// The peer address of the connection, set by the accept loop.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// The key of rate limits: an IPv4 address, or the /64 of an IPv6 address, since a household holds
/// a whole /64.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClientIp(pub String);

impl ClientIp {
    /// Converts an address to the form that limits count by.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => Self(v4.to_string()),
            IpAddr::V6(v6) => {
                let prefix = v6.to_bits() & (u128::MAX << 64);
                Self(format!("{}/64", Ipv6Addr::from_bits(prefix)))
            }
        }
    }
}

impl ClientIp {
    /// Returns a coarse location for display: the /24 of an IPv4 address, or the /48 of an IPv6
    /// address.
    #[must_use]
    pub fn place(&self) -> String {
        match self.0.trim_end_matches("/64").parse() {
            Ok(IpAddr::V4(v4)) => {
                let [a, b, c, _] = v4.octets();
                format!("{a}.{b}.{c}.x")
            }
            Ok(IpAddr::V6(v6)) => {
                let [a, b, c, ..] = v6.segments();
                format!("{a:x}:{b:x}:{c:x}:x")
            }
            Err(_) => String::new(),
        }
    }

    /// Returns the client's network: an IPv4 address, or the /48 of an IPv6 address, which is the
    /// most that one customer usually gets.
    #[must_use]
    pub fn network(&self) -> String {
        self.wider().pop().unwrap_or_else(|| self.0.clone())
    }

    /// Returns the larger networks that one IPv6 customer may hold, the /56 and the /48; empty for
    /// IPv4.
    #[must_use]
    pub fn wider(&self) -> Vec<String> {
        let Some(v6) = self
            .0
            .strip_suffix("/64")
            .and_then(|text| text.parse::<Ipv6Addr>().ok())
        else {
            return Vec::new();
        };
        [56, 48]
            .map(|bits| {
                format!(
                    "{}/{bits}",
                    Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << (128 - bits)))
                )
            })
            .into()
    }
}

/// Middleware that adds the client IP to the request.
pub async fn note(
    config: &Config,
    mut request: Request,
    next: impl AsyncFnOnce(Request) -> Response,
) -> Response {
    let peer = request
        .extensions()
        .get()
        .copied()
        .unwrap_or(Peer(SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0))));
    let address = ClientIp::of(visitor(peer, request.headers(), |address| {
        config.trusts(address)
    }));
    request.extensions_mut().insert(address);
    next(request).await
}

/// Returns the client's address. `X-Forwarded-For` is trusted only as far as trusted proxies wrote
/// it: the list is read from its end, and the first address that isn't a trusted proxy counts.
/// Anything before an unreadable entry is ignored.
#[must_use]
pub fn visitor(peer: Peer, headers: &HeaderMap, trusts: impl Fn(IpAddr) -> bool) -> IpAddr {
    let mut last = peer.0.ip().to_canonical();
    let lists: Vec<&[u8]> = headers
        .get_all("x-forwarded-for")
        .into_iter()
        .map(HeaderValue::as_bytes)
        .collect();
    let hops = lists
        .into_iter()
        .rev()
        .flat_map(|list| list.rsplit(|byte| *byte == b','));
    for hop in hops.map(<[u8]>::trim_ascii).filter(|hop| !hop.is_empty()) {
        if !trusts(last) {
            break;
        }
        let Some(hop) = hop_address(hop) else { break };
        last = hop;
    }
    last
}

/// Parses an address in the forms that proxies write: bare, with a port, in brackets, quoted, with
/// a zone.
fn hop_address(hop: &[u8]) -> Option<IpAddr> {
    let hop = std::str::from_utf8(hop).ok()?.trim_matches('"').trim();
    let bare = match hop.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?.0,
        // More than one colon means an IPv6 address without brackets, which cannot have a port.
        None => hop
            .split_once(':')
            .filter(|(_, port)| !port.contains(':'))
            .map_or(hop, |(host, _)| host),
    };
    bare.split('%')
        .next()?
        .parse::<IpAddr>()
        .ok()
        .map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, forwarded: &str) -> String {
        seen_in(peer, &[forwarded.as_bytes()])
    }

    fn seen_in(peer: &str, lines: &[&[u8]]) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("x-forwarded-for", HeaderValue::from_bytes(line).unwrap());
        }
        let peer = Peer(SocketAddr::new(peer.parse().unwrap(), 4_711));
        visitor(peer, &headers, |address| {
            address.to_string().starts_with("10.")
        })
        .to_string()
    }

    #[test]
    fn a_stranger_cannot_choose_an_address() {
        assert_eq!(seen("203.0.113.9", "198.51.100.1"), "203.0.113.9");
        assert_eq!(seen("10.0.0.1", "6.6.6.6, 203.0.113.9"), "203.0.113.9");
    }

    #[test]
    fn the_first_hop_that_is_none_of_ours_counts() {
        assert_eq!(seen("10.0.0.1", "203.0.113.9, 10.0.0.2"), "203.0.113.9");
        assert_eq!(seen("10.0.0.1", "nonsense"), "10.0.0.1");
        assert_eq!(seen("10.0.0.1", "nonsense, 10.0.0.7"), "10.0.0.7");
    }

    #[test]
    fn a_hop_is_read_however_proxies_write_it() {
        for (hop, address) in [
            ("203.0.113.9:4711", "203.0.113.9"),
            ("203.0.113.9:", "203.0.113.9"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("\"[2001:db8::1]:443\"", "2001:db8::1"),
            ("\"203.0.113.9\"", "203.0.113.9"),
            ("2001:db8::1", "2001:db8::1"),
            ("fe80::1%eth0", "fe80::1"),
            ("::ffff:203.0.113.9", "203.0.113.9"),
            ("[::ffff:203.0.113.9]:80", "203.0.113.9"),
            ("\t203.0.113.9 ", "203.0.113.9"),
            ("203.0.113.9,", "203.0.113.9"),
            ("203.0.113.9, ,10.0.0.2:80", "203.0.113.9"),
        ] {
            assert_eq!(seen("10.0.0.1", hop), address, "{hop}");
        }
        for hop in [
            "unknown",
            "_hidden",
            "203.0.113",
            "203.0.113.9.1:80",
            "[2001:db8::1",
            "[]",
            ":80",
            "999.0.0.1",
        ] {
            assert_eq!(seen("10.0.0.1", hop), "10.0.0.1", "{hop}");
        }
    }

    #[test]
    fn nothing_that_a_visitor_sends_hides_what_the_proxy_adds() {
        for junk in [
            &b"\xff"[..],
            b"\x80, 6.6.6.6",
            b"6.6.6.6:80",
            b"[",
            b"\"",
            b",,,",
            b"\xc3\xa9",
        ] {
            assert_eq!(
                seen_in("10.0.0.1", &[&[junk, b", 203.0.113.9"].concat()]),
                "203.0.113.9"
            );
            assert_eq!(seen_in("10.0.0.1", &[junk, b"203.0.113.9"]), "203.0.113.9");
            assert_eq!(
                seen_in("10.0.0.1", &[junk, b"203.0.113.9:80, 10.0.0.2"]),
                "203.0.113.9"
            );
        }
    }

    #[test]
    fn a_place_is_a_neighbourhood_and_no_house() {
        let place = |address: &str| ClientIp::of(address.parse().unwrap()).place();
        assert_eq!(place("203.0.113.9"), "203.0.113.x");
        assert_eq!(place("2001:db8:1:2:3:4:5:6"), "2001:db8:1:x");
        assert_eq!(ClientIp(String::new()).place(), "");
    }

    #[test]
    fn a_customer_of_ipv6_may_hold_much_more_than_a_household() {
        let address = ClientIp::of("2001:db8:1:2345:3:4:5:6".parse().unwrap());
        assert_eq!(address.wider(), ["2001:db8:1:2300::/56", "2001:db8:1::/48"]);
        assert_eq!(address.network(), "2001:db8:1::/48");
        let address = ClientIp::of("203.0.113.9".parse().unwrap());
        assert_eq!(
            (address.wider(), address.network().as_str()),
            (Vec::new(), "203.0.113.9")
        );
    }

    #[test]
    fn a_household_counts_as_one() {
        assert_eq!(
            ClientIp::of("2001:db8:1:2:3:4:5:6".parse().unwrap()),
            ClientIp("2001:db8:1:2::/64".to_owned())
        );
        assert_eq!(
            ClientIp::of("::ffff:203.0.113.9".parse().unwrap()),
            ClientIp("203.0.113.9".to_owned())
        );
    }
}
