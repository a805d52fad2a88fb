//! The officer's desk.

pub(crate) mod facts;
pub(crate) mod qr;
pub(crate) mod views;
