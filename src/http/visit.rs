//! What every handler of a page wants to know of a request.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::HeaderMap;
use http::request::Parts;
use time::OffsetDateTime;

use super::assets::Assets;
use super::page::{Installation, Page};
use super::proxies::Proxies;
use super::server::Peer;
use super::texts::Language;
use crate::app::App;

/// Where the installation's own emblem lies, if it has set one.
pub(crate) const OWN_EMBLEM: &str = "/assets/emblem";

/// Who asks, in which language, from where and when.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    /// The reader's language.
    pub(crate) language: Language,
    /// The client's address, seen through our own proxies.
    pub(crate) client: IpAddr,
    /// Now.
    pub(crate) now: OffsetDateTime,
    path: String,
}

impl Visit {
    /// The frame of the page that answers.
    pub(crate) fn page(&self, app: &App) -> Page {
        self.page_at(app, &self.path)
    }

    /// The same where the address takes forms only: the language switch leads to `back`.
    pub(crate) fn page_at(&self, app: &App, back: &str) -> Page {
        Page {
            language: self.language,
            installation: Arc::new(installation(app)),
            back: back.to_owned(),
            desk: None,
        }
    }

    /// The same visit as a page sees it that reads no cookie.
    pub(crate) fn without_cookie(self, headers: &HeaderMap) -> Self {
        Self {
            language: Language::accepted(headers),
            ..self
        }
    }

    /// The client as the buckets of the login know it: a whole address of IPv4, the network of a
    /// household (/64) of IPv6.
    pub(crate) fn client_bytes(&self) -> Vec<u8> {
        match self.client {
            IpAddr::V4(address) => address.octets().to_vec(),
            IpAddr::V6(address) => address.octets().into_iter().take(8).collect(),
        }
    }
}

impl FromRequestParts<Arc<App>> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Infallible> {
        // Without a connection, in a test, all share one address: stricter, never looser.
        let nobody = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
        let peer = parts.extensions.get::<Peer>().map_or(nobody, |peer| peer.0);
        let proxies = Proxies::new(app.settings.proxies.trusted.clone());
        Ok(Self {
            language: Language::of(&parts.headers),
            client: proxies.client(peer, &parts.headers),
            now: app.now(),
            path: parts.uri.path().to_owned(),
        })
    }
}

fn installation(app: &App) -> Installation {
    Installation {
        name: app.installation.name.clone(),
        telephone: app.installation.telephone.clone(),
        emblem: match app.installation.emblem {
            Some(_) => OWN_EMBLEM.to_owned(),
            None => Assets::shipped().emblem.path.clone(),
        },
    }
}
