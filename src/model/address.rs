//! Whose an address is: one client has an IPv4 address or an IPv6 /64, and stands in a network.

use std::net::IpAddr;

/// The address block of one client: IPv4 /32, IPv6 /64. An IPv4 address written as IPv6 is the same.
#[must_use]
pub fn client_block(address: IpAddr) -> Vec<u8> {
    block(address, 4, 8)
}

/// The network that a client stands in: IPv4 /24, IPv6 /48.
#[must_use]
pub fn network_block(address: IpAddr) -> Vec<u8> {
    block(address, 3, 6)
}

fn block(address: IpAddr, v4: usize, v6: usize) -> Vec<u8> {
    match address.to_canonical() {
        IpAddr::V4(address) => address.octets().into_iter().take(v4).collect(),
        IpAddr::V6(address) => address.octets().into_iter().take(v6).collect(),
    }
}
