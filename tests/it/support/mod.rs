//! What the tests share: builders, real servers, judges.

pub(crate) mod caller;
pub(crate) mod doctor;
pub(crate) mod dss;
pub(crate) mod judge;
pub(crate) mod judges;
pub(crate) mod keeping;
pub(crate) mod lab;
pub(crate) mod measured;
pub(crate) mod pdf;
pub(crate) mod pdf_file;
pub(crate) mod pki;
pub(crate) mod pki_service;
pub(crate) mod process;
pub(crate) mod program;
pub(crate) mod pyhanko;
pub(crate) mod seal;
pub(crate) mod server;
pub(crate) mod service;
pub(crate) mod soft_token;
pub(crate) mod standing;
pub(crate) mod stores;
pub(crate) mod tls;
pub(crate) mod told;
pub(crate) mod verapdf;
pub(crate) mod verdict;
pub(crate) mod visitor;
