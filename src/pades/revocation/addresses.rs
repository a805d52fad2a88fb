//! The addresses that a certificate gives for asking about it (RFC 5280 §4.2.1.13 and §4.2.2.1).

use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{DistributionPointName, GeneralName, ParsedExtension};
use x509_parser::prelude::FromDer as _;

use super::super::oid;

/// Where to ask about a certificate. Only `http` and `https` count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Addresses {
    /// Responders, in the certificate's order.
    pub ocsp: Vec<String>,
    /// Lists.
    pub crl: Vec<String>,
    /// Where the issuer's own certificate lies.
    pub ca_issuers: Vec<String>,
}

impl Addresses {
    /// Reads the addresses in a certificate (DER); none where it has none or is none.
    #[must_use]
    pub fn of(certificate: &[u8]) -> Self {
        let mut addresses = Self::default();
        let Ok((_, certificate)) = X509Certificate::from_der(certificate) else {
            return addresses;
        };
        for extension in certificate.extensions() {
            match extension.parsed_extension() {
                ParsedExtension::AuthorityInfoAccess(access) => {
                    for way in &access.accessdescs {
                        let list = match way.access_method.to_id_string() {
                            method if method == oid::AD_OCSP.to_string() => &mut addresses.ocsp,
                            method if method == oid::AD_CA_ISSUERS.to_string() => {
                                &mut addresses.ca_issuers
                            }
                            _ => continue,
                        };
                        list.extend(http(&way.access_location));
                    }
                }
                ParsedExtension::CRLDistributionPoints(points) => {
                    for point in &points.points {
                        // Others than the issuer itself, or for some reasons only: not for us.
                        let is_plain = point.crl_issuer.is_none() && point.reasons.is_none();
                        if let Some(DistributionPointName::FullName(names)) =
                            point.distribution_point.as_ref().filter(|_| is_plain)
                        {
                            addresses.crl.extend(names.iter().filter_map(http));
                        }
                    }
                }
                _ => {}
            }
        }
        addresses
    }

    /// Whether nobody can be asked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ocsp.is_empty() && self.crl.is_empty()
    }
}

fn http(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::URI(address) if address.len() <= ADDRESS_BYTES_MAX => {
            let scheme = address.split(':').next()?.to_ascii_lowercase();
            (scheme == "http" || scheme == "https").then(|| (*address).to_owned())
        }
        _ => None,
    }
}

/// Longer addresses are no addresses of authorities.
const ADDRESS_BYTES_MAX: usize = 2000;
