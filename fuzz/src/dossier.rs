//! The dossier code.

#[path = "../../src/dossier/code.rs"]
mod code;

pub use code::{CodeMalformed, CodeRefused, DossierCode, Profile};
