//! PDF files as a test wants them, small enough to read.

use std::collections::BTreeMap;

/// How a file's cross-references are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum XrefKind {
    Table,
    /// A stream; catalog and page lie in an object stream.
    Stream,
    /// A table whose trailer points to a stream, which alone knows object 7.
    Hybrid,
}

/// What only the stream of a hybrid file knows.
const HIDDEN: u32 = 7;

/// A file of one page. Objects 1 to 5 are its catalog, page tree, page, contents and font; those
/// that a test adds have numbers from 10.
#[derive(Clone, Debug)]
pub(crate) struct PdfFile {
    xref: XrefKind,
    catalog: String,
    page: String,
    trailer: String,
    objects: BTreeMap<u32, String>,
    junk: &'static str,
    end: &'static str,
}

impl PdfFile {
    pub(crate) fn new(xref: XrefKind) -> Self {
        Self {
            xref,
            catalog: String::new(),
            page: "/MediaBox [0 0 595.275590551 841.889763779]".to_owned(),
            trailer: String::new(),
            objects: BTreeMap::new(),
            junk: "",
            end: "\n",
        }
    }

    /// Adds entries to the catalog.
    pub(crate) fn catalog(mut self, entries: &str) -> Self {
        self.catalog += entries;
        self
    }

    /// Sets the page's entries but `/Type`, `/Parent`, `/Contents` and `/Resources`.
    pub(crate) fn page(mut self, entries: &str) -> Self {
        entries.clone_into(&mut self.page);
        self
    }

    /// Adds entries to the trailer.
    pub(crate) fn trailer(mut self, entries: &str) -> Self {
        self.trailer += entries;
        self
    }

    /// Adds an object.
    pub(crate) fn object(mut self, number: u32, body: &str) -> Self {
        self.objects.insert(number, body.to_owned());
        self
    }

    /// Puts something before the header.
    pub(crate) fn junk(mut self, junk: &'static str) -> Self {
        self.junk = junk;
        self
    }

    /// Sets what follows the last `%%EOF`.
    pub(crate) fn end(mut self, end: &'static str) -> Self {
        self.end = end;
        self
    }

    pub(crate) fn build(&self) -> Vec<u8> {
        let mut file = Writer {
            bytes: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec(),
            offsets: BTreeMap::new(),
        };
        let mut bodies = self.bodies();
        let root = "/Root 1 0 R ".to_owned() + &self.trailer;
        match self.xref {
            XrefKind::Table => {
                file.objects(&bodies);
                file.table(&root, &BTreeMap::new());
            }
            XrefKind::Hybrid => {
                let hidden = bodies.remove(&HIDDEN);
                let hidden = hidden.unwrap_or_else(|| "(hidden from older readers)".to_owned());
                let hidden = BTreeMap::from([(HIDDEN, hidden)]);
                file.objects(&bodies);
                let container = file.object_stream(8, &hidden);
                let stream = file.xref_stream(9, &hidden, container, "");
                file.table(&format!("{root}/XRefStm {stream} "), &hidden);
            }
            XrefKind::Stream => {
                let mut packed = BTreeMap::new();
                for number in [1, 3] {
                    packed.extend(bodies.remove_entry(&number));
                }
                file.objects(&bodies);
                let container = file.object_stream(8, &packed);
                let at = file.xref_stream(9, &packed, container, &root);
                file.end(at);
            }
        }
        let eof = file.bytes.strip_suffix(b"\n").unwrap();
        [self.junk.as_bytes(), eof, self.end.as_bytes()].concat()
    }

    fn bodies(&self) -> BTreeMap<u32, String> {
        let contents = "BT /F1 18 Tf 72 700 Td (Received) Tj ET";
        let mut bodies = BTreeMap::from([
            (
                1,
                format!("<< /Type /Catalog /Pages 2 0 R {} >>", self.catalog),
            ),
            (
                2,
                "<< /Type /Pages /Kids [3 0 R] /Count 1 /Rotate 0 >>".to_owned(),
            ),
            (
                3,
                format!(
                    "<< /Type /Page /Parent 2 0 R /Contents 4 0 R \
                     /Resources << /Font << /F1 5 0 R >> >> {} >>",
                    self.page
                ),
            ),
            (
                4,
                format!(
                    "<< /Length {} >>\nstream\n{contents}\nendstream",
                    contents.len()
                ),
            ),
            (
                5,
                "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
            ),
        ]);
        bodies.extend(self.objects.clone());
        bodies
    }
}

/// A file that a reader is busy with for a while: its table of contents has so many thousand entries.
/// A hundred thousand take about half a second.
pub(crate) fn long(thousands: u32) -> Vec<u8> {
    let file = PdfFile::new(XrefKind::Table)
        .catalog("/Outlines 10 0 R")
        .object(10, "<< /First 100 0 R >>");
    let entry = |n| format!("<< /Title (a) /Next {} 0 R >>", n + 1);
    let entries = 100..100 + thousands * 1000;
    entries
        .fold(file, |file, n| file.object(n, &entry(n)))
        .build()
}

struct Writer {
    bytes: Vec<u8>,
    offsets: BTreeMap<u32, usize>,
}

impl Writer {
    fn put(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
    }

    fn objects(&mut self, bodies: &BTreeMap<u32, String>) {
        for (number, body) in bodies {
            self.offsets.insert(*number, self.bytes.len());
            self.put(&format!("{number} 0 obj\n{body}\nendobj\n"));
        }
    }

    fn object_stream(&mut self, number: u32, packed: &BTreeMap<u32, String>) -> u32 {
        let (mut index, mut data) = (String::new(), String::new());
        for (number, body) in packed {
            index = format!("{index}{number} {} ", data.len());
            data += body;
            data += "\n";
        }
        let body = format!(
            "<< /Type /ObjStm /N {} /First {} /Length {} >>\nstream\n{index}{data}\nendstream",
            packed.len(),
            index.len(),
            index.len() + data.len(),
        );
        self.objects(&BTreeMap::from([(number, body)]));
        number
    }

    /// Writes a cross-reference stream for the objects so far and those in the container.
    fn xref_stream(
        &mut self,
        number: u32,
        packed: &BTreeMap<u32, String>,
        container: u32,
        trailer: &str,
    ) -> usize {
        let at = self.bytes.len();
        self.offsets.insert(number, at);
        let mut entries = BTreeMap::from([(0, vec![0, 0, 0, 0, 0xff])]);
        for (number, offset) in &self.offsets {
            let [.., a, b, c] = offset.to_be_bytes();
            entries.insert(*number, vec![1, a, b, c, 0]);
        }
        for (index, packed) in packed.keys().enumerate() {
            let [.., a, b, c] = container.to_be_bytes();
            entries.insert(*packed, vec![2, a, b, c, u8::try_from(index).unwrap()]);
        }
        let size = entries.keys().last().unwrap() + 1;
        let index = entries.keys().map(|number| format!("{number} 1 "));
        let index = index.collect::<Vec<_>>().concat();
        let head = format!(
            "{number} 0 obj\n<< /Type /XRef /Size {size} /W [1 3 1] /Index [{}] /Length {} {trailer}>>\nstream\n",
            index,
            entries.len() * 5,
        );
        self.put(&head);
        self.bytes.extend(entries.into_values().flatten());
        self.put("\nendstream\nendobj\n");
        at
    }

    /// Writes a table in which the hidden objects are free.
    fn table(&mut self, trailer: &str, hidden: &BTreeMap<u32, String>) {
        let at = self.bytes.len();
        self.put("xref\n0 1\n0000000000 65535 f \n");
        for number in hidden.keys() {
            self.put(&format!("{number} 1\n0000000000 65535 f \n"));
        }
        for (number, offset) in self.offsets.clone() {
            self.put(&format!("{number} 1\n{offset:010} 00000 n \n"));
        }
        let size = self.offsets.keys().last().unwrap() + 1;
        self.put(&format!("trailer\n<< /Size {size} {trailer}>>\n"));
        self.end(at);
    }

    fn end(&mut self, at: usize) {
        self.put(&format!("startxref\n{at}\n%%EOF\n"));
    }
}

/// One page, and so many bytes that nobody looks at.
pub(crate) fn heavy(len: usize) -> Vec<u8> {
    let ballast = format!("<</Length {len}>>\nstream\n{}\nendstream", "x".repeat(len));
    PdfFile::new(XrefKind::Table).object(10, &ballast).build()
}
