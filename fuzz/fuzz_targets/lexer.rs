//! Objects, and dictionaries as the splicing of revisions sees them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trao_fuzz::pades::probe;

fuzz_target!(|bytes: &[u8]| probe::objects(bytes));
