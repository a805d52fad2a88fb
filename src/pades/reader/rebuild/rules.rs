//! What may stand in the dictionaries that say what a signature forbids (ISO 32000-2, 12.7.5.5, 12.8.1
//! and 12.8.2). An entry of another name may be one of these, but for a byte, and what it said is
//! lost: so each kind has what it must have and nothing that it does not know. One list for all of
//! them would not do: what is nothing in one kind may be an entry of another.

use lopdf::{Dictionary, Object};

/// A part of what a signature says.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Part {
    /// The signature itself.
    Signature,
    /// An item of its `/Reference`.
    Reference,
    /// A field's `/Lock`.
    Lock,
    /// The parameters of a certification.
    DocMdp,
    /// Those of a signature that locks fields.
    FieldMdp,
    UsageRights,
    /// Those of a method that has none.
    Identity,
}

/// Names of entries.
type Keys = &'static [&'static [u8]];

impl Part {
    /// The parameters of this transform method, if it is one.
    pub(super) fn of_method(method: &[u8]) -> Option<Self> {
        match method {
            b"DocMDP" => Some(Self::DocMdp),
            b"FieldMDP" => Some(Self::FieldMdp),
            b"UR" | b"UR3" => Some(Self::UsageRights),
            b"Identity" => Some(Self::Identity),
            _ => None,
        }
    }

    /// Whether there is something that it must say.
    pub(super) fn must_be_there(self) -> bool {
        !self.required().is_empty()
    }

    /// Whether it has all that it must have, and nothing of an unknown name.
    pub(super) fn is_whole(self, dictionary: &Dictionary) -> bool {
        let required = self.required();
        let Some(optional) = self.optional() else {
            return true;
        };
        let is_known = |key: &[u8]| required.contains(&key) || optional.contains(&key);
        required.iter().all(|key| dictionary.has(key))
            && dictionary.iter().all(|(key, _)| is_known(key))
    }

    /// Whether its `/P` is one, where it stands: usage rights say by it that nothing else is allowed,
    /// all others what is. Some write the number as a real one.
    pub(super) fn is_level(self, level: &Object) -> bool {
        match level {
            Object::Boolean(_) => self == Self::UsageRights,
            Object::Integer(level) => self != Self::UsageRights && (1..=3).contains(level),
            Object::Real(level) => self != Self::UsageRights && [1.0, 2.0, 3.0].contains(level),
            _ => false,
        }
    }

    /// Whether its `/Action` is one, where it has such; `/Include` and `/Exclude` name fields.
    pub(super) fn is_action(self, action: &Object, has_fields: bool) -> bool {
        match action {
            Object::Name(action) if action == b"All" => true,
            Object::Name(action) => {
                matches!(action.as_slice(), b"Include" | b"Exclude") && has_fields
            }
            _ => !self.required().contains(&b"Action".as_slice()),
        }
    }

    fn required(self) -> Keys {
        match self {
            Self::Signature | Self::UsageRights | Self::Identity => &[],
            Self::Reference => &[b"TransformMethod"],
            Self::Lock | Self::FieldMdp => &[b"Action"],
            Self::DocMdp => &[b"P"],
        }
    }

    /// What it may have besides; none where it may have anything.
    fn optional(self) -> Option<Keys> {
        Some(match self {
            Self::Signature => return None,
            Self::Reference => &[
                b"Type",
                b"TransformParams",
                b"Data",
                b"DigestMethod",
                b"DigestValue",
                b"DigestLocation",
            ],
            Self::Lock => &[b"Type", b"Fields", b"P"],
            Self::DocMdp | Self::Identity => &[b"Type", b"V"],
            // `/P` as in the lock that it comes from; who judges it heeds it.
            Self::FieldMdp => &[b"Type", b"V", b"Fields", b"P"],
            Self::UsageRights => &[
                b"Type",
                b"V",
                b"Document",
                b"Msg",
                b"Annots",
                b"Form",
                b"FormEX",
                b"Signature",
                b"EF",
                b"P",
            ],
        })
    }
}
