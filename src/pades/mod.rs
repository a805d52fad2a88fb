//! Reading, sealing and checking PDF files by PAdES (ETSI EN 319 142-1) and ISO 32000-2.
//!
//! This module imports nothing else of Trao: no process, no clock, no file system of its own. It
//! has two halves that never meet in one process when the file is not ours: the *reading half*
//! (`reader`, `inspect`, `revision`, `signatures`, `verify`) walks untrusted bytes and has no
//! key; the *key half* (`identity`, `cms`) signs a digest and reads no PDF.

mod asn1;
mod certificate;
mod cms;
pub mod error;
mod identity;
pub mod limits;
mod oid;
pub mod reader;
mod scheme;
mod signature;
mod signer;
pub mod source;
pub mod test_pki;

pub use cms::{contents_size, sign};
pub use error::Refusal;
pub use identity::{IdentityError, SigningIdentity, Unfit};
pub use limits::Limits;
pub use reader::{Page, Pdf, XrefEntry, XrefForm};
pub use scheme::{DigestAlgorithm, Scheme, UnknownScheme};
pub use signer::{DigestSigner, SignError};
pub use source::{FileSource, Source};
