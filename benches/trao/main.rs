//! `make bench`: what a seal, a look at the gate and a download cost, with the floor beside it. CPU
//! time is counted, of this process and of those it starts, so that a busy machine changes little.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::unchecked_time_subtraction,
    clippy::print_stdout,
    reason = "a benchmark prints a table, and stops where it cannot measure"
)]

mod batch;
mod cpu;
mod demonstration;
mod download;
mod gate;
mod peers;
mod sample;
mod seal;
mod table;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test` builds and starts benchmarks too; they measure under `cargo bench` alone.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return;
    }
    let wanted: Vec<String> = arguments
        .into_iter()
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|word| word == name);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    // reqwest wants one even for plain HTTP; a second call finds it there.
    let _ = rustls::crypto::ring::default_provider().install_default();
    if is_wanted("seal") {
        seal::run(&runtime);
        batch::run();
    }
    table::head();
    if is_wanted("gate") {
        gate::run(&runtime);
    }
    if is_wanted("download") {
        download::run(&runtime);
    }
}
