//! A certification service as the world has them: its authorities answer over HTTP for TSA, OCSP,
//! CRLs and certificates, and any of these can be made to fail. What is signed, OpenSSL's own
//! programs sign, at the time of the machine's clock.

mod answers;
mod authorities;
mod server;

use std::net::SocketAddr;
use std::sync::Arc;

use time::OffsetDateTime;
use trao::pades::SigningIdentity;
use trao::pades::test_pki::KeyKind;

use authorities::Authorities;
pub(crate) use authorities::Whose;
use server::{Handle, State};
pub(crate) use server::{Mode, Part};

/// The policy by which the TSA stamps what names none.
pub(crate) const TSA_POLICY: &str = "1.3.6.1.4.1.99999.1.1";
/// A further policy of the TSA's; there is no third.
pub(crate) const TSA_OTHER_POLICY: &str = "1.3.6.1.4.1.99999.1.2";

/// A root, an issuing CA, a TSA, an OCSP responder and an agency, and the service that answers for
/// them on the loopback. It ends with this value.
///
/// The root answers for the issuing CA (OCSP signed by the root itself, CRL); the issuing CA for
/// agency and TSA (OCSP signed by a delegated responder, RFC 6960 §4.2.2.2; CRL). Every certificate
/// below the root names its OCSP responder, its CRL and its issuer's certificate on this service.
/// Certificates are valid from 30 days before to 700 days after both [`super::pki::NOW`] and the
/// machine's clock; answers and CRLs are made at the moment they are asked for.
pub(crate) struct PkiService {
    authorities: Arc<Authorities>,
    state: Arc<State>,
    address: SocketAddr,
    _handle: Handle,
}

impl PkiService {
    /// With an agency whose key is on P-256.
    pub(crate) fn start() -> Self {
        Self::start_with(KeyKind::P256)
    }

    /// With an agency whose key is of this kind; the others' are on P-256.
    pub(crate) fn start_with(agency: KeyKind) -> Self {
        let listener = server::listen();
        let address = listener.local_addr().unwrap();
        let authorities = Arc::new(Authorities::make(&format!("http://{address}"), agency));
        let state = Arc::new(State::new(authorities.clone()));
        Self {
            _handle: server::serve(listener, state.clone()),
            authorities,
            state,
            address,
        }
    }

    /// The machine's clock, by which everything here is answered. Read it after what it shall judge
    /// was fetched: a time-stamp is never younger than this, but may be the same second's.
    #[expect(
        clippy::disallowed_methods,
        reason = "openssl signs answers at the machine's time"
    )]
    pub(crate) fn now() -> OffsetDateTime {
        OffsetDateTime::now_utc()
    }

    pub(crate) fn tsa_url(&self) -> String {
        self.url("/tsa")
    }

    /// The options of a level on the command line: whom to ask, where it takes a time-stamp.
    pub(crate) fn level_options(&self, level: &str) -> Vec<String> {
        let mut options = vec!["--level".to_owned(), level.to_owned()];
        if level != "b" {
            options.extend(["--tsa".to_owned(), self.tsa_url()]);
        }
        options
    }

    /// The responder that answers for the agency.
    pub(crate) fn ocsp_url(&self) -> String {
        self.url("/ocsp/issuing")
    }

    /// The CRL on which the agency would stand.
    pub(crate) fn crl_url(&self) -> String {
        self.url("/issuing.crl")
    }

    /// The issuing CA's certificate.
    pub(crate) fn ca_issuers_url(&self) -> String {
        self.url("/issuing.cer")
    }

    /// An address of the service, by its path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The root: the anchor of everybody here, of the TSA too.
    pub(crate) fn root_pem(&self) -> Vec<u8> {
        self.authorities.certificate_pem(Whose::Root)
    }

    pub(crate) fn certificate_pem(&self, whose: Whose) -> Vec<u8> {
        self.authorities.certificate_pem(whose)
    }

    pub(crate) fn certificate_der(&self, whose: Whose) -> Vec<u8> {
        self.authorities.certificate_der(whose)
    }

    /// Key, certificate and chain of the agency as PKCS#12.
    pub(crate) fn agency_p12(&self, passphrase: &str) -> Vec<u8> {
        self.authorities.pkcs12(Whose::Agency, passphrase)
    }

    /// The agency's key alone.
    pub(crate) fn agency_key_pem(&self) -> Vec<u8> {
        self.authorities.key_pem(Whose::Agency)
    }

    /// The agency as one who signs.
    pub(crate) fn agency(&self) -> Arc<SigningIdentity> {
        let chain = [Whose::Issuing, Whose::Root].map(|above| self.certificate_pem(above));
        let identity = SigningIdentity::from_pem(
            &self.authorities.key_pem(Whose::Agency),
            &self.certificate_pem(Whose::Agency),
            &chain.concat(),
            None,
        );
        Arc::new(identity.unwrap())
    }

    /// From now on OCSP and CRL call the agency's certificate revoked (keyCompromise).
    pub(crate) fn revoke_agency(&self) {
        self.revoke(Whose::Agency);
    }

    /// The same for anybody below an authority.
    pub(crate) fn revoke(&self, whose: Whose) {
        self.authorities.revoke(whose);
    }

    pub(crate) fn set_tsa(&self, mode: Mode) {
        self.state.set(Part::Tsa, mode);
    }

    pub(crate) fn set_ocsp(&self, mode: Mode) {
        self.state.set(Part::Ocsp, mode);
    }

    pub(crate) fn set_crl(&self, mode: Mode) {
        self.state.set(Part::Crl, mode);
    }

    /// How `/issuing.cer` and `/root.cer` answer.
    pub(crate) fn set_ca_issuers(&self, mode: Mode) {
        self.state.set(Part::CaIssuers, mode);
    }

    /// From now on the TSA stamps only for who gives this name and password (RFC 7617).
    pub(crate) fn require_login(&self, user: &str, password: &str) {
        self.state.require_login(user, password);
    }

    /// How often a part was asked, whatever it answered.
    pub(crate) fn asked(&self, part: Part) -> usize {
        self.state.asked(part)
    }
}
