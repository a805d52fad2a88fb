//! The manifest of a batch.

#[path = "../../src/cli/probe.rs"]
pub(crate) mod probe;
#[path = "../../src/cli/publish/table.rs"]
mod table;

mod publish {
    pub(super) use super::table;
}
