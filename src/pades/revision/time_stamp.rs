//! The revision that time-stamps a whole file (ISO 32000-2 §12.8.5, EN 319 142-1 §5.4.3).

use super::field::{self, Shows};
use super::permission::Form;
use super::target::Target;
use super::update::Update;
use super::{PreparedRevision, check_room, refuse_if_odd, refuse_if_unread};
use crate::pades::error::Refusal;
use crate::pades::limits::Limits;
use crate::pades::reader::Pdf;
use crate::pades::source::Source;

/// Makes the revision that holds a document time-stamp with room for a token of `contents_bytes`
/// bytes. A certification forbids it never: not even one that allows no changes (§12.8.2.2).
///
/// # Errors
/// What is wrong with the file.
pub fn prepare_time_stamp(
    source: &dyn Source,
    limits: &Limits,
    contents_bytes: usize,
) -> Result<PreparedRevision, Refusal> {
    check_room(contents_bytes)?;
    let pdf = Pdf::open(source, limits)?;
    refuse_if_odd(&pdf)?;
    let form = Form::of(&pdf, limits)?;
    let target = Target::unseen(&pdf, &form)?;
    let shared = pdf.admit_changes(&target.changes(&pdf)?)?;
    refuse_if_unread(&pdf)?;
    let mut update = Update::new(&pdf).sparing(shared);
    let signature = update.reserve()?;
    let shows = if form.is_closed() {
        Shows::NoForm
    } else {
        Shows::Nothing
    };
    field::place(&mut update, &target, signature, shows)?;
    let seed = format!("time-stamp {}", source.len());
    let body = field::time_stamp(contents_bytes);
    PreparedRevision::of(update, signature, body, seed.as_bytes())
}
