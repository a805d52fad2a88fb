//! Reading, sealing and checking PDF files by PAdES (ETSI EN 319 142-1) and ISO 32000-2.
//!
//! This module imports nothing else of Trao: no process, no clock, no file system of its own. It
//! has two halves that never meet in one process when the file is not ours: the *reading half*
//! (`reader`, `inspect`, `revision`, `signatures`, `verify`) walks untrusted bytes and has no
//! key; the *key half* (`identity`, `cms`) signs a digest and reads no PDF.

mod active_content;
mod algorithm;
mod appearance;
mod asn1;
pub mod byte_range;
mod certificate;
mod changed;
mod changes;
mod cms;
mod contexts;
mod coverage;
mod encoded;
pub mod error;
mod finding;
mod identity;
mod inspect;
mod judged_fields;
pub mod limits;
mod moment;
mod oid;
#[cfg(any(test, fuzzing))]
pub(crate) mod probe;
pub mod reader;
mod revocation;
mod restrictions;
pub mod revision;
mod scheme;
mod signature;
mod signatures;
mod signer;
pub mod source;
mod syntax;
pub mod test_pki;
mod text;
mod timestamp;
mod validation_store;
mod verify;

pub use appearance::{
    Align, Anchor, Appearance, Facts, ImageName, Item, Language, Localised, MarkOrder, Over,
    PageChoice, PageWord, Placement, Side, Spot, Template, TemplateError, picture_size, try_out,
};
pub use cms::{SignedMessage, contents_size, sign};
pub use encoded::Der;
pub use error::Refusal;
pub use finding::Finding;
pub use identity::{IdentityError, SigningIdentity, Unfit};
pub use inspect::{Inspection, inspect};
pub use limits::Limits;
pub use reader::{Page, Pdf, Reading, XrefEntry, XrefForm};
pub use revision::{
    PreparedRevision, SealRequest, SignatureData, prepare, prepare_as, prepare_time_stamp,
    prepare_validation_data,
};
pub use revocation::{
    Addresses, OcspRequest, RevocationAnswer, RevocationError, RevocationSource, RevocationStatus,
    read_crl, read_ocsp,
};
pub use scheme::{DigestAlgorithm, Scheme, UnknownScheme};
pub use signatures::{ChangesAfter, Covers, EmbeddedSignature, SignatureKind, signatures};
pub use signer::{DigestSigner, SignError, digest_info, ecdsa_sig_value};
pub(crate) use source::read_file;
pub use source::{Appended, FileSource, Prefix, Source};
pub use timestamp::{TimeStampError, TimeStampRequest, TimeStampToken};
/// Every code that a finding in a file or about a signature can have; some can be both.
pub fn finding_codes() -> impl Iterator<Item = &'static str> {
    let in_files = finding::Seen::ALL.iter().map(|seen| seen.code());
    in_files.chain(verify::problem_codes())
}

/// Makes the cryptographic library read what it reads once: a process that will not be allowed to
/// open files any more calls this before.
pub fn warm_up() {
    openssl::init();
    // The first use loads the provider.
    let _ = openssl::sha::sha256(b"");
    let _ = openssl::hash::hash(openssl::hash::MessageDigest::sha256(), b"");
}

pub use verify::{
    Chain, Grounds, Indication, LastLook, Level, NoCertificate, OwnMessage, OwnSignature, Report,
    Revocation, SignatureGrounds, SignatureVerdict, SubIndication, Trust, TrustAnchors, grounds,
    verify, verify_as, verify_own,
};
