//! Where a request comes from, as far as it can be believed.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;

use crate::config::Config;

/// The other end of the connection, put there by the accept loop.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// What limits count by: an IPv4 address, or the /64 of an IPv6 address, since a household holds all of one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Address(pub String);

impl Address {
    /// How an address is counted.
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

impl Address {
    /// The part of it that says where, and not who: the /24 of an IPv4 address, the /48 of an IPv6 address, as a person reads it.
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

    /// The network it belongs to: an IPv4 address, or the /48 of an IPv6 address, which is the most that one customer usually gets.
    #[must_use]
    pub fn network(&self) -> String {
        self.wider().pop().unwrap_or_else(|| self.0.clone())
    }

    /// The larger networks around an IPv6 address that one customer may hold, the /56 and the /48; none around an IPv4 address.
    #[must_use]
    pub fn wider(&self) -> Vec<String> {
        let Some(v6) = self.0.strip_suffix("/64").and_then(|text| text.parse::<Ipv6Addr>().ok()) else { return Vec::new() };
        [56, 48].map(|bits| format!("{}/{bits}", Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << (128 - bits))))).into()
    }
}

/// Notes the address of whoever asks. `X-Forwarded-For` is believed only where a proxy of ours wrote it: the list is read from its
/// end, and the first address that is none of ours counts.
pub async fn note(State(config): State<std::sync::Arc<Config>>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<Peer>().map_or(IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip().to_canonical());
    let address = Address::of(visitor(peer, request.headers(), |address| config.trusts(address)));
    request.extensions_mut().insert(address);
    next.run(request).await
}

fn visitor(peer: IpAddr, headers: &HeaderMap, trusts: impl Fn(IpAddr) -> bool) -> IpAddr {
    if !trusts(peer) {
        return peer;
    }
    let lists = headers.get_all("x-forwarded-for").into_iter().filter_map(|list| list.to_str().ok()).collect::<Vec<_>>().join(",");
    let mut last = peer;
    for hop in lists.rsplit(',') {
        let Ok(hop) = hop.trim().parse::<IpAddr>() else { return last };
        last = hop.to_canonical();
        if !trusts(last) {
            break;
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, forwarded: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", forwarded.parse().unwrap());
        visitor(peer.parse().unwrap(), &headers, |address| address.to_string().starts_with("10.")).to_string()
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
    fn a_place_is_a_neighbourhood_and_no_house() {
        let place = |address: &str| Address::of(address.parse().unwrap()).place();
        assert_eq!(place("203.0.113.9"), "203.0.113.x");
        assert_eq!(place("2001:db8:1:2:3:4:5:6"), "2001:db8:1:x");
        assert_eq!(Address(String::new()).place(), "");
    }

    #[test]
    fn a_customer_of_ipv6_may_hold_much_more_than_a_household() {
        let address = Address::of("2001:db8:1:2345:3:4:5:6".parse().unwrap());
        assert_eq!(address.wider(), ["2001:db8:1:2300::/56", "2001:db8:1::/48"]);
        assert_eq!(address.network(), "2001:db8:1::/48");
        let address = Address::of("203.0.113.9".parse().unwrap());
        assert_eq!((address.wider(), address.network().as_str()), (Vec::new(), "203.0.113.9"));
    }

    #[test]
    fn a_household_counts_as_one() {
        assert_eq!(Address::of("2001:db8:1:2:3:4:5:6".parse().unwrap()), Address("2001:db8:1:2::/64".to_owned()));
        assert_eq!(Address::of("::ffff:203.0.113.9".parse().unwrap()), Address("203.0.113.9".to_owned()));
    }
}
