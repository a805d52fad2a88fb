//! The edge: routes, pages, the API.

#![expect(
    dead_code,
    reason = "the handlers that show these pages come in the next step"
)]

mod access_log;
mod headers;
mod pace;
pub mod problem;
pub mod proxies;
pub mod server;
mod answer;
mod assets;
mod citizen;
mod download;
mod multipart;
mod officer;
mod origin;
mod page;
mod portal;
pub mod texts;

#[cfg(test)]
#[path = "../../tests/gallery/mod.rs"]
mod gallery;
