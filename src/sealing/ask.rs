//! The questions to the reading children, each with the kind of answer that fits it.

use std::fs::File;

use time::OffsetDateTime;

use super::SealingError;
use super::assemble::Revision;
use super::reader::Readers;
use super::wire::{Answer, Request};
use crate::pades::{Grounds, Inspection, Report, SealRequest, SignatureData, Trust};

impl Readers {
    /// Would it be sealed, and what is in it?
    pub(super) fn inspect(
        &self,
        file: &File,
        anchors: Vec<Vec<u8>>,
        now: OffsetDateTime,
    ) -> Result<(Inspection, Report), SealingError> {
        match self.ask(&Request::Inspect { anchors, now }, file)? {
            (
                Answer::Inspected {
                    inspection,
                    earlier,
                },
                _,
            ) => Ok((*inspection, earlier)),
            _ => Err(SealingError::Malformed("not an inspection")),
        }
    }

    /// The revision that seals it. A reader of PDF finds in the file with it what sealing wants, but
    /// for the message.
    pub(super) fn prepare(
        &self,
        file: &File,
        request: SealRequest,
    ) -> Result<Revision, SealingError> {
        self.revision(&Request::Prepare(Box::new(request)), file)
    }

    /// The revision that time-stamps it, with room for a token.
    pub(super) fn prepare_time_stamp(
        &self,
        file: &File,
        contents_bytes: usize,
    ) -> Result<Revision, SealingError> {
        self.revision(&Request::PrepareTimeStamp { contents_bytes }, file)
    }

    fn revision(&self, request: &Request, file: &File) -> Result<Revision, SealingError> {
        Revision::of(self.ask(request, file)?)
    }

    /// The bytes that take validation data into it; none when nothing is new.
    pub(super) fn prepare_validation_data(
        &self,
        file: &File,
        data: Vec<SignatureData>,
    ) -> Result<Vec<u8>, SealingError> {
        match self.ask(&Request::PrepareValidationData(data), file)? {
            (Answer::Appendix { .. }, appended) => Ok(appended),
            _ => Err(SealingError::Malformed("not an appendix")),
        }
    }

    /// Are its signatures good?
    pub(super) fn verify(
        &self,
        file: &File,
        anchors: Vec<Vec<u8>>,
        now: OffsetDateTime,
    ) -> Result<Report, SealingError> {
        match self.ask(&Request::Verify { anchors, now }, file)? {
            (Answer::Verified(report), _) => Ok(report),
            _ => Err(SealingError::Malformed("not a verdict")),
        }
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
        match self.ask(&request, file)? {
            (Answer::Grounds(grounds), _) => Ok(*grounds),
            _ => Err(SealingError::Malformed("not the grounds")),
        }
    }
}
