#![cfg(test)]
//! The integration tests, one binary: a file for each part of the path.

mod accounts;
mod agency_appearance;
mod appearance;
mod archive_contract;
mod archive_faults;
mod archive_memory;
mod archive_tls;
mod browser;
mod cms;
mod config;
mod database;
mod doctor;
mod dossier_code;
mod egress;
mod gate;
mod found;
mod http_crash;
mod http_gate;
mod http_hangup;
mod http_reader;
mod judges;
mod levels;
mod pages;
mod pki_service;
mod publication;
mod reader;
mod revision;
mod secrets;
mod support;
mod throttle;
mod token;
mod verify;
mod verify_attacks;
mod verify_foreign;
mod verify_published;
