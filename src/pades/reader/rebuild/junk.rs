//! Damaged files with something before their header. Some readers count offsets from the header, others
//! from the first byte; no section leads both to the objects, so one half mends even the sealed file.

use super::Gathered;
use super::scan::Scan;
use super::stop::Stop;
use crate::pades::error::Refusal;
use crate::pades::reader::{Pdf, damaged};

/// Refuses such a file unless whoever mends it finds what was found here: every object stands there
/// once and as it should be, none in a stream, a string, a comment or before the header.
pub(super) fn check(pdf: &Pdf<'_>, gathered: &Gathered) -> Result<(), Refusal> {
    if pdf.header_offset() == 0 {
        return Ok(());
    }
    let is_plain = !gathered.has_left_out
        && gathered.containers.is_empty()
        && gathered.flawed.is_empty()
        && headers(pdf)? == pdf.numbers().count();
    if is_plain {
        Ok(())
    } else {
        Err(damaged("something stands before its header"))
    }
}

/// How often an object's header stands in the file, wherever that is.
fn headers(pdf: &Pdf<'_>) -> Result<usize, Refusal> {
    let mut scan = Scan::new(pdf);
    scan.at = 0;
    let mut count = 0;
    while let Some(stop) = scan.stop()? {
        scan.at += 1;
        if matches!(stop, Stop::Header(_) | Stop::BrokenHeader) {
            pdf.budget.spend_object()?;
            count += 1;
        }
    }
    Ok(count)
}
