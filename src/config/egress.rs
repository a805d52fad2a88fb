//! `[egress]` and `[[tsa]]`: whom the service asks over HTTP, and what that may cost.

use std::path::PathBuf;

use http::Uri;
use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::{ConfigError, counted, is_loopback, within};

/// `[egress]`: the client that asks TSAs and OCSP responders and fetches CRLs and certificates.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EgressSettings {
    /// Servers that may be asked beside the TSAs and those that the certificates of configured
    /// authorities name: scheme, host and port of an address, `http://crl.example.vn`.
    pub hosts: Vec<String>,
    /// Networks off the internet in which servers may stand; none others of that kind are reached.
    pub allow_private: Vec<IpNet>,
    /// Authorities of servers that are asked by https, PEM, beside those of the system.
    pub ca_file: Option<PathBuf>,
    /// Until a connection is there, its name and TLS included, in seconds.
    pub connect_s: u64,
    /// Until the answer of an OCSP responder, or a certificate, is there, in seconds.
    pub answer_s: u64,
    /// Until a CRL is there, in seconds.
    pub crl_s: u64,
    /// Bytes of a TSA's answer.
    pub time_stamp_bytes: u64,
    /// Bytes of an OCSP responder's answer.
    pub ocsp_bytes: u64,
    /// Bytes of the certificates that one address gives.
    pub certificates_bytes: u64,
    /// Bytes of a CRL.
    pub crl_bytes: u64,
}

impl Default for EgressSettings {
    fn default() -> Self {
        Self {
            hosts: Vec::new(),
            allow_private: Vec::new(),
            ca_file: None,
            connect_s: 5,
            answer_s: 15,
            crl_s: 60,
            time_stamp_bytes: 64 * KIB,
            ocsp_bytes: 64 * KIB,
            certificates_bytes: 64 * KIB,
            crl_bytes: 20 * 1024 * KIB,
        }
    }
}

impl EgressSettings {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        for host in &self.hosts {
            check_url("egress.hosts", host)?;
        }
        within("egress.connect_s", self.connect_s, 1..=60)?;
        within("egress.answer_s", self.answer_s, 1..=120)?;
        within("egress.crl_s", self.crl_s, 1..=600)?;
        // The room that the longest token asks for is left in every later file: it must fit in there
        // beside a signature's own.
        within(
            "egress.time_stamp_bytes",
            self.time_stamp_bytes,
            4 * KIB..=256 * KIB,
        )?;
        let answer_bytes = 4 * KIB..=1024 * KIB;
        for (setting, bytes) in [
            ("egress.ocsp_bytes", self.ocsp_bytes),
            ("egress.certificates_bytes", self.certificates_bytes),
        ] {
            within(setting, bytes, answer_bytes.clone())?;
        }
        within(
            "egress.crl_bytes",
            self.crl_bytes,
            4 * KIB..=200 * 1024 * KIB,
        )
    }
}

/// `[[tsa]]`: a time-stamping authority. They are tried in the order in which they stand.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TsaSettings {
    /// What it is called in the log and in the record.
    pub name: String,
    /// Where it is asked (RFC 3161 §3.4).
    pub url: String,
    /// The policy that is asked for, `1.3.6.1.4.1.99999.1`; the TSA's own choice unless set.
    pub policy: Option<String>,
    /// The name with which to log in, where the TSA wants that (RFC 7617).
    pub user: Option<String>,
    /// The file that holds the password.
    pub password_file: Option<PathBuf>,
    /// Files and folders with the certificates of its roots, PEM or DER; those of `[trust]` where
    /// none are named.
    pub anchors: Vec<PathBuf>,
    /// Until its answer is there, in seconds.
    pub timeout_s: u64,
}

impl Default for TsaSettings {
    fn default() -> Self {
        Self {
            name: String::new(),
            url: String::new(),
            policy: None,
            user: None,
            password_file: None,
            anchors: Vec::new(),
            timeout_s: 10,
        }
    }
}

impl TsaSettings {
    /// Holds a list of TSAs to its limits.
    pub(super) fn check_all(all: &[Self]) -> Result<(), ConfigError> {
        counted("tsa", (all.len(), "entries"), 0..=TSA_MAX)?;
        for (n, tsa) in all.iter().enumerate() {
            tsa.check()?;
            if all.iter().take(n).any(|earlier| earlier.name == tsa.name) {
                return invalid("tsa.name", "another TSA has the same");
            }
        }
        Ok(())
    }

    fn check(&self) -> Result<(), ConfigError> {
        if self.name.trim().is_empty() {
            return invalid("tsa.name", "it is missing");
        }
        counted(
            "tsa.name",
            (self.name.trim().chars().count(), "letters"),
            1..=100,
        )?;
        let uri = check_url("tsa.url", &self.url)?;
        within("tsa.timeout_s", self.timeout_s, 1..=120)?;
        if self.policy.as_deref().is_some_and(|oid| !is_oid(oid)) {
            return invalid("tsa.policy", "it is no object identifier");
        }
        if self.user.is_some() != self.password_file.is_some() {
            return invalid("tsa.user", "user and password_file go together");
        }
        let is_safe = uri.scheme_str() == Some("https") || uri.host().is_some_and(is_loopback);
        if self.user.is_some() && !is_safe {
            return invalid("tsa.url", "it must be https where a password is sent");
        }
        Ok(())
    }
}

/// An absolute address of http or https without a login in it.
fn check_url(setting: &'static str, url: &str) -> Result<Uri, ConfigError> {
    let Ok(uri) = url.parse::<Uri>() else {
        return invalid(setting, "it is no address");
    };
    if !matches!(uri.scheme_str(), Some("http" | "https")) {
        return invalid(setting, "it must begin with http:// or https://");
    }
    match uri.authority() {
        Some(authority) if authority.as_str().contains('@') => {
            invalid(setting, "it must not hold a login")
        }
        Some(authority) if !authority.host().is_empty() => Ok(uri),
        _ => invalid(setting, "it names no host"),
    }
}

/// Numbers with dots between them, as ITU-T X.660 has them.
fn is_oid(text: &str) -> bool {
    let mut arcs = text.split('.');
    let is_root = matches!(arcs.next(), Some("0" | "1" | "2"));
    let is_number = |arc: &str| !arc.is_empty() && arc.bytes().all(|byte| byte.is_ascii_digit());
    is_root && text.contains('.') && arcs.all(is_number)
}

fn invalid<T>(setting: &'static str, why: &'static str) -> Result<T, ConfigError> {
    Err(ConfigError::invalid(setting, why))
}

const KIB: u64 = 1024;
/// Numbers of one digit: sorted by name, their variables are in order.
const TSA_MAX: usize = 10;
