//! The questions to the reading children, each with the kind of answer that fits it.

use std::fs::File;

use time::OffsetDateTime;

use super::SealingError;
use super::assemble::Revision;
use super::reader::{Answers, Readers};
use super::wire::{Answer, Request};
use crate::pades::{Grounds, Inspection, Reading, Report, SealRequest, SignatureData, Trust};

impl Readers {
    /// Would it be sealed, and what is in it?
    pub(super) fn inspect(
        &self,
        file: &File,
        anchors: Vec<Vec<u8>>,
        now: OffsetDateTime,
    ) -> Result<(Inspection, Report), SealingError> {
        let request = Request::Inspect { anchors, now };
        self.ask(request, file, |(answer, _), _| match answer {
            Answer::Inspected {
                inspection,
                earlier,
            } => Ok((*inspection, earlier)),
            _ => Err(SealingError::Malformed("not an inspection")),
        })
    }

    /// The revisions that seal files alike, read in this way. A reader of PDF finds in each file with
    /// its revision what sealing wants, but for the message. The files come with their lengths. The
    /// child is asked now, and is at work while whoever asked does something else.
    pub(super) fn prepare<'f>(
        &'f self,
        files: Vec<(&'f File, u64)>,
        request: SealRequest,
        reading: Reading,
    ) -> impl Iterator<Item = Result<Revision, SealingError>> + 'f {
        let contents_bytes = request.contents_bytes;
        let request = Request::Prepare(Box::new(request), reading);
        Answers::new(self, request, files, move |said, len| {
            Revision::of(said, len, contents_bytes)
        })
        .ahead()
    }

    /// The revision that time-stamps it, with room for a token.
    pub(super) fn prepare_time_stamp(
        &self,
        file: &File,
        contents_bytes: usize,
    ) -> Result<Revision, SealingError> {
        let request = Request::PrepareTimeStamp { contents_bytes };
        self.ask(request, file, |said, len| {
            Revision::of(said, len, contents_bytes)
        })
    }

    /// The bytes that take validation data into it; none when nothing is new.
    pub(super) fn prepare_validation_data(
        &self,
        file: &File,
        data: Vec<SignatureData>,
    ) -> Result<Vec<u8>, SealingError> {
        let request = Request::PrepareValidationData(data);
        self.ask(request, file, |said, _| match said {
            (Answer::Appendix { .. }, appended) => Ok(appended),
            _ => Err(SealingError::Malformed("not an appendix")),
        })
    }

    /// Are its signatures good?
    pub(super) fn verify(
        &self,
        file: &File,
        anchors: Vec<Vec<u8>>,
        now: OffsetDateTime,
    ) -> Result<Report, SealingError> {
        let request = Request::Verify { anchors, now };
        self.ask(request, file, |(answer, _), _| match answer {
            Answer::Verified(report) => Ok(report),
            _ => Err(SealingError::Malformed("not a verdict")),
        })
    }

    /// What do its signatures rest on?
    pub(super) fn grounds(
        &self,
        file: &File,
        trust: Trust<'_>,
        now: OffsetDateTime,
    ) -> Result<Grounds, SealingError> {
        let request = Request::Grounds {
            signers: trust.signers.to_der(),
            authorities: trust.authorities.to_der(),
            now,
        };
        self.ask(request, file, |(answer, _), _| match answer {
            Answer::Grounds(grounds) => Ok(*grounds),
            _ => Err(SealingError::Malformed("not the grounds")),
        })
    }
}
