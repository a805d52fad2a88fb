//! Reading, sealing and checking PDF files by PAdES (ETSI EN 319 142-1) and ISO 32000-2.
//!
//! This module imports nothing else of Trao: no process, no clock, no file system of its own. It
//! has two halves that never meet in one process when the file is not ours: the *reading half*
//! (`reader`, `inspect`, `revision`, `signatures`, `verify`) walks untrusted bytes and has no
//! key; the *key half* (`identity`, `cms`) signs a digest and reads no PDF.

pub mod error;
pub mod source;
