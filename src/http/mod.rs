//! The edge: routes, pages, the API.

#![expect(
    dead_code,
    reason = "the handlers that show these pages come in the next step"
)]

mod assets;
mod citizen;
mod officer;
mod page;
mod portal;
pub mod texts;

#[cfg(test)]
#[path = "../../tests/gallery/mod.rs"]
mod gallery;
