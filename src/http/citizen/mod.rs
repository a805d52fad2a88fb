//! The citizen's pages.

pub(crate) mod views;
