#![cfg(test)]
//! The integration tests, one binary: a file for each part of the path.

mod cms;
mod config;
mod revision;
mod support;
mod verify;
mod verify_foreign;
