//! How much of a stranger's file is looked at before it is too much.

/// The bounds of every walk over a PDF. They are generous for documents that people make and end
/// the work on those made to hurt.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Arrays and dictionaries within each other.
    pub depth: usize,
    /// Entries of the cross-reference table, free ones among them; what ISO 32000-1 annex C names.
    pub objects: usize,
    /// Bytes of one direct object, its streams' data apart.
    pub object_bytes: usize,
    /// Bytes of one stream after decoding.
    pub decompressed: usize,
    /// Nodes of the page tree.
    pub pages: usize,
    /// Cross-reference sections, `/Prev` by `/Prev`.
    pub revisions: usize,
    /// Numbers, names, strings and the like within one object.
    pub items: usize,
    /// Objects parsed in all, those of earlier revisions among them; [`WORK_EACH_MIB`] more for each
    /// MiB of the file.
    pub work: usize,
    /// Bytes parsed and decoded in all, the first [`FREE_BYTES`] of an object apart.
    pub work_bytes: usize,
    /// Form fields looked at.
    pub fields: usize,
    /// Signatures looked at.
    pub signatures: usize,
    /// Values looked at for active and hidden content.
    pub content: usize,
}

/// So many objects fit into a MiB of a file, each with its entry in the table, and a few are looked at
/// twice.
pub const WORK_EACH_MIB: usize = 48 << 10;

/// What is read of every object, be it ever so short.
pub const FREE_BYTES: usize = 4 << 10;

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth: 256,
            objects: 8_388_607,
            object_bytes: 16 << 20,
            decompressed: 64 << 20,
            pages: 100_000,
            revisions: 1000,
            items: 500_000,
            work: 2_000_000,
            work_bytes: 1 << 30,
            fields: 20_000,
            signatures: 200,
            content: 5_000_000,
        }
    }
}
