//! Which addresses may be connected to, and the look-up of names that gives no others.

use std::error::Error;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// The networks off the internet that the settings allow.
#[derive(Clone, Debug)]
pub(super) struct Vetting {
    allowed: Arc<[IpNet]>,
}

/// An address that may not be connected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct OffTheInternet(pub(super) IpAddr);

impl Vetting {
    pub(super) fn new(allowed: &[IpNet]) -> Self {
        Self {
            allowed: allowed.into(),
        }
    }

    /// Whether this address may be connected to.
    pub(super) fn vet(&self, address: IpAddr) -> Result<(), OffTheInternet> {
        let address = address.to_canonical();
        let is_allowed = self
            .allowed
            .iter()
            .any(|network| network.contains(&address));
        if is_allowed || is_on_the_internet(address) {
            Ok(())
        } else {
            Err(OffTheInternet(address))
        }
    }

    /// The same for the host of an address that is a number: those are never looked up.
    pub(super) fn vet_number(&self, url: &Url) -> Result<(), OffTheInternet> {
        let host = url.host_str().unwrap_or_default();
        let number = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'));
        match number.unwrap_or(host).parse() {
            Ok(address) => self.vet(address),
            Err(_) => Ok(()),
        }
    }
}

/// The client connects to what this gives and looks nothing up again. One address that may not be
/// connected to spoils the name: who answers so is not to be trusted with the others.
impl Resolve for Vetting {
    fn resolve(&self, name: Name) -> Resolving {
        let vetting = self.clone();
        Box::pin(async move {
            let found: Vec<SocketAddr> =
                tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            for address in &found {
                vetting.vet(address.ip())?;
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

impl fmt::Display for OffTheInternet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} is not on the internet", self.0)
    }
}

impl Error for OffTheInternet {}

fn is_on_the_internet(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => !V4_APART.iter().any(|network| network.contains(&v4)),
        IpAddr::V6(v6) => match behind_nat64(v6) {
            Some(v4) => is_on_the_internet(v4.into()),
            None => {
                GLOBAL_UNICAST.contains(&v6)
                    && !V6_APART.iter().any(|network| network.contains(&v6))
            }
        },
    }
}

/// The IPv4 address that a translator reaches by this one (RFC 6052 §2.1).
fn behind_nat64(v6: Ipv6Addr) -> Option<Ipv4Addr> {
    let [.., a, b, c, d] = v6.octets();
    NAT64.contains(&v6).then(|| Ipv4Addr::new(a, b, c, d))
}

const fn v4(a: u8, b: u8, c: u8, d: u8, length: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), length)
}

const fn v6(a: u16, b: u16, c: u16, length: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0), length)
}

/// IANA's registry of special-purpose addresses (RFC 6890), multicast (RFC 5771), and one cloud's
/// metadata service that has an address of the internet.
const V4_APART: [Ipv4Net; 17] = [
    v4(0, 0, 0, 0, 8),        // this network, unspecified
    v4(10, 0, 0, 0, 8),       // private
    v4(100, 64, 0, 0, 10),    // carrier-grade NAT
    v4(127, 0, 0, 0, 8),      // loopback
    v4(168, 63, 129, 16, 32), // Azure's metadata
    v4(169, 254, 0, 0, 16),   // link-local, metadata
    v4(172, 16, 0, 0, 12),    // private
    v4(192, 0, 0, 0, 24),     // protocol assignments, Oracle's metadata
    v4(192, 0, 2, 0, 24),     // documentation
    v4(192, 31, 196, 0, 24),  // AS112
    v4(192, 88, 99, 0, 24),   // 6to4 relays
    v4(192, 168, 0, 0, 16),   // private
    v4(198, 18, 0, 0, 15),    // benchmarks
    v4(198, 51, 100, 0, 24),  // documentation
    v4(203, 0, 113, 0, 24),   // documentation
    v4(224, 0, 0, 0, 4),      // multicast
    v4(240, 0, 0, 0, 4),      // reserved, broadcast
];
/// What was assigned of IPv6 (RFC 4291 §2.4). Loopback, unspecified, unique local, link-local,
/// site-local, multicast, IPv4-compatible and the local translators' addresses are outside.
const GLOBAL_UNICAST: Ipv6Net = v6(0x2000, 0, 0, 3);
/// The well-known prefix of translators; it is outside of global unicast.
const NAT64: Ipv6Net = v6(0x64, 0xff9b, 0, 96);
/// What of global unicast leads elsewhere: into IPv4 by tunnels, or nowhere.
const V6_APART: [Ipv6Net; 4] = [
    v6(0x2001, 0, 0, 23),     // protocol assignments, Teredo
    v6(0x2001, 0xdb8, 0, 32), // documentation
    v6(0x2002, 0, 0, 16),     // 6to4
    v6(0x3fff, 0, 0, 20),     // documentation
];

#[cfg(test)]
mod tests {
    use super::{OffTheInternet, Vetting};

    fn is_denied(address: &str, allowed: &[&str]) -> bool {
        let allowed: Vec<_> = allowed.iter().map(|net| net.parse().unwrap()).collect();
        let address = address.parse().unwrap();
        Vetting::new(&allowed).vet(address).is_err()
    }

    #[test]
    fn addresses_off_the_internet_are_denied_in_every_form() {
        for address in [
            "0.0.0.0",
            "10.0.0.1",
            "100.64.0.1",
            "100.100.100.200",
            "127.0.0.1",
            "127.255.255.254",
            "168.63.129.16",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.192",
            "192.168.1.1",
            "198.19.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::a00:1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "2002:a00:1::",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(is_denied(address, &[]), "{address}");
        }
    }

    #[test]
    fn addresses_of_the_internet_are_not() {
        for address in [
            "1.1.1.1",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.0.1",
            "172.32.0.1",
            "203.119.8.106",
            "::ffff:203.119.8.106",
            "64:ff9b::cb77:86a",
            "2001:4860:4860::8888",
            "2400:cb00::1",
        ] {
            assert!(!is_denied(address, &[]), "{address}");
        }
    }

    #[test]
    fn what_the_settings_allow_is_allowed_and_its_neighbour_is_not() {
        let allowed = ["10.1.2.0/24", "fd00:1::/32"];
        for address in ["10.1.2.3", "::ffff:10.1.2.3", "fd00:1::5"] {
            assert!(!is_denied(address, &allowed), "{address}");
        }
        for address in ["10.1.3.3", "127.0.0.1", "fd00:2::5", "64:ff9b::a01:203"] {
            assert!(is_denied(address, &allowed), "{address}");
        }
    }

    #[test]
    fn a_number_is_vetted_without_a_look_up() {
        let vetting = Vetting::new(&[]);
        for (url, denied) in [
            ("http://127.0.0.1:80/", "127.0.0.1"),
            ("http://0x7f.1/", "127.0.0.1"),
            ("http://2130706433/", "127.0.0.1"),
            ("http://[::ffff:10.0.0.1]:8080/", "10.0.0.1"),
            ("http://[::1]/", "::1"),
        ] {
            let url = super::super::allowed::parse(url).unwrap();
            let denied = OffTheInternet(denied.parse().unwrap());
            assert_eq!(vetting.vet_number(&url), Err(denied), "{url}");
        }
    }
}
