//! The lengths of streams that stand in objects of their own.

use std::collections::HashMap;

use lopdf::{Object, ObjectId};

use super::is_at;
use super::scan::Scan;
use super::stop::{HEADER_BYTES_MAX, Stop};
use crate::pades::error::Refusal;
use crate::pades::reader::token::is_regular;
use crate::pades::reader::{Pdf, damaged, is_space};
use crate::pades::source;

/// A stream whose length stands elsewhere.
pub(super) struct Measured {
    /// The stream and where it stands.
    pub(super) stream: (u32, u64),
    pub(super) length: ObjectId,
    /// Where its data begin.
    pub(super) begin: u64,
    /// How many the walk took, with the end of line behind them.
    pub(super) bytes: u64,
    /// Whether it believed a length. Else it found an end by itself.
    pub(super) is_as_said: bool,
}

impl Measured {
    /// Refuses a file in which others find another length than the walk did: what stands behind the
    /// shorter one is a part of the stream to some and objects to others. A length that leads to no
    /// end they do not believe either.
    pub(super) fn check(&self, pdf: &Pdf<'_>) -> Result<(), Refusal> {
        let (number, offset) = self.stream;
        if !is_at(pdf.entry(number), offset) {
            return Ok(());
        }
        let length = match pdf.object(self.length)? {
            Object::Integer(length) => u64::try_from(length).ok(),
            // Some readers make a length of it.
            Object::Real(_) | Object::Reference(_) => return Err(lost()),
            _ => None,
        };
        // Before `endstream` a line ends, which is no data.
        let behind = length.and_then(|length| self.bytes.checked_sub(length));
        let agrees = behind.is_some_and(|behind| behind <= END_OF_LINE_BYTES);
        let is_sure = agrees || (!self.is_as_said && !self.leads_to_an_end(pdf, length)?);
        if is_sure { Ok(()) } else { Err(lost()) }
    }

    fn leads_to_an_end(&self, pdf: &Pdf<'_>, length: Option<u64>) -> Result<bool, Refusal> {
        let end = length.and_then(|length| self.begin.checked_add(length));
        let end = end.filter(|end| *end < pdf.source().len());
        end.map_or(Ok(false), |end| ends_at(pdf, end))
    }
}

fn lost() -> Refusal {
    damaged("the length of a stream is lost")
}

/// Whether `endstream` stands at this place, or behind white space there: the whole word, since some
/// readers look on for it where it goes on.
pub(super) fn ends_at(pdf: &Pdf<'_>, end: u64) -> Result<bool, Refusal> {
    let left = pdf.source().len() - end;
    let take = usize::try_from(left.min(END_BYTES_MAX)).unwrap_or_default();
    let mut bytes = source::read(pdf.source(), end, take)?.into_owned();
    if left <= END_BYTES_MAX {
        // What ends with the file ends like what ends with a space.
        bytes.push(b' ');
    }
    let word = bytes.iter().position(|&byte| !is_space(byte));
    let word = bytes.get(word.unwrap_or_default()..).unwrap_or_default();
    let behind = word.strip_prefix(b"endstream");
    Ok(behind.is_some_and(|behind| behind.first().is_some_and(|&next| !is_regular(next))))
}

/// Every `N G obj 123 endobj` from a place on.
pub(super) fn look_ahead(pdf: &Pdf<'_>, begin: u64) -> Result<HashMap<u32, Vec<u64>>, Refusal> {
    let mut scan = Scan::new(pdf);
    scan.at = begin;
    let mut found: HashMap<u32, Vec<u64>> = HashMap::new();
    while let Some(stop) = scan.stop()? {
        let begin = scan.at;
        scan.at += 1;
        let Stop::Header(before) = stop else { continue };
        pdf.budget.spend_object()?;
        let window = scan.view.from(begin - before as u64, NUMBER_BYTES_MAX)?;
        let window = window.get(..NUMBER_BYTES_MAX).unwrap_or(window);
        let mut lexer = pdf.lexer(window);
        let Ok((number, _)) = lexer.object_header() else {
            continue;
        };
        if let Ok(length) = lexer.unsigned()
            && lexer.keyword(b"endobj")
        {
            let lengths = found.entry(number).or_default();
            if lengths.len() < LENGTHS_MAX {
                lengths.push(length);
            }
        }
    }
    Ok(found)
}

/// A whole object that is a number takes no more.
const NUMBER_BYTES_MAX: usize = 2 * HEADER_BYTES_MAX;

/// A number that stands in a file more often than this is no stream's length.
const LENGTHS_MAX: usize = 16;

const END_OF_LINE_BYTES: u64 = 2;

/// White space before `endstream` and the word itself.
const END_BYTES_MAX: u64 = 32;
