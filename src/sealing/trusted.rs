//! Whom raising trusts, for what.

use crate::evidence::Evidence;
use crate::pades::{Trust, TrustAnchors};

/// By whom a file's signatures are judged, and by whom its time-stamps.
#[derive(Clone)]
pub(super) struct Trusted {
    signers: TrustAnchors,
    authorities: TrustAnchors,
}

impl Trusted {
    /// Trusts `anchors` for all, and for time-stamps those whom `evidence` trusts as well.
    pub(super) fn of(anchors: &TrustAnchors, evidence: &Evidence) -> Self {
        let mut authorities = anchors.clone();
        authorities.extend(evidence.anchors().clone());
        Self {
            signers: anchors.clone(),
            authorities,
        }
    }

    /// As `pades` takes it.
    pub(super) fn as_trust(&self) -> Trust<'_> {
        Trust {
            signers: &self.signers,
            authorities: &self.authorities,
        }
    }
}
