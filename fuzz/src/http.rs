//! What reads requests.

#[path = "../../src/http/heads.rs"]
mod heads;
#[path = "../../src/http/texts/language.rs"]
mod language;
#[path = "../../src/http/probe.rs"]
pub(crate) mod probe;
#[path = "../../src/http/proxies.rs"]
pub mod proxies;
#[path = "../../src/http/range.rs"]
mod range;

/// Which language a person reads.
pub mod texts {
    pub use super::language::Language;
}
