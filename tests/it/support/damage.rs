//! Whole files made damaged, as disks, mail and careless programs do it.

use super::pdf::find;
use super::pdf_file::{PdfFile, XrefKind};

/// Files of one page, each damaged in one way, that still hold all of their objects.
pub(crate) fn damaged() -> Vec<(&'static str, Vec<u8>)> {
    let table = PdfFile::new(XrefKind::Table).build();
    let stream = PdfFile::new(XrefKind::Stream).build();
    vec![
        ("no startxref", without_startxref(&table)),
        ("a startxref to nowhere", startxref_to(&table, "30")),
        ("a startxref to no number", startxref_to(&table, "z30")),
        (
            "malformed entries",
            replaced(&table, b" 00000 n", b" 0x000 n"),
        ),
        ("offsets that are off", moved(&table)),
        ("an offset that is off", one_moved(&table)),
        ("no trailer", cut(&table, b"trailer")),
        (
            "a trailer that is none",
            replaced(&table, b"trailer\n<<", b"trailer\n<0"),
        ),
        ("cut off within its table", cut(&table, b" 00000 n")),
        ("no cross-reference stream", cut(&stream, b"9 0 obj")),
        (
            "a cross-reference stream that is none",
            replaced(&stream, b"/XRef", b"/Xref"),
        ),
        ("a hybrid without its table", without_startxref(&hybrid())),
    ]
}

/// Files of which an object itself is such that readers must mend it.
pub(crate) fn flawed() -> Vec<(&'static str, Vec<u8>)> {
    let table = || PdfFile::new(XrefKind::Table);
    let page = "<< /Type /Page /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> \
                /MediaBox [0 0 595 842] >>";
    let tree = |kids: &str| table().object(2, &format!("<< /Type /Pages /Kids {kids} /Count 1 >>"));
    let wrong = |length: &str| {
        let file = replaced(&table().build(), b"/Length 39", length.as_bytes());
        without_startxref(&file)
    };
    vec![
        (
            "a key that stands twice, and no trailer",
            cut(
                &table()
                    .page("/MediaBox [0 0 9 9] /MediaBox [0 0 595 842]")
                    .build(),
                b"trailer",
            ),
        ),
        (
            "a page that is no object",
            tree(&format!("[{page}]")).build(),
        ),
        (
            "a page that is no object in a list that is one",
            tree("10 0 R").object(10, &format!("[{page}]")).build(),
        ),
        ("a stream longer than its length", wrong("/Length 12")),
        ("a stream shorter than its length", wrong("/Length 99")),
        ("a stream whose length is no number", wrong("/Length /A")),
        (
            "a stream with blanks behind its first word, of wrong length",
            replaced(
                &wrong("/Length 12"),
                b"/Length 12 >>\nstream\n",
                b"/Length 12>>stream  \n",
            ),
        ),
        (
            "tabs behind the first word of a stream",
            without_startxref(&replaced(
                &table().build(),
                b"/Length 39 >>\nstream\n",
                b"/Length 39>>stream\t\t\n",
            )),
        ),
        (
            "two objects where one should be",
            without_startxref(&tree("[3 0 R] /Count 1 >> << /Type /Pages /Kids []").build()),
        ),
        (
            "a first word that goes on",
            without_startxref(&replaced(
                &table().object(10, "7").build(),
                b"10 0 obj\n7",
                b"10 0 obj07",
            )),
        ),
        (
            "a first word that its number goes on in",
            without_startxref(&replaced(&table().build(), b"4 0 obj\n<<", b"4 0obj \n<<")),
        ),
        (
            "a stream without its last word",
            replaced(&table().build(), b"endstream", b"endstreak"),
        ),
    ]
}

fn hybrid() -> Vec<u8> {
    PdfFile::new(XrefKind::Hybrid).build()
}

/// The file without the word that leads to its newest section.
pub(crate) fn without_startxref(file: &[u8]) -> Vec<u8> {
    let mut file = file.to_vec();
    while let Some(at) = place(&file, b"startxref") {
        file[at..at + 9].fill(b' ');
    }
    file
}

fn startxref_to(file: &[u8], number: &str) -> Vec<u8> {
    let at = find(file, b"startxref\n") + b"startxref\n".len();
    [&file[..at], number.as_bytes(), b"\n%%EOF\n"].concat()
}

/// Something was put in behind the header, and the newest section was found again.
fn moved(file: &[u8]) -> Vec<u8> {
    let at = find(file, b"1 0 obj");
    let longer = [&file[..at], b"%0123456\n", &file[at..]].concat();
    let section = find(&longer, b"\nxref\n") + 1;
    startxref_to(&longer, &section.to_string())
}

/// The offset of the catalog alone is wrong.
fn one_moved(file: &[u8]) -> Vec<u8> {
    let offset = format!("{:010} 00000 n", find(file, b"1 0 obj"));
    replaced(file, offset.as_bytes(), b"0000000011 00000 n")
}

/// The file up to the first such word.
pub(crate) fn cut(file: &[u8], word: &[u8]) -> Vec<u8> {
    file[..find(file, word)].to_vec()
}

/// The file with every such word replaced by one as long.
pub(crate) fn replaced(file: &[u8], word: &[u8], other: &[u8]) -> Vec<u8> {
    assert_eq!(word.len(), other.len());
    let mut file = file.to_vec();
    assert!(place(&file, word).is_some());
    while let Some(at) = place(&file, word) {
        file[at..at + word.len()].copy_from_slice(other);
    }
    file
}

fn place(file: &[u8], word: &[u8]) -> Option<usize> {
    file.windows(word.len()).position(|window| window == word)
}
