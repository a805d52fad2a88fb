//! Where a result stands, and where its dossier stands.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::policy::{UnknownWord, words};

/// The life of a result. States move forward only; [`ResultState::may_become`] is the whole map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum ResultState {
    /// Every byte is durable and was inspected; the clerk has not decided.
    Received,
    /// The clerk gave it back with a reason. Final.
    Returned,
    /// To be sealed as shown.
    Approved,
    /// The intent to use the key is on record.
    Signing,
    /// A person must act.
    Held,
    /// The sealed object is in the archive and was read back.
    Stored,
    /// The link answers.
    Released,
    /// Another result took its place. Final.
    Replaced,
    /// Taken back. Final.
    Withdrawn,
}

words!(ResultState {
    Received = "received",
    Returned = "returned",
    Approved = "approved",
    Signing = "signing",
    Held = "held",
    Stored = "stored",
    Released = "released",
    Replaced = "replaced",
    Withdrawn = "withdrawn",
});

impl ResultState {
    /// Whether a result may go from this state to `next`. `Held → Approved` is a retry, the one
    /// step back.
    #[must_use]
    pub fn may_become(self, next: Self) -> bool {
        use ResultState::{
            Approved, Held, Received, Released, Replaced, Returned, Signing, Stored, Withdrawn,
        };
        matches!(
            (self, next),
            (Received, Approved | Returned | Withdrawn)
                | (Approved, Signing | Held | Withdrawn)
                | (Signing, Stored | Held | Withdrawn)
                | (Held, Approved | Withdrawn)
                | (Stored, Released | Held | Withdrawn)
                | (Released, Replaced | Withdrawn)
        )
    }

    /// Whether the result no longer counts for its dossier code.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Returned | Self::Replaced | Self::Withdrawn)
    }
}

/// The ten statuses of the national portal (`TrangThaiHoSo`), by their number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DossierStatus(u8);

impl DossierStatus {
    /// 4, *đang xử lý*: a dossier known only by a result that is not out yet.
    pub const PROCESSING: Self = Self(4);
    /// 9, *đã xử lý xong*: its result is released.
    pub const FINISHED: Self = Self(9);
    /// 10, *đã trả kết quả*: a requester has had it.
    pub const RETURNED: Self = Self(10);

    /// The status with that number, if it is one of 1 to 10.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        (1..=10).contains(&number).then_some(Self(number))
    }

    /// The number.
    #[must_use]
    pub fn number(self) -> u8 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::ResultState;

    #[test]
    fn nothing_leaves_a_final_state() {
        for &from in ResultState::ALL.iter().filter(|state| state.is_final()) {
            for &to in ResultState::ALL {
                assert!(!from.may_become(to), "{from} -> {to}");
            }
        }
    }

    #[test]
    fn nothing_is_released_that_was_not_stored() {
        for &from in ResultState::ALL {
            assert_eq!(
                from.may_become(ResultState::Released),
                from == ResultState::Stored
            );
        }
    }
}
