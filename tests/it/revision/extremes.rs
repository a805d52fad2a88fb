//! Files at the edge of what the format allows: few documents are like that, and each is sealed.

use super::*;

/// The largest number that an object may have (ISO 32000-1, annex C).
const NUMBER_MAX: u32 = 8_388_607;

#[test]
fn where_the_highest_numbers_are_used_lower_ones_are_taken() {
    let bench = Bench::new(KeyKind::P256);
    let identity = pki::identity_of(bench.pki.agency());
    for highest in [NUMBER_MAX - 1, NUMBER_MAX] {
        // Number 6 is awaited by the catalog, and 7 is nobody's.
        let file = PdfFile::new(XrefKind::Table)
            .catalog("/PieceInfo 6 0 R")
            .object(highest, "(the last one)")
            .build();
        let once = sealed(&file, attachment("Số: 1/QĐ-UBND"), &identity);
        let twice = sealed(&once, request(), &identity);
        bench
            .judges
            .holds_valid(&twice, &format!("{highest} twice"));
        bench
            .judges
            .holds_trusted(&once, &format!("{highest} once"));
        assert!(!twice.windows(8).any(|word| word == b"\n6 0 obj"));
    }
}

#[test]
fn a_low_number_for_which_something_waits_is_not_taken_wherever_that_stands() {
    let identity = pki::identity_of(pki::pki(KeyKind::P256).agency());
    // To seal, nobody has to look at object 7, and object 8 is the next that nobody has.
    let file = PdfFile::new(XrefKind::Table)
        .object(7, "[6 0 R]")
        .object(NUMBER_MAX, "(the last one)")
        .build();
    let once = sealed(&file, request(), &identity);
    let has = |object: &[u8]| once.windows(object.len()).any(|bytes| bytes == object);
    assert!(!has(b"\n6 0 obj"));
    assert!(has(b"\n8 0 obj"));
}

#[test]
fn what_is_nested_deeply_is_sealed() {
    let bench = Bench::new(KeyKind::P256);
    let identity = pki::identity_of(bench.pki.agency());
    let nest = format!("{}{}", "[".repeat(240), "]".repeat(240));
    let kids = (10..310).fold(PdfFile::new(XrefKind::Table), |file, n| {
        file.object(n, &format!("<< /T (f{n}) /Kids [{} 0 R] >>", n + 1))
    });
    let file = kids
        .object(310, "<< /FT /Tx /T (leaf) >>")
        .catalog(&format!("/AcroForm << /Fields [10 0 R] >> /X {nest}"))
        .build();
    let once = sealed(&file, request(), &identity);
    bench.judges.holds_valid(&once, "deep");
    bench.judges.holds_trusted(&once, "deep");
}
