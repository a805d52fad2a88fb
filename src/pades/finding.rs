//! What is wrong or doubtful in a file, by a stable word.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Defines an enum whose variants each have a stable code that programs and texts know.
macro_rules! codes {
    ($(#[$meta:meta])* $name:ident { $($(#[$about:meta])* $variant:ident = $code:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(super) enum $name {
            $($(#[$about])* $variant,)+
        }

        impl $name {
            /// All there are.
            pub(super) const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The stable code.
            pub(super) fn code(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)+
                }
            }
        }
    };
}
pub(super) use codes;

codes! {
    /// What is found in a file: content that does or hides something, and what a signature does not
    /// cover as it should.
    Seen {
        /// Something that readers read differently, or repair as each thinks best.
        AmbiguousStructure = "ambiguous_structure",
        /// An action on an event.
        AdditionalAction = "additional_action",
        /// Files within the file.
        EmbeddedFiles = "embedded_files",
        /// An action that sends data or opens another file.
        ExternalAction = "external_action",
        /// Content that is kept elsewhere.
        ExternalContent = "external_content",
        /// An annotation that nobody sees.
        HiddenAnnotation = "hidden_annotation",
        /// Scripts.
        JavaScript = "javascript",
        /// An action that starts a program.
        LaunchAction = "launch_action",
        /// An action when the file is opened.
        OpenAction = "open_action",
        /// Layers that are switched off.
        OptionalContentHidden = "optional_content_hidden",
        /// A page tree in which readers find other pages, or fewer.
        PageTreeUneven = "page_tree_uneven",
        /// Films, sound, things that move.
        RichMedia = "rich_media",
        /// Rights that a maker of readers gives to its reader.
        UsageRights = "usage_rights",
        /// A form of another kind.
        Xfa = "xfa",
        /// Readers see the file differently, repair it as each thinks best, or cannot read all of it:
        /// what follows a signature in it will be held against that.
        ReadersDiffer = "readers_differ",
        /// The file is damaged and was rebuilt from the objects that stand in it: nobody knows whether
        /// all of it is there, and other readers may see it differently.
        Rebuilt = "structure_rebuilt",
        /// The covered bytes are no whole revision.
        NotARevision = "not_a_revision",
        /// `/ByteRange` is not two spans from the file's first byte.
        ByteRangeMalformed = "byte_range_malformed",
        /// What a signature leaves out is not its own string.
        HoleNotOneString = "hole_not_one_string",
        /// It is a string, but elsewhere than in the signature's object.
        HoleElsewhere = "hole_elsewhere",
        /// The file was changed after the signature.
        ContentChangedAfter = "content_changed_after",
        /// Bytes were appended that are no revision.
        BytesOutsideRevisions = "bytes_outside_revisions",
    }
}

/// One finding: a stable word that programs and texts know, and where it was seen.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Finding {
    /// The word, such as `javascript` or `hole_not_one_string`.
    pub code: String,
    /// Where or what, in English; structure only, never the file's text.
    pub detail: String,
}

impl Finding {
    pub(super) fn new(seen: Seen, detail: impl Into<String>) -> Self {
        Self {
            code: seen.code().to_owned(),
            detail: detail.into(),
        }
    }

    /// Whether it says that the file is damaged and was rebuilt.
    #[must_use]
    pub fn is_rebuilt(&self) -> bool {
        self.code == Seen::Rebuilt.code()
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({})", self.code, self.detail)
    }
}
