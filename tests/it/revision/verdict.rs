//! What our own verifier says of what we seal.

use std::sync::LazyLock;

use trao::pades::{ChangesAfter, Covers, Report, TrustAnchors, verify};

use super::shape::files;
use super::*;

static PKI: LazyLock<TestPki> = LazyLock::new(|| pki::pki(KeyKind::P256));

fn report(file: &[u8]) -> Result<Report, Refusal> {
    let anchors = TrustAnchors::from_pem_or_der(&PKI.root_pem().unwrap()).unwrap();
    verify(&file.to_vec(), &Limits::default(), &anchors, NOW)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn a_seal_is_valid_and_allows_the_next(file in files(), visible: bool) {
        let identity = pki::identity_of(PKI.agency());
        let (first, second) = (attachment("Số: 1"), request());
        let (first, second) = if visible { (second, first) } else { (first, second) };
        let received = file.build();
        prop_assert!(!prepared(&received, &first).unwrap().follows_others);
        let once = sealed(&received, first, &identity);
        let said = report(&once).unwrap();
        prop_assert!(said.valid, "{:?}", said);
        prop_assert_eq!(said.signatures[0].covers, Covers::WholeFile);
        prop_assert!(said.signatures[0].findings.is_empty(), "{:?}", said);

        prop_assert!(prepared(&once, &second).unwrap().follows_others);
        let said = report(&sealed(&once, second, &identity)).unwrap();
        prop_assert!(said.valid, "{:?}", said);
        prop_assert_eq!(said.signatures[0].covers, Covers::Revision);
        prop_assert_eq!(said.signatures[0].changes_after, ChangesAfter::Permitted);
        prop_assert_eq!(said.signatures[1].covers, Covers::WholeFile);
    }

    #[test]
    fn any_flipped_covered_byte_fails(
        file in files(),
        at: prop::sample::Index,
        bit in 0_u8..8,
    ) {
        let received = file.build();
        let identity = pki::identity_of(PKI.agency());
        let mut bytes = sealed(&received, attachment("Số: 1"), &identity);
        let contents = b"/Contents <";
        let hole = bytes.windows(contents.len()).rposition(|window| window == contents).unwrap() + 10;
        let hole = hole..hole + 2 * contents_size(&identity) + 2;
        let covered = (0..bytes.len()).filter(|at| !hole.contains(at)).collect::<Vec<_>>();
        bytes[*at.get(&covered)] ^= 1 << bit;
        prop_assert!(!report(&bytes).is_ok_and(|report| report.valid));
    }
}
