//! Which reading of a file counts, and the one place where a damaged file is read once more.

use serde::{Deserialize, Serialize};

use super::{Pdf, rebuild};
use crate::pades::error::Refusal;
use crate::pades::limits::Limits;
use crate::pades::source::Source;

/// Which reading of a file counts. Who acts on what another one saw names that one's reading: the two
/// may show two documents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// As its cross-reference has it; where that is damaged, rebuilt.
    #[default]
    Either,
    /// As its cross-reference has it.
    AsItStands,
    /// Rebuilt from the objects that stand in it.
    Rebuilt,
}

impl Reading {
    /// Reads a file. Damage may show when it is opened or at any time later.
    ///
    /// # Errors
    /// What is wrong with the file. Of a damaged one that cannot be rebuilt either, what was wrong
    /// with it first.
    pub(in crate::pades) fn of<T>(
        self,
        source: &dyn Source,
        limits: &Limits,
        read: impl Fn(&Pdf<'_>) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let as_it_stands = || read(&Pdf::open(source, limits)?);
        let rebuilt = || rebuild::read(source, limits, &read);
        match self {
            Self::AsItStands => as_it_stands(),
            Self::Rebuilt => rebuilt(),
            Self::Either => match as_it_stands() {
                Err(first @ Refusal::PdfDamaged(_)) => {
                    rebuilt().map_err(|second| more_telling(first, second))
                }
                outcome => outcome,
            },
        }
    }
}

/// What the sender is told of a damaged file that is refused when it is mended, too.
fn more_telling(first: Refusal, second: Refusal) -> Refusal {
    match second {
        Refusal::NotPdf
        | Refusal::PdfDamaged(_)
        | Refusal::PdfNoPages
        | Refusal::PdfTooComplex(_) => first,
        Refusal::PdfEncrypted
        | Refusal::PdfLocked(_)
        | Refusal::PdfActiveContent(_)
        | Refusal::FieldInvalid(_)
        | Refusal::Unavailable(_) => second,
    }
}
