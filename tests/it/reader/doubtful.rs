//! Damaged files of which nobody can say what they were: what may have been lost unseen, and what
//! readers would mend each in its own way. None of them is sealed.

use trao::pades::{Limits, Pdf, Reading, Refusal, XrefEntry, prepare_as};

use super::*;
use crate::support::damage::cut;
use crate::support::pdf::find;
use crate::support::seal::request;

pub(super) fn rebuilt_within(file: &[u8], limits: &Limits) -> Result<Vec<u8>, Refusal> {
    let revision = prepare_as(&file.to_vec(), limits, &request(), Reading::Rebuilt)?;
    Ok([file, &*revision.appended].concat())
}

#[track_caller]
pub(super) fn sealed(file: &[u8]) -> Vec<u8> {
    rebuilt_within(file, &Limits::default()).unwrap()
}

fn refused(file: &[u8]) -> String {
    match rebuilt_within(file, &Limits::default()) {
        Ok(_) => "nothing".to_owned(),
        Err(refusal) => format!("{refusal:?}"),
    }
}

/// A file without its cross-reference, and more behind it.
pub(super) fn with(file: &PdfFile, more: &str) -> Vec<u8> {
    [&*cut(&file.build(), b"xref"), more.as_bytes()].concat()
}

pub(super) fn plain(more: &str) -> Vec<u8> {
    with(&PdfFile::new(XrefKind::Table), more)
}

#[track_caller]
pub(super) fn assert_refused(file: &[u8], reason: &str, what: &str) {
    let said = refused(file);
    assert_ne!(said, "nothing", "{what}");
    assert!(said.contains(reason), "{what}: {said}");
}

#[test]
fn nothing_older_counts_of_an_object_that_cannot_be_read() {
    let font = |file: &[u8]| {
        Pdf::open(&file.to_vec(), &Limits::default())
            .unwrap()
            .entry(5)
    };
    assert!(font(&sealed(&plain(""))).is_some());
    for broken in [
        "5 0 obj\n<( ",
        "5 0 obj\n<< /X <zz> >>\nendobj\n",
        "5 0 obj",
    ] {
        assert!(font(&sealed(&plain(broken))).is_none(), "{broken}");
    }
    // What follows it counts.
    let later = plain("5 0 obj\n<0z>\nendobj\n5 0 obj\n<< /Type /Font >>\nendobj\n");
    assert!(font(&sealed(&later)).is_some());
    assert_refused(&plain("3 0 obj\n<( "), "a page is lost", "a page");
    assert_refused(&plain("1 0 obj\n<( "), "no catalog", "the catalog");
    let trailers = "20 0 obj\n<0z>\nendobj\ntrailer << /Root 1 0 R >> trailer << /Root 20 0 R >>";
    assert_refused(&plain(trailers), "newest catalog", "another catalog");
}

#[test]
fn nothing_older_counts_of_what_an_object_stream_has_and_nobody_can_read() {
    let member = |body: &str| {
        let data = format!("3 0 {body}");
        format!(
            "20 0 obj\n<< /Type /ObjStm /N 1 /First 4 /Length {} >>\nstream\n{data}\nendstream\nendobj\n",
            data.len()
        )
    };
    let page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>";
    sealed(&plain(&member(page)));
    assert_refused(&plain(&member("<0z>")), "a page is lost", "in a stream");
    // An object stream that stands before it has no newer one.
    let stream = cut(&PdfFile::new(XrefKind::Stream).build(), b"9 0 obj");
    let behind = [&*stream, b"3 0 obj\n<( "].concat();
    assert_refused(&behind, "a page is lost", "behind a stream");
    let at = find(&stream, b"8 0 obj");
    let before = [&stream[..at], b"3 0 obj\n<0z>\nendobj\n", &stream[at..]].concat();
    sealed(&before);
    // Nobody knows what a whole stream had.
    let broken = member(page).replace("/N 1", "/N 1 /Filter /FlateDecode");
    assert_refused(&plain(&broken), "decode", "a broken stream");
    sealed(&plain(
        &member(page).replace("/N 1", "/N 1 /Filter /NoneDecode"),
    ));
}

#[test]
fn what_no_document_can_lack_unseen_is_not_lost_in_what_cannot_be_read() {
    for (broken, reason) in [
        (
            "20 0 obj << /X <z> /Type /ObjStm /N 1",
            "an object stream is lost",
        ),
        ("20 0 obj << /X <z> /Type /Catalog", "a catalog is lost"),
        (
            "20 0 obj << /Contents <z> /ByteRange [",
            "a signature is lost",
        ),
        (
            "20 0 obj << 7 /Contents <00> /ByteRange [0 1] >> endobj",
            "a signature is lost",
        ),
        ("1 0 obj << 7 /Type /Catalog >> endobj", "a catalog is lost"),
        (
            "% 20 0 obj << /Contents <00> /ByteRange [0 1] >> endobj",
            "a signature is lost",
        ),
        ("% trailer << /Encrypt 9 0 R >>", "PdfEncrypted"),
        ("20 0 obj << /X <z> /Byte#52a#6Ege [", "a signature is lost"),
        ("20 0 objx 21 obj", "the number of an object is lost"),
        ("z 0 obj << >> endobj", "the number of an object is lost"),
        ("z20 0 obj << >> endobj", "the number of an object is lost"),
        ("(0 0 obj << >> endobj", "the number of an object is lost"),
        ("(20 0 obj << >> endobj", "the number of an object is lost"),
        ("4%\n 0 obj << >> endobj", "the number of an object is lost"),
        ("4 0 obk << >> endobj", "the beginning of an object is lost"),
        ("9000000 0 obj << >> endobj", "number is too large"),
        ("4294967296 0 obj << >> endobj", "number is too large"),
        ("5 99999 obj << >> endobj", "number is too large"),
        ("9000000 0 obj <( ", "number is too large"),
    ] {
        assert_refused(&plain(broken), reason, broken);
    }
    let far = format!("4{}0 obj\n<< >>\nendobj\n", " ".repeat(80));
    assert_refused(&plain(&far), "the number of an object is lost", "far");
    sealed(&plain(
        "20 0 obj << /X (3 0 obj) >> endobj % 3 obj\n21 3 objects\n22 0 obj\n<< >>\nendobj\n",
    ));
}

const SIGNATURE: &str = "<< /Type /Sig /ByteRange [0 1 2 3] /Contents <00> >>";

#[test]
fn what_looks_like_a_signature_is_one_of_the_form_s() {
    let orphan = format!("20 0 obj\n{SIGNATURE}\nendobj\n");
    let reason = "a signature stands in it";
    for body in [
        SIGNATURE,
        "<< /ByteRange [0 1 2 3] /Contents <00> >>",
        "<< /Type /DocTimeStamp >>",
        "[<< /V << /Type /Sig >> >>]",
    ] {
        let file = plain(&orphan.replace(SIGNATURE, body));
        assert_refused(&file, reason, body);
    }
    let field = PdfFile::new(XrefKind::Table)
        .catalog("/AcroForm << /Fields [11 0 R] >>")
        .object(11, "<< /FT /Sig /T (a) /V 20 0 R >>");
    sealed(&with(&field, &orphan));
    let elsewhere = PdfFile::new(XrefKind::Table)
        .catalog("/AcroForm << /Fields [11 0 R] >>")
        .object(11, "<< /FT /Tx /T (a) /P 20 0 R >>");
    assert_refused(&with(&elsewhere, &orphan), reason, "a page of a field");
    let stream = orphan.replace(">>", "/Length 0 >>\nstream\n\nendstream");
    assert_refused(
        &with(&field, &stream),
        "a signature is a stream",
        "a stream",
    );
    // It stays where it is, whatever may be mended around it.
    let ragged = orphan.replace("endobj", "21 0 obj\nnull\nendobj");
    let file = with(&field, &ragged);
    let place = find(&file, b"20 0 obj") as u64;
    let pdf = sealed(&file);
    let pdf = Pdf::open(&pdf, &Limits::default()).unwrap();
    let entry = pdf.entry(20);
    assert!(matches!(entry, Some(XrefEntry::At { offset, .. }) if offset == place));
    // It cannot be read in another way.
    for (old, new) in [
        ("/Type", "/X 1 /X 2 /Type"),
        ("\nendobj", " null\nendobj"),
        (" /ByteRange", "\n%/M\n/ByteRange"),
    ] {
        let file = with(&field, &orphan.replace(old, new));
        assert_refused(&file, "a signature can be read in two ways", new);
    }
    // Nor is it replaced by something else.
    let replaced = format!("{orphan}20 0 obj\n<< >>\nendobj\n");
    assert_refused(&with(&field, &replaced), reason, "replaced");
}

#[test]
fn every_part_of_a_form_is_what_it_has_to_be() {
    let file = |catalog: &str, field: &str, signature: &str| {
        let file = PdfFile::new(XrefKind::Table).catalog(catalog);
        let file = file.object(11, field).object(20, signature);
        with(&file.object(12, "[11 0 R]").object(13, "(x)"), "")
    };
    let form = "/AcroForm << /Fields [11 0 R] >> /Perms << /DocMDP 20 0 R >>";
    let field = "<< /FT /Sig /T (a) /V 20 0 R >>";
    let signature = "<< /Type /Sig /ByteRange [0 1 2 3] /Contents <00> /Reference [<< \
                     /TransformMethod /DocMDP /TransformParams << /P 2 >> >>] >>";
    sealed(&file(form, field, signature));
    for (old, new) in [
        ("/Fields [11 0 R]", "/Fields << >>"),
        ("/Fields [11 0 R]", "/Fields [[11 0 R]]"),
        ("/Fields [11 0 R]", "/Fields [12 0 R]"),
        ("<< /Fields [11 0 R] >>", "[<< /Fields [11 0 R] >>]"),
        ("<< /DocMDP 20 0 R >>", "[/DocMDP 20 0 R]"),
        ("/DocMDP 20 0 R", "/DocMDP 12 0 R"),
        ("/FT /Sig", "/FT /ig"),
        ("/FT /Sig", "/FT 13 0 R"),
        ("/V 20 0 R", "/V [20 0 R]"),
        ("/V 20 0 R", "/V 13 0 R"),
        ("/V 20 0 R", "/V 20 0 R /Lock 13 0 R"),
        ("/V 20 0 R", "/Kids 13 0 R"),
        ("/Reference [<<", "/Reference [[<<"),
        ("/TransformMethod /DocMDP", "/TransformMethod (DocMDP)"),
        ("/TransformMethod /DocMDP", ""),
        ("/TransformParams << /P 2 >>", "/TransformParams 13 0 R"),
        ("/P 2", "/P /2"),
        ("/P 2", "/P 11 0 R"),
    ] {
        let close = if new.contains("[[<<") { ">>]]" } else { ">>]" };
        let [catalog, field, signature] =
            [form, field, signature].map(|part| part.replace(old, new));
        let signature = signature.replace(">>]", close);
        let said = refused(&file(&catalog, &field, &signature));
        let is_told = said.contains("a part of its form is lost")
            || said.contains("a signature stands in it");
        assert!(is_told, "{new}: {said}");
    }
}

#[test]
fn a_form_that_can_be_read_in_two_ways_is_not_read() {
    let file = |catalog: &str, field: &str| {
        let file = PdfFile::new(XrefKind::Table).catalog(catalog);
        with(&file.object(11, field), "")
    };
    let form = "/AcroForm << /Fields [11 0 R] >>";
    sealed(&file(form, "<< /FT /Tx /T (a) >>"));
    let reason = "its form can be read in two ways";
    assert_refused(
        &file(form, "<< /FT /Tx /T (a) /T (b) >>"),
        reason,
        "a field",
    );
    assert_refused(
        &file(&format!("{form} {form}"), "<< /FT /Tx >>"),
        reason,
        "forms",
    );
    let twice = "/AcroForm << /Fields [] /Fields [11 0 R] >>";
    assert_refused(&file(twice, "<< /FT /Tx >>"), reason, "fields");
    sealed(&file("", "<< /FT /Tx /T (a) /T (b) >>"));
    for second in [
        "<< >>",
        "null",
        "5",
        "[",
        "% a\n<<>>",
        &format!("{:300}<<>>", ""),
    ] {
        let two = format!("11 0 obj\n<< /FT /Tx >> {second}\nendobj\n");
        let file = with(&PdfFile::new(XrefKind::Table).catalog(form), &two);
        assert_refused(&file, reason, second);
    }
}

#[test]
fn a_form_whose_last_word_is_lost_is_read_as_it_stands() {
    let form = "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [11 0 R] >> >>";
    let file = format!("11 0 obj\n<< /FT /Tx /T (a) >>\n1 0 obj\n{form}");
    for end in [
        "\nendob",
        " e",
        "\n21 0 obj\nnull\nendobj\n",
        "\nxref\n0 0",
        "\nstartxref\n9",
        "\ntrailer\n<< /Root 1 0 R >>",
    ] {
        sealed(&plain(&(file.clone() + end)));
    }
}

#[test]
fn what_a_signature_forbids_is_found_where_it_is_said() {
    let file = |catalog: &str, field: &str, signature: &str| {
        let file = PdfFile::new(XrefKind::Table).catalog(catalog);
        with(&file.object(11, field).object(20, signature), "")
    };
    let form = "/AcroForm << /Fields [11 0 R] >>";
    let named = &format!("{form} /Perms << /DocMDP 20 0 R >>");
    let field = "<< /FT /Sig /T (a) /V 20 0 R >>";
    let signature = "<< /Type /Sig /ByteRange [0 1 2 3] /Contents <00> /Reference [<< /Type /SigRef \
                     /TransformMethod /DocMDP /TransformParams << /P 2 >> >>] >>";
    sealed(&file(form, field, signature));
    sealed(&file(named, field, signature));
    for other in ["/SV", "/Lock", "/Parent", "/P", "/Kids"] {
        let field = field.replace("/V", other);
        assert_refused(&file(form, &field, signature), "", other);
        let direct = field.replace("20 0 R", signature);
        assert_refused(&file(form, &direct, "null"), "", other);
    }
    sealed(&file(form, &field.replace("20 0 R", signature), "null"));
    for (old, new) in [
        ("/Reference", "/Referencf"),
        ("/TransformMethod", "/TransformMethoe"),
        ("/TransformParams", "/TransformParamt"),
        ("/DocMDP", "/DocMDQ"),
        ("/P 2", "/Q 2"),
        ("/Reference", "%/Reference"),
        ("/Reference", "\n%/\n/Reference"),
        (
            "/Reference",
            "/X << /TransformMethod /FieldMDP >> /Reference",
        ),
    ] {
        let broken = signature.replace(old, new);
        for catalog in [form, named] {
            assert_refused(&file(catalog, field, &broken), "", new);
        }
    }
    let lock = "/Lock << /Type /SigFieldLock /Action /Include /Fields [(b)] /P 3 >>";
    let locked = field.replace("/V", &format!("{lock} /V"));
    sealed(&file(form, &locked, signature));
    for (old, new) in [
        ("/Lock", "/Locl"),
        ("/P 3", "/Q 3"),
        ("/P 3", "/P 10"),
        ("/P 3", "/P 0"),
        ("/Action", "/Actiom"),
        ("/Include", "/Includf"),
        ("/Fields", "/Fieldt"),
        ("/Fields [(b)]", ""),
    ] {
        assert_refused(&file(form, &locked.replace(old, new), signature), "", new);
    }
    // What is said twice hides nothing beside it.
    let (before, references) = signature.split_once("/Reference").unwrap();
    let reference = references.trim().trim_start_matches('[');
    let reference = reference
        .trim_end_matches(">>")
        .trim()
        .trim_end_matches(']');
    let said = |reference: &str| {
        let file = PdfFile::new(XrefKind::Table).catalog(form);
        let signature = format!("{before} /Reference [30 0 R 30 0 R] >>");
        let file = file.object(11, field).object(20, &signature);
        with(&file.object(30, reference), "")
    };
    sealed(&said(reference));
    let nested = reference.replace("/Type", &format!("/Data {reference} /Type"));
    assert_refused(&said(&nested), "a signature stands in it", "nested");
    let forbids_nothing = "<< /Type /Sig /ByteRange [0 1 2 3] /Contents <00> >>";
    sealed(&file(form, field, forbids_nothing));
    assert_refused(&file(named, field, forbids_nothing), "is lost", "named");
}

#[test]
fn a_comment_hides_no_part_of_a_form() {
    let file = |catalog: &str| {
        let file = PdfFile::new(XrefKind::Table).catalog(catalog);
        with(&file.object(11, "<< /FT /Tx /T (a) >>"), "")
    };
    sealed(&file("/AcroForm << /Fields [11 0 R] >>"));
    sealed(&file("% forms\n/AcroForm << /Fields [11 0 R] >>"));
    let hidden = "\n%/AcroForm << /Fields [11 0 R] >>\n";
    assert_refused(&file(hidden), "its form can be read in two ways", hidden);
}

#[test]
fn no_part_of_a_signature_is_lost() {
    let parameters = "<< /TransformMethod /DocMDP /TransformParams";
    for (field, part) in [
        ("", "/Reference 30 0 R".to_owned()),
        ("", "/Reference [30 0 R]".to_owned()),
        ("", format!("/Reference [{parameters} 30 0 R >>]")),
        ("", format!("/Reference [{parameters} << /P 30 0 R >> >>]")),
        ("", format!("/Reference [{parameters} << /P 2 7 R >> >>]")),
        ("", "/Reference [<< /TransformMethod 30 0 R >>]".to_owned()),
        ("", "/Type 30 0 R".to_owned()),
        ("/Lock 30 0 R", String::new()),
        ("/Lock << /Action 30 0 R >>", String::new()),
        ("/FT 30 0 R", String::new()),
    ] {
        let signature = format!("<< /ByteRange [0 1 2 3] /Contents <00> {part} >>");
        let file = PdfFile::new(XrefKind::Table)
            .catalog("/AcroForm << /Fields [11 0 R] >>")
            .object(11, &format!("<< {field} /T (a) /V 20 0 R >>"))
            .object(20, &signature);
        let what = field.to_owned() + &part;
        assert_refused(&with(&file, ""), "a part of its form is lost", &what);
    }
}

#[test]
fn every_page_of_a_damaged_file_is_there() {
    let pages = |kids: &str| {
        let more = "20 0 obj\nnull\nendobj\n21 0 obj\n<< /Type /Pages /Parent 2 0 R /Kids 30 0 R >>\nendobj\n";
        plain(&format!(
            "2 0 obj\n<< /Type /Pages /Count 1 /Kids {kids} >>\nendobj\n{more}"
        ))
    };
    sealed(&pages("[3 0 R 3 0 R]"));
    for kids in [
        "[3 0 R null]",
        "[3 0 R 30 0 R]",
        "[3 0 R 3 7 R]",
        "[3 0 R 20 0 R]",
    ] {
        assert_refused(&pages(kids), "a page is lost", kids);
    }
    assert_refused(&pages("[3 0 R 21 0 R]"), "pages are lost", "a branch");
}

#[test]
fn behind_junk_nothing_is_hidden_from_those_who_count_from_the_first_byte() {
    let junk = |more: &str| [b"GET /\n", &*plain(more)].concat();
    sealed(&junk(""));
    let hidden = "20 0 obj\n<< /Length 21 >>\nstream\n4 0 obj << >> endobj\n\nendstream\nendobj\n";
    let reason = "something stands before its header";
    for more in [
        hidden,
        "20 0 obj (4 0 obj) endobj",
        "% 4 0 obj << >> endobj\n",
        "4 0 obj << /Length 0 >> stream\n\nendstream endobj",
        "20 0 obj <( ",
        "20 0 obj << >> null endobj",
        "20 0 obj << /X 1 /X 2 >> endobj",
        "20 0 obj << /Length 99 >> stream\n\nendstream endobj",
    ] {
        sealed(&plain(more));
        assert_refused(&junk(more), reason, more);
    }
    sealed(&junk("20 0 obj << /Length 9 >> stream\n\nendstream endobj"));
    let before = [b"4 0 obj\n", &*plain("")].concat();
    assert_refused(&before, reason, "before the header");
    let stream = cut(&PdfFile::new(XrefKind::Stream).build(), b"9 0 obj");
    assert_refused(&[b" ", &*stream].concat(), reason, "an object stream");
}

#[test]
fn beside_a_stream_that_reaches_beyond_the_file_nothing_stands_twice() {
    let far = "20 0 obj << /Length 9999 >> stream\n\nendstream endobj\n";
    sealed(&plain(far));
    let reason = "a stream reaches beyond its end";
    for more in [
        "5 0 obj << /Type /Font >> endobj",
        "21 0 obj (4 0 obj) endobj",
        "21 0 obj <( ",
    ] {
        sealed(&plain(more));
        assert_refused(&plain(&(far.to_owned() + more)), reason, more);
    }
    for length in ["9999.0", "9-9", "9 /Length 9999", "9999 /Length 9"] {
        let other = far.replace("9999", length);
        sealed(&plain(&other));
        let twice = other + "5 0 obj << /Type /Font >> endobj";
        assert_refused(&plain(&twice), reason, length);
    }
    let section = |number| {
        let entries = "/Type /XRef /Root 1 0 R /W [1 1 1] /Size 0 /Length 0";
        format!("{number} 0 obj << {entries} >> stream\n\nendstream endobj\n")
    };
    let one = [cut(&plain(""), b"5 0 obj"), far.into(), section(21).into()].concat();
    sealed(&one);
    let two = [one, section(22).into()].concat();
    assert_refused(&two, reason, "two trailers");
    let stream = cut(&PdfFile::new(XrefKind::Stream).build(), b"9 0 obj");
    assert_refused(
        &[&*stream, far.as_bytes()].concat(),
        reason,
        "an object stream",
    );
}

#[test]
fn an_object_stream_that_can_be_read_in_two_ways_is_not_read() {
    let data = "14 0 15 5 null null ";
    let name = "7 0 /ASCIIHexDecode";
    let streams = format!(
        "7 0 obj\nnull\nendobj\n20 0 obj\n<< /Type /ObjStm /N 2 /First 10 /Filter 7 0 R /Length {} >>\n\
         stream\n{data}\nendstream\nendobj\n21 0 obj\n<< /Type /ObjStm /N 1 /First 4 /Length {} >>\n\
         stream\n{name}\nendstream\nendobj\n",
        data.len(),
        name.len()
    );
    assert_refused(&plain(&streams), "PdfDamaged", "another filter");
    let counted = streams
        .replace("7 0 obj\nnull", "7 0 obj\n2")
        .replace("/N 2 /First 10 /Filter 7 0 R", "/N 7 0 R /First 10")
        .replace(name, "7 0 1              ");
    assert_refused(&plain(&counted), "read in two ways", "another count");
    let member_of_one = "20 0 obj\n<< /Type /ObjStm /N 1 /First 5 /Length 9 >>\nstream\n14 0 null\nendstream\nendobj\n";
    let doubled = member_of_one.replace("/N 1", "/N 2 /N 1");
    sealed(&plain(member_of_one));
    assert_refused(&plain(&doubled), "read in two ways", "two counts");
    let ragged = member_of_one.replace("20 0 obj", "20 0obj");
    assert_refused(&plain(&ragged), "read in two ways", "a ragged header");
    sealed(&plain(&counted.replace("7 0 1 ", "7 0 2 ")));
    sealed(&plain(&streams.replace("7 0 /ASCII", "6 0 /ASCII")));
}

#[test]
fn the_lengths_of_streams_are_those_by_which_the_file_was_read() {
    let data = "q\nendstream %\n3 0 obj << >> endobj Q";
    let file = |lengths: [usize; 2]| {
        let [first, last] = lengths.map(|length| format!("20 0 obj\n{length}\nendobj\n"));
        let stream = "<< /Length 20 0 R >>\nstream\n";
        plain(&format!(
            "{first}21 0 obj\n{stream}{data}\nendstream\nendobj\n{last}"
        ))
    };
    sealed(&file([data.len(); 2]));
    let short = find(data.as_bytes(), b"\nendstream");
    let reason = "the length of a stream is lost";
    assert_refused(&file([data.len(), short]), reason, "a shorter one");
    assert_refused(&file([short, data.len()]), "is lost", "a longer one");
    let lost = "21 0 obj\n<< /Length 20 0 R >>\nstream\nq Q\nendstream\nendobj\n";
    sealed(&plain(lost));
    // What has no length when the walk comes by may have one in an object stream.
    let packed = "22 0 obj\n<< /Type /ObjStm /N 1 /First 5 /Length 6 >>\nstream\n20 0 3\nendstream\nendobj\n";
    sealed(&plain(&(lost.to_owned() + packed)));
    sealed(&plain(
        &(lost.to_owned() + &packed.replace("20 0 3", "20 0 9")),
    ));
    // One that leads to another end is as good as the first.
    let data = "q\nendstream\nQ";
    let index = format!("20 0 {}", data.len());
    let packed = packed.replace("20 0 3", &index);
    let packed = packed.replace("/Length 6", &format!("/Length {}", index.len()));
    let longer = lost.replace("q Q", data) + &packed;
    assert_refused(&plain(&longer), reason, "another end");
    let unclear = format!("{lost}20 0 obj 3.0 endobj");
    assert_refused(&plain(&unclear), reason, "no integer");
}

#[test]
fn new_objects_are_numbered_by_what_stands_in_the_file() {
    let file = sealed(&plain("trailer << /Root 1 0 R /Size 8388607 >>"));
    let pdf = Pdf::open(&file, &Limits::default()).unwrap();
    assert!(pdf.numbers().all(|(number, _)| number < 100));
    assert!(pdf.next_number() < 100);
}

#[test]
fn what_is_looked_at_in_vain_costs_what_it_costs() {
    let reason = "too much is no object";
    let hexadecimal = "20 0 obj<\n".repeat(16 << 10) + ">\n";
    assert_refused(&plain(&hexadecimal), reason, "hexadecimal strings");
    let members = 100;
    let index: Vec<_> = (100..100 + members)
        .map(|number| format!("{number} 0 "))
        .collect();
    let index = index.concat();
    for end in ["z>", ""] {
        let data = index.clone() + "<" + &"0".repeat(1 << 20) + end;
        let stream = format!(
            "20 0 obj\n<< /Type /ObjStm /N {members} /First {} /Length {} >>\nstream\n{data}\nendstream\nendobj\n",
            index.len(),
            data.len()
        );
        assert_refused(&plain(&stream), reason, "an object stream");
    }
    // Whoever looks for a length looks at all that may be one.
    let ahead = "20 0 obj\n<< /Length 21 0 R >>\nstream\nendstream\nendobj\n%";
    let file = plain(&(ahead.to_owned() + &"1 0 obj%".repeat(2000) + "\n"));
    let limits = Limits {
        work: 1000,
        ..Limits::default()
    };
    let said = rebuilt_within(&file, &limits).unwrap_err();
    assert!(matches!(said, Refusal::PdfTooComplex(_)), "{said:?}");
}
