//! Signatures that files bring along: what is wrong with one, and what a machine takes for signed.

use thiserror::Error;

use crate::pades::{Chain, Inspection, Report, SignatureKind, SignatureVerdict};

/// What stands against a signature that a file brought along. Where no clerk looks, it is nobody's
/// to insist on.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum SignatureFlaw {
    /// It is not intact, covers a part only, or something suspicious followed it.
    #[error("an earlier signature is not intact")]
    Broken,
    /// It is intact, and the file is such that whatever follows it makes it suspicious.
    #[error("once the file is sealed, some readers will doubt an earlier signature")]
    AtRisk,
    /// It is trusted; one that is not, or such a time-stamp, came after it. What is added so may
    /// cover the page, and who says that no reader shows it?
    #[error("a signature that is not trusted follows a trusted one")]
    Followed,
    /// It is intact; a certificate that it rests on is revoked, and nothing proves that it is older.
    #[error("a certificate of an earlier signature is revoked")]
    Revoked,
    /// It is intact; an algorithm, a certificate or the time is such that it proves nothing.
    #[error("an earlier signature does not prove who signed")]
    Unfit,
}

impl SignatureFlaw {
    /// All there are.
    pub const ALL: [Self; 5] = [
        Self::Broken,
        Self::AtRisk,
        Self::Followed,
        Self::Revoked,
        Self::Unfit,
    ];

    /// What stands against one signature by itself.
    pub(super) fn of(verdict: &SignatureVerdict) -> Option<Self> {
        if !verdict.is_whole() {
            Some(Self::Broken)
        } else if verdict.is_revoked() {
            Some(Self::Revoked)
        } else {
            (!verdict.is_sound()).then_some(Self::Unfit)
        }
    }

    /// The first that stands against a signature of a file.
    pub(super) fn in_file(inspection: &Inspection, earlier: &Report) -> Option<Self> {
        let of_one = earlier.signatures.iter().find_map(Self::of);
        of_one
            .or(inspection.puts_signatures_at_risk().then_some(Self::AtRisk))
            .or(is_followed(earlier).then_some(Self::Followed))
    }
}

/// Whether what is not trusted came after a trusted person's signature.
pub(super) fn is_followed(earlier: &Report) -> bool {
    let is_trusted =
        |each: &SignatureVerdict| each.kind == SignatureKind::Signature && each.is_good();
    // They come in the order in which they were made.
    let mut later = earlier
        .signatures
        .iter()
        .skip_while(|each| !is_trusted(each));
    later.any(|each| each.chain != Chain::Trusted)
}

/// Whether a machine may take the main file for signed by a person: there is a signature that
/// nothing stands against, and where anybody is trusted at all, it leads there.
pub(super) fn is_signed(main: &Report, anchored: bool) -> bool {
    main.signatures.iter().any(|each| {
        let is_relied_on = if anchored {
            each.is_good()
        } else {
            each.is_sound()
        };
        each.kind == SignatureKind::Signature && is_relied_on
    })
}
