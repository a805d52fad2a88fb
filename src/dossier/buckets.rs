//! The buckets of the gate: what each counts, how much it holds, and whose it is. Their names are
//! keyed hashes, so that the database learns no address and no link.

use std::net::IpAddr;

use super::code::DossierCode;
use crate::config::{GateSettings, Rate};
use crate::database::Charge;
use crate::model::{ApiKeyId, client_block, network_block};
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
        let net = keys.client_index("net", &network_block(address));
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
                client: keys.client_index("client", &client_block(address)),
                net,
                is_key: false,
            },
        }
    }
}

/// The charges of one attempt at the gate.
pub(super) struct Charges {
    /// The caller's own: an empty one slows it down and says so.
    pub(super) own: Vec<Charge>,
    /// Everybody's; a key has a budget of its own instead. An empty one says so.
    pub(super) global: Option<Charge>,
    /// The link's, which is everybody's too; an empty one is told nobody.
    pub(super) link: Option<Charge>,
    /// Distinct results: looked at before, charged with the grant.
    pub(super) distinct: Charge,
    /// Grants of one result to one client, in the same way.
    pub(super) repeats: Option<Charge>,
}

/// The charges of one question for a status.
pub(super) struct StatusCharges {
    /// The caller's own.
    pub(super) own: Vec<Charge>,
    /// Statuses told to the caller: right codes count too, or whoever counts upwards reads them all.
    pub(super) told: Charge,
    /// Everybody's: those of all questions, and of the agency and day asked about.
    pub(super) shared: Vec<Charge>,
}

impl GateSettings {
    /// The charges of an attempt on a link (`None` where it has not even a link's shape).
    pub(super) fn charges(
        &self,
        keys: &KeyRing,
        origin: &Origin,
        link: Option<&[u8; 32]>,
    ) -> Charges {
        let bucket = |domain: &str, parts: &[&[u8]]| keys.client_index(domain, &parts.concat());
        let mut own = Vec::new();
        if origin.is_key {
            own.push(self.key.charge(bucket("gate key", &[&origin.client])));
        } else {
            own.push(self.client.charge(bucket("gate client", &[&origin.client])));
            own.push(self.net.charge(bucket("gate net", &[&origin.net])));
        }
        if let Some(link) = link {
            let pair = bucket("gate client link", &[&origin.client, link]);
            own.push(self.client_link.charge(pair));
        }
        let distinct = if origin.is_key {
            self.key_distinct
        } else {
            self.distinct
        };
        let global = || self.global.charge(bucket("gate global", &[]));
        Charges {
            own,
            global: (!origin.is_key).then(global),
            link: link.map(|link| self.link.charge(bucket("gate link", &[link]))),
            distinct: distinct.charge(bucket("gate distinct", &[&origin.client])),
            repeats: link.map(|link| {
                let pair = bucket("gate repeats", &[&origin.client, link]);
                self.repeats.charge(pair)
            }),
        }
    }

    /// The charge to the bucket of the agency and day that a code names. Only on a link that
    /// somebody has is anything guessed; on any other the same is charged to a bucket of the link's
    /// own, so that nobody who has no link empties the day's.
    pub(super) fn agency_day(
        &self,
        keys: &KeyRing,
        code: &DossierCode,
        link: &[u8; 32],
        is_known: bool,
    ) -> Option<Charge> {
        let day = code.unit_day()?.to_string();
        let bucket = if is_known {
            keys.client_index("gate agency day", day.as_bytes())
        } else {
            keys.client_index("gate no day", &[link, day.as_bytes()].concat())
        };
        Some(self.agency_day.charge(bucket))
    }

    /// The charges of a question for a status. They are none of the gate's: who asks in vain for a
    /// status shuts no file.
    pub(super) fn status_charges(
        &self,
        keys: &KeyRing,
        origin: &Origin,
        code: &DossierCode,
    ) -> StatusCharges {
        let day = code.unit_day().map(|day| {
            let bucket = keys.client_index("status agency day", day.to_string().as_bytes());
            self.agency_day.charge(bucket)
        });
        let told = keys.client_index("status told", &origin.client);
        let client = keys.client_index("status client", &origin.client);
        let net = keys.client_index("status net", &origin.net);
        let global = keys.client_index("status global", &[]);
        StatusCharges {
            own: vec![self.client.charge(client), self.net.charge(net)],
            told: self.statuses.charge(told),
            shared: std::iter::once(self.global.charge(global))
                .chain(day)
                .collect(),
        }
    }
}
