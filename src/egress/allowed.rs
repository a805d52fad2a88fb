//! Which servers may be asked.

use std::collections::BTreeSet;

use reqwest::Url;

use super::error::{Denial, EgressError};

/// Servers by scheme, host and port. Whoever makes a list answers for where its addresses come
/// from: settings, or certificates whose issuer is a configured authority; never a file that
/// somebody handed in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowedHosts(BTreeSet<(String, String, u16)>);

impl AllowedHosts {
    /// The servers of these addresses. Certificates hold other addresses too (`ldap:`): what is no
    /// address of http or https is passed over.
    pub fn of<A: AsRef<str>>(addresses: impl IntoIterator<Item = A>) -> Self {
        let mut hosts = Self::default();
        for address in addresses {
            hosts.add(address.as_ref());
        }
        hosts
    }

    /// Adds the server of an address, as [`AllowedHosts::of`] does.
    pub fn add(&mut self, address: &str) {
        if let Some(server) = parse(address).ok().as_ref().and_then(server) {
            self.0.insert(server);
        }
    }

    /// Adds those of another list.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    pub(super) fn has(&self, url: &Url) -> bool {
        server(url).is_some_and(|server| self.0.contains(&server))
    }
}

/// Reads an address of http or https without a login in it. The host comes out in one form,
/// whatever form it had: `http://0x7f.1/` is `http://127.0.0.1/`.
pub(super) fn parse(address: &str) -> Result<Url, EgressError> {
    let Ok(mut url) = Url::parse(address) else {
        return Err(EgressError::unreadable());
    };
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(EgressError::unreadable());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(EgressError::denied(&url, Denial::HoldsLogin));
    }
    url.set_fragment(None);
    Ok(url)
}

fn server(url: &Url) -> Option<(String, String, u16)> {
    let port = url.port_or_known_default()?;
    Some((url.scheme().to_owned(), url.host_str()?.to_owned(), port))
}
