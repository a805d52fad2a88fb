//! The command line: parse, dispatch.

fn main() {}
