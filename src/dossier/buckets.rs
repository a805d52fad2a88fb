//! The buckets of the gate: what each counts, how much it holds, and whose it is. Their names are
//! keyed hashes, so that the database learns no address and no link.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::code::DossierCode;
use crate::config::{GateSettings, Rate};
use crate::database::Charge;
use crate::model::ApiKeyId;
use crate::secrets::KeyRing;

impl Rate {
    fn charge(self, bucket: [u8; 32]) -> Charge {
        Charge {
            bucket,
            burst: self.burst,
            every_ms: i64::from(self.every_s) * 1000,
        }
    }
}

/// Whose attempt it is.
pub(super) struct Origin {
    /// The client's address block, or the key.
    pub(super) client: [u8; 32],
    /// Its network.
    pub(super) net: [u8; 32],
    is_key: bool,
}

impl Origin {
    pub(super) fn of(keys: &KeyRing, address: IpAddr, key: Option<ApiKeyId>) -> Self {
        let (client, net) = blocks(address);
        let net = keys.client_index("net", &net);
        match key {
            Some(key) => {
                let client = keys.client_index("key", &key.to_bytes());
                Self {
                    client,
                    net,
                    is_key: true,
                }
            }
            None => Self {
                client: keys.client_index("client", &client),
                net,
                is_key: false,
            },
        }
    }
}

/// The address block of one client and of its network: /32 and /24, /64 and /48.
fn blocks(address: IpAddr) -> (Vec<u8>, Vec<u8>) {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [a, b, c, _] = Ipv4Addr::octets(&address);
            (address.octets().to_vec(), vec![a, b, c])
        }
        IpAddr::V6(address) => {
            let octets = Ipv6Addr::octets(&address);
            let first = |bytes: usize| octets.iter().take(bytes).copied().collect();
            (first(8), first(6))
        }
    }
}

/// The charges of one attempt.
pub(super) struct Charges {
    /// An empty one slows the caller down and says so.
    pub(super) open: Vec<Charge>,
    /// The bucket of the link; an empty one is told nobody.
    pub(super) link: Option<Charge>,
    /// The bucket of agency and day; an empty one is told nobody.
    pub(super) agency_day: Option<Charge>,
    /// Distinct results: looked at before, charged with the grant.
    pub(super) distinct: Charge,
}

/// Where the bucket of all stands among [`Charges::open`].
pub(super) const GLOBAL: usize = 0;

impl GateSettings {
    /// The charges of an attempt on a link (`None` where it has not even a link's shape).
    pub(super) fn charges(
        &self,
        keys: &KeyRing,
        origin: &Origin,
        link: Option<&[u8; 32]>,
        code: Option<&DossierCode>,
    ) -> Charges {
        let bucket = |domain: &str, parts: &[&[u8]]| keys.client_index(domain, &parts.concat());
        let mut open = vec![self.global.charge(bucket("gate global", &[]))];
        if origin.is_key {
            open.push(self.key.charge(bucket("gate key", &[&origin.client])));
        } else {
            open.push(self.client.charge(bucket("gate client", &[&origin.client])));
            open.push(self.net.charge(bucket("gate net", &[&origin.net])));
        }
        if let Some(link) = link {
            let pair = bucket("gate client link", &[&origin.client, link]);
            open.push(self.client_link.charge(pair));
        }
        let distinct = if origin.is_key {
            self.key_distinct
        } else {
            self.distinct
        };
        Charges {
            open,
            link: link.map(|link| self.link.charge(bucket("gate link", &[link]))),
            agency_day: code.and_then(agency_and_day).map(|day| {
                self.agency_day
                    .charge(bucket("gate agency day", &[day.as_bytes()]))
            }),
            distinct: distinct.charge(bucket("gate distinct", &[&origin.client])),
        }
    }
}

/// `unit-date` of a code that tells them.
fn agency_and_day(code: &DossierCode) -> Option<String> {
    Some(format!("{}-{}", code.unit()?, code.date()?))
}
