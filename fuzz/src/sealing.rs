//! What the service makes of a child's answer.

#[path = "../../src/sealing/assemble.rs"]
mod assemble;
#[path = "../../src/sealing/error.rs"]
mod error;
#[path = "../../src/sealing/probe.rs"]
pub(crate) mod probe;
#[path = "../../src/sealing/received.rs"]
mod received;
#[path = "../../src/sealing/wire.rs"]
mod wire;

pub use error::SealingError;
