//! The dossier and the gate that guards its result: the sole maker of a [`ReleaseGrant`].

mod alarm;
mod buckets;
mod code;
mod gate;
mod grant;
mod spending;
mod status;

pub use code::{CodeMalformed, CodeRefused, DossierCode, Profile, code_beginning};
pub use gate::{Attempt, Gate, GateRefusal, Issued};
pub use grant::{GrantedFile, ReleaseGrant, Released};
pub use status::{DossierStatusView, StatusRefusal};
