//! Trao (Vietnamese *trao*: to hand over) receives the results of administrative dossiers, seals
//! them with the agency's certificate and hands each file over to whoever gives the right code.
//!
//! The path of a result, and the modules in its order:
//!
//! ```text
//!  officer, program                                                      citizen, portal
//!        |                                                                      |
//!      http ---- account (who may)                      dossier::gate (may this one?) ---- http
//!        |                                                                      ^
//!   publication: receive -> approve -> sign -> store -> release ----------------+
//!                   |                   |        |
//!                sealing (child)     sealing   archive (files, S3)
//!                   |                   |
//!                 pades: read        pades: CMS over the digest
//! ```
//!
//! A module uses only what stands further right in: `cli → http → app → publication, notice →
//! archive, dossier, account → sealing, token, database → evidence → secrets, egress, egress →
//! pades, model, config, telemetry`.

pub mod account;
pub mod app;
pub mod archive;
pub mod cli;
pub mod config;
pub mod database;
pub mod dossier;
pub mod egress;
pub mod evidence;
pub mod http;
pub mod model;
pub mod pades;
pub mod publication;
pub mod sealing;
pub mod secrets;
pub mod telemetry;
pub mod token;

/// The fuzz targets, which are tests as well.
#[cfg(test)]
#[path = "../fuzz/src/targets/mod.rs"]
mod fuzz_targets;
