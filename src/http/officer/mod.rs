//! The officers' desk.

pub(crate) mod acts;
pub(crate) mod decide;
mod desk;
mod facts;
pub(crate) mod lists;
pub(crate) mod login;
pub(crate) mod mark;
pub(crate) mod publish;
pub(crate) mod qr;
pub(crate) mod result;
mod story;
pub(crate) mod views;
