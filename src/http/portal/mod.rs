//! What portals embed.

pub(crate) mod views;
