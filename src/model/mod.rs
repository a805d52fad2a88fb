//! The nouns: ids, states, digests, object keys, the code index. No input or output.

mod address;
mod appearance;
mod clock;
mod code_index;
mod digest;
mod id;
mod letter;
mod object_key;
mod policy;
mod state;
mod unit_day;

pub use address::{client_block, network_block};
pub use appearance::{AppearanceName, MarkLanguage, TemplateName};
pub use clock::{Clock, VIETNAM, in_viet_nam};
pub use code_index::CodeIndex;
pub use digest::Sha256Digest;
pub use id::{
    AgencyId, ApiKeyId, DossierId, IdentityId, LinkId, OfficerId, ParseIdError, PortalId, ResultId,
};
pub use letter::is_unseen;
pub use object_key::ObjectKey;
pub use policy::{ReleasePolicy, Sealing, UnknownWord};
pub use state::{DossierStatus, ResultState};
pub use unit_day::UnitDay;
