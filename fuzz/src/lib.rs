//! The modules under test without the service around them, laid out as they are in it, and the
//! targets.

#![expect(dead_code, reason = "the rest of the service, which would use it, is not here")]

mod cli;
pub mod dossier;
pub mod http;
#[path = "../../src/model/mod.rs"]
pub mod model;
#[path = "../../src/pades/mod.rs"]
pub mod pades;
pub mod sealing;
mod targets;

/// The variable that names the target.
const TARGET: &str = "TRAO_FUZZ_TARGET";

/// What is run on each input: the target that [`TARGET`] names. Where it names none, all of them are
/// listed, each with the folder of its seeds.
#[must_use]
pub fn chosen() -> fn(&[u8]) {
    let name = std::env::var(TARGET).unwrap_or_default();
    if let Some(target) = targets::ALL.iter().find(|target| target.name == name) {
        return target.run;
    }
    for target in targets::ALL {
        println!("{} {}", target.name, target.seeds);
    }
    std::process::exit(i32::from(!name.is_empty()));
}
