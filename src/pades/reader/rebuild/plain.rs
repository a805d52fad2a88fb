//! Damaged files that some readers mend even when they are sealed. With something before the header
//! some count offsets from the header, others from the first byte; no section leads both to the
//! objects. And who mends a file for another reason may believe a length that leads beyond what was
//! received, and take what is appended for a part of that stream.

use super::Gathered;
use super::anew::Flaw;
use super::scan::Scan;
use super::stop::Stop;
use crate::pades::error::Refusal;
use crate::pades::reader::{Pdf, damaged};

/// Refuses such a file unless whoever mends it finds what was found here: every object stands there
/// once, none in a stream, a string, a comment or before the header.
pub(super) fn check(pdf: &Pdf<'_>, gathered: &Gathered) -> Result<(), Refusal> {
    let flaws = || gathered.flawed.iter().map(|each| &each.flaw);
    if pdf.header_offset() > 0 && !(flaws().all(is_harmless) && is_plain(pdf, gathered)?) {
        return Err(damaged("something stands before its header"));
    }
    if flaws().any(|flaw| flaw.may_reach_beyond) && !is_plain(pdf, gathered)? {
        return Err(damaged("a stream reaches beyond its end"));
    }
    Ok(())
}

fn is_plain(pdf: &Pdf<'_>, gathered: &Gathered) -> Result<bool, Refusal> {
    let is_whole = !gathered.has_left_out && gathered.containers.is_empty();
    // Whoever mends it takes a trailer out of it, and there is one to take.
    let is_sure = gathered.xref_streams == 0 || gathered.trailers.len() == 1;
    let once = pdf.numbers().count() + gathered.xref_streams;
    Ok(is_whole && is_sure && headers(pdf)? == once)
}

/// Whether those who read the received object, not the one written anew, find the same in it.
fn is_harmless(flaw: &Flaw) -> bool {
    let is_ambiguous = flaw.oddities.is_to_be_mended() || flaw.has_more;
    !is_ambiguous && !flaw.is_ragged && !flaw.may_reach_beyond
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
