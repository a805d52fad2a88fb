//! Whose address a request comes from, when proxies stand between.

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;
use ipnet::IpNet;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// The proxies that are believed, by their networks.
#[derive(Clone, Debug, Default)]
pub struct Proxies(Vec<IpNet>);

impl Proxies {
    /// Believes the proxies in these networks.
    #[must_use]
    pub fn new(networks: Vec<IpNet>) -> Self {
        Self(networks)
    }

    /// Whether an address is a proxy's.
    #[must_use]
    pub fn include(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// The client's address: the connection's own peer, or, where that is a proxy of ours, the
    /// right-most address of `X-Forwarded-For` that is not. The walk ends at what cannot be read:
    /// what stands left of it is anybody's word.
    #[must_use]
    pub fn client(&self, peer: SocketAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.ip().to_canonical();
        // A line that is no text ends the walk as well, where it cannot be read; it is not left
        // out, or what stands left of it would be believed.
        let lines: Vec<_> = headers
            .get_all(FORWARDED_FOR)
            .iter()
            .map(|line| String::from_utf8_lossy(line.as_bytes()))
            .collect();
        for hop in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
            if !self.include(client) {
                break;
            }
            match address(hop.trim()) {
                Some(address) => client = address,
                None => break,
            }
        }
        client
    }

    /// Whether a peer that is no proxy of ours speaks for others: then either somebody tries it
    /// on, or a proxy is missing in the configuration and all citizens share one address.
    #[must_use]
    pub fn is_unknown_proxy(&self, peer: SocketAddr, headers: &HeaderMap) -> bool {
        headers.contains_key(FORWARDED_FOR) && !self.include(peer.ip())
    }
}

/// Reads `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1` and `[2001:db8::1]:80`.
fn address(hop: &str) -> Option<IpAddr> {
    let plain = hop.trim_start_matches('[').trim_end_matches(']');
    plain
        .parse()
        .or_else(|_| hop.parse::<SocketAddr>().map(|address| address.ip()))
        .ok()
        .map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use http::{HeaderMap, HeaderValue};

    use super::Proxies;

    fn client(peer: &str, forwarded: &[&'static str]) -> String {
        let proxies = Proxies::new(vec!["10.0.0.0/8".parse().unwrap()]);
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", HeaderValue::from_static(line));
        }
        let peer: SocketAddr = peer.parse().unwrap();
        proxies.client(peer, &headers).to_string()
    }

    #[test]
    fn a_stranger_speaks_for_itself_only() {
        assert_eq!(client("192.0.2.9:1", &["198.51.100.1"]), "192.0.2.9");
    }

    #[test]
    fn a_proxy_is_believed_from_the_right() {
        assert_eq!(
            client("10.0.0.1:1", &["1.1.1.1, 198.51.100.1"]),
            "198.51.100.1"
        );
        assert_eq!(
            client("10.0.0.1:1", &["1.1.1.1, 198.51.100.1, 10.2.3.4"]),
            "198.51.100.1"
        );
        assert_eq!(
            client("10.0.0.1:1", &["1.1.1.1", "[2001:db8::5]:443"]),
            "2001:db8::5"
        );
        assert_eq!(
            client("[::ffff:10.0.0.1]:1", &["198.51.100.1"]),
            "198.51.100.1"
        );
    }

    #[test]
    fn the_walk_ends_at_what_cannot_be_read() {
        let mut headers = HeaderMap::new();
        for line in [&b"1.1.1.1"[..], b"2.2.2.2, \xff, 10.2.3.4"] {
            let line = HeaderValue::from_bytes(line).unwrap();
            headers.append("x-forwarded-for", line);
        }
        let proxies = Proxies::new(vec!["10.0.0.0/8".parse().unwrap()]);
        let peer: SocketAddr = "10.0.0.1:1".parse().unwrap();
        assert_eq!(proxies.client(peer, &headers).to_string(), "10.2.3.4");
        assert_eq!(client("10.0.0.1:1", &["198.51.100.1, unknown"]), "10.0.0.1");
        assert_eq!(client("10.0.0.1:1", &[]), "10.0.0.1");
    }
}
