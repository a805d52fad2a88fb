//! Reading files: objects, cross-references, filters, pages' words, signatures.

use crate::pades::{self, Limits, Pdf, TrustAnchors, probe};

/// The time at which everything takes place.
pub(super) const NOW: time::OffsetDateTime = time::macros::datetime!(2026-11-23 14:05:09 +07:00);

/// Bounds as they are in service, but for the sizes: a fuzzer's file is small, and what takes
/// longer than it deserves shall be noticed.
pub(super) fn limits() -> Limits {
    Limits {
        objects: 10_000,
        object_bytes: 1 << 20,
        decompressed: 1 << 20,
        work: 50_000,
        work_bytes: 8 << 20,
        ..Limits::default()
    }
}

/// Objects, and dictionaries as the splicing of revisions sees them.
pub(super) fn lexer(bytes: &[u8]) {
    probe::objects(bytes);
}

/// Header, cross-references, page tree: whatever opening a file reads.
pub(super) fn open(bytes: &[u8]) {
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
}

/// What the intake does with a file.
pub(super) fn inspect(bytes: &[u8]) {
    let _ = pades::inspect(&bytes.to_vec(), &limits());
}

/// Signatures, what came after them, their messages.
pub(super) fn verify(bytes: &[u8]) {
    if let Ok(report) = pades::verify(&bytes.to_vec(), &limits(), &TrustAnchors::default(), NOW) {
        assert!(!report.valid, "nobody is trusted");
    }
}

/// Every filter, with parameters of any kind: the filter's number, four parameters of two octets,
/// the data.
pub(super) fn filters(bytes: &[u8]) {
    const BYTES_MAX: usize = 1 << 20;
    let Some((&[filter, ref numbers @ ..], data)) = bytes.split_first_chunk::<9>() else {
        return;
    };
    let (pairs, _) = numbers.as_chunks::<2>();
    let mut parameters = [0; 4];
    for (parameter, pair) in parameters.iter_mut().zip(pairs) {
        *parameter = u16::from_be_bytes(*pair);
    }
    if let Some(plain) = probe::decode(filter, parameters, data, BYTES_MAX) {
        assert!(plain.len() <= 2 * BYTES_MAX);
    }
}

/// Maps of fonts, and pages' content as far as finding words reads it: a `/ToUnicode` map, a zero
/// byte, a page's content.
pub(super) fn words(bytes: &[u8]) {
    let mut parts = bytes.splitn(2, |byte| *byte == 0);
    let (map, content) = (parts.next(), parts.next());
    let file = page_with(map.unwrap_or_default(), content.unwrap_or_default());
    let pdf = Pdf::open(&file, &limits()).expect("a whole file");
    let page = pdf.page(0).expect("a page");
    probe::find_word(&pdf, &page, "Ký");
}

/// Dates: what is read is written as the same.
pub(super) fn date(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    for time in [probe::pdf_date(text), probe::asn1_time(bytes)]
        .into_iter()
        .flatten()
    {
        let written = probe::written_date(time);
        let again = probe::pdf_date(&written).expect("its own form is a date");
        assert_eq!(again.unix_timestamp(), time.unix_timestamp(), "{written}");
        assert_eq!(probe::written_date(again), written);
    }
}

/// A file of one page with this content and a font with this map.
fn page_with(map: &[u8], content: &[u8]) -> Vec<u8> {
    let stream = |bytes: &[u8]| {
        let head = format!("<< /Length {} >>\nstream\n", bytes.len());
        [head.as_bytes(), bytes, b"\nendstream"].concat()
    };
    let objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources \
          << /Font << /F 5 0 R /G 6 0 R >> /XObject << /X 4 0 R >> >> >>"
            .to_vec(),
        stream(content),
        b"<< /Type /Font /Subtype /Type0 /Encoding 7 0 R /ToUnicode 7 0 R /DescendantFonts \
          [<< /Type /Font /W [0 [500 1] 9 99 7] >>] >>"
            .to_vec(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 7 0 R >>".to_vec(),
        stream(map),
    ];
    let mut file = b"%PDF-1.7\n".to_vec();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (number, object) in (1..).zip(&objects) {
        table.extend([format!("{:010} 00000 n \n", file.len())]);
        file.extend_from_slice(format!("{number} 0 obj\n").as_bytes());
        file.extend_from_slice(object);
        file.extend_from_slice(b"\nendobj\n");
    }
    let (size, start) = (objects.len() + 1, file.len());
    let end = format!("trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n");
    file.extend_from_slice([table, end].concat().as_bytes());
    file
}
