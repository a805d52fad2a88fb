//! PDFs written by hand, so that a test says which byte stands where. The product has its own
//! writer; this one knows nothing of it and can also write what must never be written.

use std::ops::Range;

use trao::pades::{self, DigestAlgorithm, SigningIdentity};

/// A file of one page: 1 catalog, 2 pages, 3 page, 4 its content, 5 the form.
pub(crate) fn one_page() -> Vec<u8> {
    let content = "BT /F1 12 Tf 72 700 Td (Quyet dinh) Tj ET";
    append(
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
        &[
            (1, "<</Type/Catalog/Pages 2 0 R/AcroForm 5 0 R>>".to_owned()),
            (2, "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned()),
            (
                3,
                "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>".to_owned(),
            ),
            (
                4,
                format!("<</Length {}>>stream\n{content}\nendstream", content.len()),
            ),
            (5, form(&[], "")),
        ],
    )
}

fn form(fields: &[u32], more: &str) -> String {
    let fields: Vec<String> = fields.iter().map(|field| format!("{field} 0 R")).collect();
    format!("<</SigFlags 3/Fields[{}]{more}>>", fields.join(" "))
}

/// Appends a revision with these objects and a classic cross-reference table.
pub(crate) fn append(pdf: &[u8], objects: &[(u32, String)]) -> Vec<u8> {
    let mut out = pdf.to_vec();
    if objects.is_empty() {
        return out;
    }
    let previous = last_startxref(pdf);
    let mut entries = Vec::new();
    for (number, body) in objects {
        entries.push((*number, out.len()));
        out.extend(format!("{number} 0 obj\n{body}\nendobj\n").bytes());
    }
    let at = out.len();
    let first = if previous.is_none() {
        "0 1\n0000000000 65535 f \n"
    } else {
        ""
    };
    out.extend(format!("xref\n{first}").bytes());
    for (number, offset) in entries {
        out.extend(format!("{number} 1\n{offset:010} 00000 n \n").bytes());
    }
    let previous = previous.map_or_else(String::new, |at| format!("/Prev {at}"));
    let trailer = format!("<</Size 100/Root 1 0 R{previous}>>");
    out.extend(format!("trailer\n{trailer}\nstartxref\n{at}\n%%EOF\n").bytes());
    out
}

/// The same as some writers leave it: `startxref` leads to the end of the line before its section,
/// and readers repair that each in its own way.
pub(crate) fn off_by_one(pdf: &[u8]) -> Vec<u8> {
    let word = b"startxref\n";
    let at = pdf.windows(word.len()).rposition(|bytes| bytes == word);
    let at = at.unwrap() + word.len();
    let place = last_startxref(pdf).unwrap();
    [&pdf[..at], format!("{}\n%%EOF\n", place - 1).as_bytes()].concat()
}

/// The same as other writers leave it: its only table counts from 1, and readers mend that or not.
pub(crate) fn counted_from_one(pdf: &[u8]) -> Vec<u8> {
    let mut bytes = pdf.to_vec();
    let at = find(&bytes, b"\nxref\n0 ") + b"\nxref\n".len();
    bytes[at] = b'1';
    bytes
}

fn last_startxref(pdf: &[u8]) -> Option<usize> {
    let text = String::from_utf8_lossy(pdf);
    let (_, behind) = text.rsplit_once("startxref\n")?;
    behind.lines().next()?.parse().ok()
}

/// What stands in a signature dictionary.
#[derive(Clone)]
pub(crate) struct Dictionary<'d> {
    pub(crate) kind: &'d str,
    pub(crate) sub_filter: &'d str,
    pub(crate) time: Option<&'d str>,
    /// Further entries, as they shall stand in the file.
    pub(crate) more: &'d str,
    /// Further entries of the field.
    pub(crate) field: &'d str,
    /// The form's other fields.
    pub(crate) others: &'d [u32],
    /// Further entries of the form.
    pub(crate) form: &'d str,
}

impl Default for Dictionary<'_> {
    fn default() -> Self {
        Self {
            kind: "Sig",
            sub_filter: "ETSI.CAdES.detached",
            time: Some("D:20261123140509+07'00'"),
            more: "",
            field: "",
            others: &[],
            form: "",
        }
    }
}

/// A revision with a signature whose hole is still empty.
#[derive(Clone)]
pub(crate) struct Draft {
    pub(crate) bytes: Vec<u8>,
    /// Where the hole lies, `<` and `>` included.
    pub(crate) hole: Range<usize>,
}

/// The bytes of DER that fit into a hole.
const ROOM_BYTES: usize = 8192;
const PLACEHOLDER: &str = "[0000000000 0000000000 0000000000 0000000000]";

/// Appends the `nth` signature (from 0) of a file made by [`one_page`].
pub(crate) fn draft(pdf: &[u8], nth: u32, dictionary: &Dictionary<'_>) -> Draft {
    let field = |nth: u32| 10 + 2 * nth;
    let (this, value) = (field(nth), field(nth) + 1);
    let fields = (0..=nth)
        .map(field)
        .chain(dictionary.others.iter().copied());
    let fields: Vec<u32> = fields.collect();
    let time = dictionary
        .time
        .map_or_else(String::new, |time| format!("/M({time})"));
    let hole = "0".repeat(2 * ROOM_BYTES);
    let value_dictionary = format!(
        "<</Type/{}/Filter/Adobe.PPKLite/SubFilter/{}{time}{}/ByteRange {PLACEHOLDER}/Contents <{hole}>>>",
        dictionary.kind, dictionary.sub_filter, dictionary.more,
    );
    let bytes = append(
        pdf,
        &[
            (5, form(&fields, dictionary.form)),
            (
                this,
                format!(
                    "<</FT/Sig/T(Chu ky {nth})/V {value} 0 R{}>>",
                    dictionary.field
                ),
            ),
            (value, value_dictionary),
        ],
    );
    let start = pdf.len() + find(&bytes[pdf.len()..], b"/Contents <") + "/Contents ".len();
    let mut draft = Draft {
        hole: start..start + 2 * ROOM_BYTES + 2,
        bytes,
    };
    draft.set_byte_range(&draft.honest_range());
    draft
}

impl Draft {
    pub(crate) fn honest_range(&self) -> [usize; 4] {
        [
            0,
            self.hole.start,
            self.hole.end,
            self.bytes.len() - self.hole.end,
        ]
    }

    /// Writes a byte range, honest or not.
    pub(crate) fn set_byte_range(&mut self, range: &[usize]) {
        let from = self.hole.start - "/Contents ".len() - PLACEHOLDER.len();
        let numbers: Vec<String> = range.iter().map(ToString::to_string).collect();
        let text = format!("{:<width$}]", format!("[{}", numbers.join(" ")), width = 44);
        assert_eq!(text.len(), PLACEHOLDER.len());
        self.bytes[from..from + text.len()].copy_from_slice(text.as_bytes());
    }

    /// The bytes that a range covers, as far as they are there.
    pub(crate) fn covered(&self, [a, b, c, d]: [usize; 4]) -> Vec<u8> {
        [&self.bytes[a..(a + b)], &self.bytes[c..(c + d)]].concat()
    }

    /// Puts a CMS into the hole.
    pub(crate) fn fill(mut self, cms: &[u8]) -> Vec<u8> {
        let digits = hex::encode(cms);
        let start = self.hole.start + 1;
        self.bytes[start..start + digits.len()].copy_from_slice(digits.as_bytes());
        self.bytes
    }

    /// Signs what the honest range covers.
    pub(crate) fn seal(self, identity: &SigningIdentity) -> Vec<u8> {
        let content = self.covered(self.honest_range());
        let cms = pades::sign(&digest_of(&content, identity.digest_algorithm()), identity);
        self.fill(&cms.unwrap().to_der())
    }
}

pub(crate) fn digest_of(content: &[u8], algorithm: DigestAlgorithm) -> Vec<u8> {
    use sha2::Digest as _;
    match algorithm {
        DigestAlgorithm::Sha256 => sha2::Sha256::digest(content).to_vec(),
        DigestAlgorithm::Sha384 => sha2::Sha384::digest(content).to_vec(),
        DigestAlgorithm::Sha512 => sha2::Sha512::digest(content).to_vec(),
    }
}

pub(crate) fn find(bytes: &[u8], word: &[u8]) -> usize {
    bytes
        .windows(word.len())
        .position(|window| window == word)
        .unwrap()
}
