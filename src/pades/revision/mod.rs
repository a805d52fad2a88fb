//! The incremental update that seals a file: the received bytes stay as they are, behind them
//! come the few objects that a signature takes, with a hole where the signature itself will be.
//! What is changed of the received file is its catalog or form, the first page's list of
//! annotations, and the trailer. What raises the level of a signature later
//! (`validation_data`, `time_stamp`) is appended in the same way.

use std::io;
use std::ops::Range;

use lopdf::ObjectId;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::appearance::Appearance;
use super::byte_range::{self, FillError};
use super::error::Refusal;
use super::inspect::look_at_content;
use super::limits::Limits;
use super::reader::{Pdf, Reading, damaged};
use super::scheme::DigestAlgorithm;
use super::source::{Appended, Source};
use field::{Shows, SignatureBody};
use permission::Form;
use target::Target;
use update::Update;

mod complete;
mod conditions;
mod field;
mod permission;
mod splice;
mod target;
mod time_stamp;
mod update;
mod validation_data;
mod xref;

pub use time_stamp::prepare_time_stamp;
pub use validation_data::{SignatureData, prepare_validation_data};

/// What a seal says and shows, all but the signature itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SealRequest {
    /// The signing time, printed and claimed (`/M`) in its own offset.
    #[serde(with = "time::serde::rfc3339")]
    pub signed_at: OffsetDateTime,
    /// `/Name`: who signs.
    pub signer_name: Option<String>,
    /// `/Reason`.
    pub reason: Option<String>,
    /// `/Location`.
    pub location: Option<String>,
    /// What is shown on a page.
    pub appearance: Appearance,
    /// The room left for the signature, in bytes of its DER, at most 1 MiB.
    pub contents_bytes: usize,
    /// The new field's name; the first free of `Trao-1`, `Trao-2` … if none is given.
    pub field_name: Option<String>,
}

/// A revision that wants nothing but its signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreparedRevision {
    /// The bytes that follow the received ones; the hole in them is all zeros yet.
    pub appended: Vec<u8>,
    /// What the signature covers: offset and length, twice.
    pub byte_range: [u64; 4],
    /// The hole, from its `<` to behind its `>`, counted from the received file's first byte.
    pub hole: Range<u64>,
    /// Whether the file has signatures already, as far as that was looked at.
    pub follows_others: bool,
    /// Whether the file is damaged and was rebuilt: whoever seals it must be told.
    pub is_rebuilt: bool,
}

/// Makes the revision that seals a received file; a damaged one is rebuilt, and the revision is such
/// that readers find in it what was found here.
///
/// # Errors
/// What is wrong with the file, as [`Refusal`] names it: `PdfLocked` when an earlier signature
/// forbids this one, `FieldInvalid` when the request does not fit the file.
pub fn prepare(
    source: &dyn Source,
    limits: &Limits,
    request: &SealRequest,
) -> Result<PreparedRevision, Refusal> {
    prepare_as(source, limits, request, Reading::Either)
}

/// The same of a file that was looked at before: it is read as it was then.
///
/// # Errors
/// As [`prepare`].
pub fn prepare_as(
    source: &dyn Source,
    limits: &Limits,
    request: &SealRequest,
    reading: Reading,
) -> Result<PreparedRevision, Refusal> {
    request.check()?;
    reading.of(source, limits, |pdf| seal(pdf, request))
}

fn seal(pdf: &Pdf<'_>, request: &SealRequest) -> Result<PreparedRevision, Refusal> {
    let form = Form::of(pdf, pdf.limits())?;
    let target = Target::of(pdf, &form, request)?;
    form.admit(&target.name, request.appearance.is_visible())?;
    // A new object that a signed one waits for would be held against the earlier signature; what waits
    // for one, or leads to what is changed, may show something else then.
    let shared = pdf.admit_changes(&target.changes(pdf)?)?;
    // What nobody reads for a seal may be damaged, too: whoever looks the file through would say so.
    if !pdf.is_plain() {
        look_at_content(pdf, pdf.look_at_pages()?)?;
    }

    let reference = target.reference(pdf)?;
    let mut update = Update::new(pdf).sparing(shared);
    let shows = target
        .draw(&mut update)?
        .map_or(Shows::Nothing, Shows::Mark);
    let signature = update.reserve()?;
    field::place(&mut update, &target, signature, shows)?;
    let revision = PreparedRevision::of(
        update,
        signature,
        field::signature(request, reference.as_ref()),
        &request.seed(pdf.received().len()),
    )?;
    Ok(PreparedRevision {
        follows_others: form.has_signatures(),
        is_rebuilt: pdf.is_rebuilt(),
        ..revision
    })
}

impl SealRequest {
    fn check(&self) -> Result<(), Refusal> {
        check_room(self.contents_bytes)
    }

    // Differs between two revisions of one file, is the same for the same request.
    fn seed(&self, received_len: u64) -> Vec<u8> {
        format!("{} {received_len}", self.signed_at.unix_timestamp()).into_bytes()
    }
}

impl PreparedRevision {
    /// The digest that is to be signed.
    ///
    /// # Errors
    /// When the received file cannot be read any more.
    pub fn digest(&self, received: &dyn Source, digest: DigestAlgorithm) -> io::Result<Vec<u8>> {
        let [first, before, second, after] = self.byte_range;
        let ranges = [(first, before), (second, after)];
        byte_range::digest(&Appended::new(received, &self.appended), &ranges, digest)
    }

    /// The bytes that follow the received ones, with the signature in its place.
    ///
    /// # Errors
    /// When the signature does not fit the hole. The revision may come from another process, so
    /// one whose numbers contradict each other is an error too.
    pub fn filled(mut self, der: &[u8]) -> Result<Vec<u8>, FillError> {
        let place = self.hole_in_appended().ok_or(FillError::Elsewhere)?;
        let hole = self.appended.get_mut(place).ok_or(FillError::Elsewhere)?;
        let filled = byte_range::fill(hole.len(), der)?;
        hole.copy_from_slice(&filled);
        Ok(self.appended)
    }

    /// The bytes before the hole and those after it, one behind the other; nothing where the numbers
    /// contradict each other.
    #[must_use]
    pub fn without_hole(mut self) -> Option<Vec<u8>> {
        let place = self.hole_in_appended()?;
        self.appended.drain(place);
        Some(self.appended)
    }

    fn hole_in_appended(&self) -> Option<Range<usize>> {
        let [first, before, second, after] = self.byte_range;
        let end = self
            .appended
            .len()
            .checked_sub(usize::try_from(after).ok()?)?;
        let len = usize::try_from(self.hole.end.checked_sub(self.hole.start)?).ok()?;
        let place = end.checked_sub(len)?..end;
        let agrees = (first, before, second) == (0, self.hole.start, self.hole.end);
        let hole = self.appended.get(place.clone())?;
        (agrees && hole.starts_with(b"<") && hole.ends_with(b">")).then_some(place)
    }

    /// Lays out an update whose object `signature` is this dictionary.
    fn of(
        mut update: Update<'_, '_>,
        signature: ObjectId,
        body: SignatureBody,
        seed: &[u8],
    ) -> Result<Self, Refusal> {
        update.put(signature, body.bytes);
        let layout = update.lay_out(Some(signature), seed)?;
        let place = |range: Range<usize>| range.start + layout.body..range.end + layout.body;
        Self::close(
            layout.start,
            layout.appended,
            &place(body.byte_range),
            &place(body.hole),
        )
    }

    /// Writes the brackets of the hole and the ranges around it; both are given by their places in
    /// the appended bytes, which begin at `start` of the file.
    fn close(
        start: u64,
        mut appended: Vec<u8>,
        byte_range_at: &Range<usize>,
        hole_at: &Range<usize>,
    ) -> Result<Self, Refusal> {
        let total = start + appended.len() as u64;
        let hole = start + hole_at.start as u64..start + hole_at.end as u64;
        let byte_range = [0, hole.start, hole.end, total - hole.end];
        let mut set = |at: &Range<usize>, bytes: &[u8]| match appended.get_mut(at.clone()) {
            Some(place) if place.len() == bytes.len() => {
                place.copy_from_slice(bytes);
                Ok(())
            }
            _ => Err(Refusal::Unavailable(
                "the revision was laid out wrongly".into(),
            )),
        };
        set(byte_range_at, &field::byte_range_text(byte_range))?;
        set(&(hole_at.start..hole_at.start + 1), b"<")?;
        set(&(hole_at.end - 1..hole_at.end), b">")?;
        Ok(Self {
            appended,
            byte_range,
            hole,
            follows_others: true,
            is_rebuilt: false,
        })
    }
}

fn check_room(contents_bytes: usize) -> Result<(), Refusal> {
    if contents_bytes == 0 || contents_bytes > CONTENTS_MAX {
        return Err(Refusal::FieldInvalid(
            "the room for a signature is 1 byte to 1 MiB".into(),
        ));
    }
    Ok(())
}

/// Readers see such a file differently, so whatever follows a signature in it makes that one
/// suspicious (`changes`): what is to keep a signature provable would harm it.
fn refuse_if_odd(pdf: &Pdf<'_>) -> Result<(), Refusal> {
    pdf.oddity().map_or(Ok(()), |oddity| Err(damaged(oddity)))
}

/// Whatever follows a signature in a file of which not all can be read is suspicious, too.
fn refuse_if_unread(pdf: &Pdf<'_>) -> Result<(), Refusal> {
    if pdf.has_unread() {
        return Err(damaged("an object in it cannot be read"));
    }
    Ok(())
}

/// The most room that is left for a signature.
const CONTENTS_MAX: usize = 1 << 20;

/// For the fuzz targets: takes a dictionary apart and changes it.
#[cfg(any(test, fuzzing))]
pub(super) fn probe_entries(bytes: &[u8]) {
    if let Ok(entries) = splice::Entries::of(bytes, 100) {
        let changed = entries.with("Annots", b"[1 0 R]");
        if let Ok(changed) = changed {
            let again = splice::Entries::of(&changed, 100);
            assert!(again.is_ok_and(|again| again.get("Annots").is_ok()));
        }
    }
    let _ = splice::push(bytes, b"1 0 R");
}

/// For the fuzz targets: a date as a seal says it.
#[cfg(any(test, fuzzing))]
pub(super) fn written_date(at: OffsetDateTime) -> String {
    field::pdf_date(at)
}
