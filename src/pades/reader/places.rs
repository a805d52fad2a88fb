//! Where the objects of a file live, by number. A file may have millions of them, of which few are
//! looked at: an entry takes eight bytes here.

use std::collections::BTreeMap;

/// Where an object lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum XrefEntry {
    /// Nowhere.
    Free,
    /// In the file.
    At {
        /// Where `N G obj` begins, counted from the file's first byte.
        offset: u64,
        /// Its generation.
        generation: u16,
    },
    /// In an object stream.
    In {
        /// The stream's object number.
        stream: u32,
        /// Its place in it.
        index: u32,
    },
}

/// An entry in eight bytes: two bits for its kind, then an offset of 46 bits and a generation of 16,
/// or a stream's number of 32 and a place of 30. What is larger lies behind the end of any file, as
/// the largest that there is room for does. Zero is no entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Packed(u64);

const FREE: u64 = 1;
const AT: u64 = 2;
const IN: u64 = 3;
const KIND: u64 = 3;
const KIND_BITS: u32 = 2;
const OFFSET_MAX: u64 = (1 << 46) - 1;
const INDEX_MAX: u64 = (1 << 30) - 1;
const INDEX_BITS: u32 = 30;

impl Packed {
    pub(super) const FREE: Self = Self(FREE);

    pub(super) fn is_free(self) -> bool {
        self == Self::FREE
    }

    pub(super) fn entry(self) -> Option<XrefEntry> {
        let fields = self.0 >> KIND_BITS;
        match self.0 & KIND {
            FREE => Some(XrefEntry::Free),
            AT => Some(XrefEntry::At {
                offset: fields >> u16::BITS,
                generation: u16::try_from(fields & u64::from(u16::MAX)).ok()?,
            }),
            IN => Some(XrefEntry::In {
                stream: u32::try_from(fields >> INDEX_BITS).ok()?,
                index: u32::try_from(fields & INDEX_MAX).ok()?,
            }),
            _ => None,
        }
    }
}

impl From<XrefEntry> for Packed {
    fn from(entry: XrefEntry) -> Self {
        match entry {
            XrefEntry::Free => Self::FREE,
            XrefEntry::At { offset, generation } => {
                let fields = offset.min(OFFSET_MAX) << u16::BITS | u64::from(generation);
                Self(fields << KIND_BITS | AT)
            }
            XrefEntry::In { stream, index } => {
                let index = u64::from(index).min(INDEX_MAX);
                let fields = u64::from(stream) << INDEX_BITS | index;
                Self(fields << KIND_BITS | IN)
            }
        }
    }
}

/// The newest entry of each number. Neighbours share a leaf: numbers far apart cost more.
#[derive(Default)]
pub(super) struct Places {
    leaves: BTreeMap<u32, Box<Leaf>>,
    count: usize,
    highest: Option<u32>,
}

/// The entries of [`LEAF`] numbers that follow each other.
type Leaf = [Packed; LEAF];

const LEAF: usize = 1 << LEAF_BITS;
const LEAF_BITS: u32 = 6;

impl Places {
    /// Whether there are more entries than this, or so few on each leaf that they take more memory
    /// than so many side by side.
    pub(super) fn is_over(&self, entries_max: usize) -> bool {
        self.count > entries_max || self.leaves.len() > entries_max.div_ceil(LEAF)
    }

    pub(super) fn get(&self, number: u32) -> Option<XrefEntry> {
        let leaf = self.leaves.get(&(number >> LEAF_BITS))?;
        leaf.get(place_in_leaf(number))?.entry()
    }

    /// Takes an entry in unless its number has one, and says whether it had none.
    pub(super) fn add(&mut self, number: u32, entry: Packed) -> bool {
        self.put(number, entry, false)
    }

    /// Takes an entry in, in the stead of the one that its number has.
    pub(super) fn replace(&mut self, number: u32, entry: XrefEntry) {
        self.put(number, entry.into(), true);
    }

    fn put(&mut self, number: u32, entry: Packed, replaces: bool) -> bool {
        let leaf = self.leaves.entry(number >> LEAF_BITS);
        let leaf = leaf.or_insert_with(|| Box::new([Packed::default(); LEAF]));
        let Some(place) = leaf.get_mut(place_in_leaf(number)) else {
            return false;
        };
        let is_new = *place == Packed::default();
        if is_new {
            self.count += 1;
            self.highest = self.highest.max(Some(number));
        }
        if is_new || replaces {
            *place = entry;
        }
        is_new
    }

    /// The numbers that have an entry, from the lowest on.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, XrefEntry)> + '_ {
        self.leaves.iter().flat_map(|(leaf, entries)| {
            let first = leaf << LEAF_BITS;
            let numbers = first..=first | (u32::MAX >> (u32::BITS - LEAF_BITS));
            let entries = numbers.zip(entries.iter());
            entries.filter_map(|(number, packed)| Some((number, packed.entry()?)))
        })
    }

    /// The highest number that has an entry.
    pub(super) fn highest(&self) -> Option<u32> {
        self.highest
    }
}

fn place_in_leaf(number: u32) -> usize {
    usize::try_from(number).unwrap_or_default() % LEAF
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_comes_out_as_it_went_in() {
        let at = |offset, generation| XrefEntry::At { offset, generation };
        let inside = |stream, index| XrefEntry::In { stream, index };
        let entries = [
            XrefEntry::Free,
            at(0, 0),
            at(15, 3),
            at(OFFSET_MAX, u16::MAX),
            inside(0, 0),
            inside(u32::MAX, (1 << 30) - 1),
        ];
        for entry in entries {
            assert_eq!(Packed::from(entry).entry(), Some(entry));
        }
        assert_eq!(Packed::default().entry(), None);
    }

    #[test]
    fn what_is_larger_than_any_file_stays_so() {
        let at = |offset| {
            Packed::from(XrefEntry::At {
                offset,
                generation: 7,
            })
        };
        assert_eq!(at(u64::MAX), at(OFFSET_MAX));
        let inside = |index| Packed::from(XrefEntry::In { stream: 5, index });
        assert_eq!(inside(u32::MAX), inside((1 << 30) - 1));
    }

    #[test]
    fn the_first_entry_of_a_number_stays_and_all_come_in_order() {
        let mut places = Places::default();
        let at = |offset| XrefEntry::At {
            offset,
            generation: 0,
        };
        for number in [u32::MAX, 64, 63, 0, 64] {
            places.add(
                number,
                at(u64::from(number) + places.iter().count() as u64).into(),
            );
        }
        let numbers: Vec<_> = places.iter().map(|(number, _)| number).collect();
        assert_eq!(numbers, [0, 63, 64, u32::MAX]);
        assert_eq!(places.get(64), Some(at(65)));
        assert_eq!((places.get(1), places.get(65)), (None, None));
        assert_eq!(places.highest(), Some(u32::MAX));
        assert!(!places.is_over(192) && places.is_over(3) && places.is_over(128));
    }
}
