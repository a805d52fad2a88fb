//! The records of single signatures in the document security store: complete after each revision.

use lopdf::{Dictionary, Document, Object};
use trao::pades::{Der, Limits, SignatureData, prepare_validation_data};

use crate::support::pdf_file::{PdfFile, XrefKind};

fn data(key: &str, certificates: &[&[u8]], crls: &[&[u8]]) -> SignatureData {
    let ders = |list: &[&[u8]]| list.iter().map(|der| Der::from(der.to_vec())).collect();
    SignatureData {
        key: key.to_owned(),
        certificates: ders(certificates),
        ocsps: Vec::new(),
        crls: ders(crls),
    }
}

fn with_data(file: Vec<u8>, data: &[SignatureData]) -> Vec<u8> {
    let appended = prepare_validation_data(&file, &Limits::default(), data).unwrap();
    [file, appended.expect("something is new")].concat()
}

fn dictionary<'d>(document: &'d Document, holder: &'d Dictionary, key: &[u8]) -> &'d Dictionary {
    document
        .dereference(holder.get(key).unwrap())
        .and_then(|(_, object)| object.as_dict())
        .unwrap()
}

/// What the record of a signature names under `list`, in its order.
fn named(file: &[u8], key: &str, list: &[u8]) -> Vec<Vec<u8>> {
    let document = Document::load_mem(file).unwrap();
    let store = dictionary(&document, document.catalog().unwrap(), b"DSS");
    let records = dictionary(&document, store, b"VRI");
    let record = dictionary(&document, records, key.as_bytes());
    let items = match record.get(list).and_then(|list| document.dereference(list)) {
        Ok((_, Object::Array(items))) => items.clone(),
        _ => Vec::new(),
    };
    let content = |item: &Object| {
        let (_, stream) = document.dereference(item).unwrap();
        stream.as_stream().unwrap().content.clone()
    };
    items.iter().map(content).collect()
}

#[test]
fn a_record_keeps_what_it_named_and_names_what_other_signatures_brought() {
    let root = "<< /Length 4 >>\nstream\nroot\nendstream";
    for (store, xref) in [
        ("", XrefKind::Table),
        (
            "/DSS << /VRI << /AA << /Cert [20 0 R] >> >> /Certs [20 0 R] >>",
            XrefKind::Table,
        ),
        ("/DSS 21 0 R", XrefKind::Stream),
    ] {
        let mut file = PdfFile::new(xref)
            .catalog(store)
            .object(20, root)
            .object(21, "<< /VRI 22 0 R /Certs [20 0 R] >>")
            .object(22, "<< /AA 23 0 R >>")
            .object(23, "<< /Cert 24 0 R >>")
            .object(24, "[20 0 R]")
            .build();
        if store.is_empty() {
            file = with_data(file, &[data("AA", &[b"root"], &[])]);
        }
        let file = with_data(file, &[data("AA", &[b"root"], &[b"list 1"])]);
        let later = [
            data("AA", &[b"issuer"], &[b"list 1", b"list 2"]),
            data("BB", &[b"issuer"], &[b"list 1"]),
        ];
        let file = with_data(file, &later);
        assert_eq!(named(&file, "AA", b"CRL"), [b"list 1", b"list 2"]);
        assert_eq!(named(&file, "AA", b"Cert"), [&b"root"[..], b"issuer"]);
        assert_eq!(named(&file, "BB", b"Cert"), [b"issuer"]);
        assert_eq!(named(&file, "BB", b"CRL"), [b"list 1"]);
        let again = prepare_validation_data(&file, &Limits::default(), &later).unwrap();
        assert_eq!(again, None, "nothing is new");
    }
}

#[test]
fn a_store_that_is_used_for_something_else_too_stays_as_it_is() {
    let owned = ["21 0", "22 0", "23 0", "24 0"];
    let root = "<< /Length 4 >>\nstream\nroot\nendstream";
    for also in ["", "/X 21 0 R", "/X 22 0 R", "/X [23 0 R]", "/X 24 0 R"] {
        let file = PdfFile::new(XrefKind::Table)
            .catalog(&format!("/DSS 21 0 R /Y << {also} >>"))
            .object(20, root)
            .object(21, "<< /VRI 22 0 R /Certs [20 0 R] >>")
            .object(22, "<< /AA 23 0 R >>")
            .object(23, "<< /Cert [20 0 R] /CRL 24 0 R >>")
            .object(24, "[]")
            .build();
        let length = file.len();
        let file = with_data(file, &[data("AA", &[b"root"], &[b"list"])]);
        assert_eq!(named(&file, "AA", b"Cert"), [b"root"]);
        assert_eq!(named(&file, "AA", b"CRL"), [b"list"]);
        let appended = format!("\n{}", String::from_utf8_lossy(&file[length..]));
        let changed = |id: &&str| appended.contains(&format!("\n{id} obj"));
        let changed = owned.iter().filter(|id| changed(id)).count();
        assert_eq!(changed > 0, also.is_empty(), "{also}: {appended}");
    }
}
