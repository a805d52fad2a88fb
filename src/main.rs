//! The command line: parse, dispatch.

use std::process::ExitCode;

fn main() -> ExitCode {
    trao::cli::run(std::env::args_os())
}
