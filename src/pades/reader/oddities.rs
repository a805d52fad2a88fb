//! What is passed over when an object is read, and may make another object of it.

/// What stood in what was read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Oddities {
    /// What stood there is something else to some readers: a dictionary in which a key has two values, a
    /// reference that is hardly one, a word that nobody knows, a `#` that escapes nothing.
    pub(super) is_unclear: bool,
    /// A key stands twice with one value: nobody can change one of both.
    pub(super) has_repeated_key: bool,
    /// A name stood in a comment: one byte makes one of an entry.
    pub(super) has_comment: bool,
}

impl Oddities {
    /// Takes note of a comment.
    pub(super) fn note_comment(&mut self, comment: &[u8]) {
        self.has_comment |= comment.contains(&b'/');
    }

    /// Whether it cannot stay in a file that is mended.
    pub(super) fn is_to_be_mended(self) -> bool {
        self.is_unclear || self.has_repeated_key
    }

    /// Whether there is one.
    pub(super) fn is_any(self) -> bool {
        self.is_to_be_mended() || self.has_comment
    }
}

/// The keys of a dictionary while it is read, one bit of 64 for each: of most keys that alone says that
/// they are new.
#[derive(Default)]
pub(super) struct Keys(u64);

impl Keys {
    /// Whether there may be this key already; takes it in.
    pub(super) fn may_have(&mut self, key: &[u8]) -> bool {
        let last = key.last().copied().unwrap_or_default();
        let bit = 1 << ((usize::from(last) + key.len()) % 64);
        let may_have = self.0 & bit != 0;
        self.0 |= bit;
        may_have
    }
}
