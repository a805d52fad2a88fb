//! Header, cross-references, page tree: whatever opening a file reads.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trao_fuzz::limits;
use trao_fuzz::pades::Pdf;

fuzz_target!(|bytes: &[u8]| {
    let bytes = bytes.to_vec();
    let Ok(pdf) = Pdf::open(&bytes, &limits()) else {
        return;
    };
    let _ = pdf.page_count();
    let _ = pdf.page(0);
    for (number, _) in pdf.numbers().take(100) {
        assert!(number < pdf.next_number() || number == u32::MAX);
        let _ = pdf.object((number, 0));
    }
});
