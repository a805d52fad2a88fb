//! One walk over a file from its header to its end, for all that calls itself an object or a
//! trailer. What stands in an object's strings and in a stream's data is none.

use std::collections::HashMap;
use std::mem;

use lopdf::{Dictionary, Object, ObjectId};

use super::anew::{Flaw, Taken, taken};
use super::lengths::{Measured, ends_at, look_ahead};
use super::stop::{STOP_BYTES_MAX, Stop, end_in, end_of_comment_in, stop_in};
use crate::pades::error::Refusal;
use crate::pades::reader::lexer::{LexError, Lexer};
use crate::pades::reader::objects::Placed;
use crate::pades::reader::token::{END_OF_STREAM, ENDS_STREAM_BYTES, ends_stream};
use crate::pades::reader::view::View;
use crate::pades::reader::{Pdf, damaged};
use crate::pades::source;

/// An object where it stands in the file.
pub(super) struct Found {
    pub(super) id: ObjectId,
    pub(super) offset: u64,
    pub(super) object: Object,
    /// What readers mend of it, each in its own way.
    pub(super) flaw: Option<Flaw>,
}

/// What the walk comes upon.
pub(super) enum Piece {
    Object(Found),
    /// The number of an object that cannot be read, and where it begins.
    Lost(u32, u64),
    /// The dictionary behind `trailer`, and where it begins.
    Trailer(Dictionary, u64),
}

/// The walk.
pub(super) struct Scan<'p, 's> {
    pdf: &'p Pdf<'s>,
    pub(super) view: View<'p, 's>,
    pub(super) at: u64,
    /// Objects that are numbers: the lengths of streams may be such.
    numbers: HashMap<u32, u64>,
    /// The numbers that stand further on in the file, once somebody wanted one of them.
    ahead: Option<HashMap<u32, Vec<u64>>>,
    measured: Vec<Measured>,
    /// Whether an object has begun and its `endobj` has not come yet.
    is_open: bool,
    has_left_out: bool,
}

impl<'p, 's> Scan<'p, 's> {
    pub(super) fn new(pdf: &'p Pdf<'s>) -> Self {
        Self {
            pdf,
            view: View::new(pdf),
            at: pdf.header_offset(),
            numbers: HashMap::new(),
            ahead: None,
            measured: Vec::new(),
            is_open: false,
            has_left_out: false,
        }
    }

    /// Whether something so far looked like an object or trailer and could not be read.
    pub(super) fn has_left_out(&self) -> bool {
        self.has_left_out
    }

    /// The streams whose lengths stand elsewhere.
    pub(super) fn into_measured(self) -> Vec<Measured> {
        self.measured
    }

    /// The next object or trailer.
    ///
    /// # Errors
    /// `PdfTooComplex` when the file is more work than the limits allow, `PdfEncrypted` where what
    /// cannot be read speaks of encryption, `PdfDamaged` where it is what must not be lost.
    pub(super) fn next(&mut self) -> Result<Option<Piece>, Refusal> {
        while let Some(stop) = self.stop()? {
            match stop {
                Stop::Comment => self.skip_line()?,
                // Within an object or trailer that cannot be read.
                Stop::Encryption => return Err(Refusal::PdfEncrypted),
                Stop::Lost(what) => return Err(damaged(what)),
                Stop::BrokenHeader => return Err(damaged("the number of an object is lost")),
                Stop::End => {
                    self.at += b"obj".len() as u64;
                    if !mem::take(&mut self.is_open) {
                        return Err(damaged("the beginning of an object is lost"));
                    }
                }
                Stop::Header(before) => {
                    self.is_open = true;
                    let begin = self.at - before as u64;
                    self.pdf.budget.spend_object()?;
                    self.at += b"obj".len() as u64;
                    let piece = match self.parse(begin, taken)? {
                        Some(taken) => self.take(begin, taken)?,
                        None => Piece::Lost(self.number_at(begin)?, begin),
                    };
                    return Ok(Some(piece));
                }
                Stop::Trailer => {
                    self.pdf.budget.spend_object()?;
                    self.at += b"trailer".len() as u64;
                    let begin = self.at;
                    if let Some((dictionary, end)) = self.parse(begin, trailer)? {
                        self.at = end;
                        return Ok(Some(Piece::Trailer(dictionary, begin)));
                    }
                }
            }
        }
        Ok(None)
    }

    /// Goes on to the next stop.
    pub(super) fn stop(&mut self) -> Result<Option<Stop>, Refusal> {
        let found = self.view.find(self.at, STOP_BYTES_MAX, stop_in)?;
        let (at, stop) = found.unzip();
        self.at = at.unwrap_or(self.view.len());
        Ok(stop)
    }

    /// Goes on behind this line. What no document can lack may not stand in a comment: one byte makes
    /// one of it.
    fn skip_line(&mut self) -> Result<(), Refusal> {
        match self.view.find(self.at, STOP_BYTES_MAX, end_of_comment_in)? {
            Some((_, Some(Stop::Encryption))) => return Err(Refusal::PdfEncrypted),
            Some((_, Some(Stop::Lost(what)))) => return Err(damaged(what)),
            Some((end, _)) => self.at = end,
            None => self.at = self.view.len(),
        }
        Ok(())
    }

    /// Reads what begins at a place, if it can be read: as much of the file is looked at as it takes.
    fn parse<T>(
        &mut self,
        begin: u64,
        read: impl Fn(&mut Lexer<'_>, &[u8], u64) -> Result<T, LexError>,
    ) -> Result<Option<T>, Refusal> {
        let (mut wanted, mut looked_at) = (FIRST_BYTES, 0);
        loop {
            let file_end = self.view.len();
            let window = self.view.from(begin, wanted)?;
            let had = window.len();
            let mut lexer = self.pdf.lexer(window);
            let mut outcome = read(&mut lexer, window, begin);
            let is_cut = matches!(outcome, Err(LexError::End));
            looked_at += if is_cut { had } else { lexer.position() };
            let has_more = begin + (had as u64) < file_end;
            if is_cut && !has_more {
                // What ends with the file ends like what ends with a space.
                let window = [window, b" "].concat();
                outcome = read(&mut self.pdf.lexer(&window), &window, begin);
            }
            match outcome {
                Ok(found) => return Ok(Some(found)),
                Err(_) if is_cut && has_more && wanted < self.pdf.limits.object_bytes => {
                    wanted = wanted.max(had).saturating_mul(4);
                }
                Err(_) => break,
            }
        }
        self.has_left_out = true;
        self.pdf.budget.waste_bytes(looked_at)?;
        Ok(None)
    }

    /// The number in the header of an object.
    fn number_at(&mut self, begin: u64) -> Result<u32, Refusal> {
        let window = self.view.from(begin, STOP_BYTES_MAX)?;
        match self.pdf.lexer(window).object_header() {
            Ok((number, _)) => Ok(number),
            Err(_) => Err(damaged("an object's number is too large")),
        }
    }

    fn take(&mut self, offset: u64, taken: Taken) -> Result<Piece, Refusal> {
        let Taken {
            placed:
                Placed {
                    id,
                    object,
                    end,
                    oddities,
                },
            is_ragged,
        } = taken;
        self.at = end;
        let mut flaw = Flaw {
            oddities,
            is_ragged,
            ..Flaw::default()
        };
        match &object {
            Object::Integer(number) => {
                if let Ok(number) = u64::try_from(*number) {
                    self.numbers.insert(id.0, number);
                }
            }
            Object::Stream(stream) => {
                let data = self.data(end, &stream.dict)?;
                self.at = data.behind;
                if let Ok(Object::Reference(length)) = stream.dict.get(b"Length") {
                    self.measured.push(Measured {
                        stream: (id.0, offset),
                        length: *length,
                        begin: end,
                        bytes: data.behind - end,
                        is_as_said: data.is_as_said,
                    });
                }
                let is_needed = flaw.is_mended() || !data.is_as_said;
                flaw.data = data.end.filter(|_| is_needed).map(|data_end| end..data_end);
                flaw.may_reach_beyond = data.may_reach_beyond || oddities.is_to_be_mended();
                if data.end.is_none() {
                    // It stays as it stands: nothing can be appended to it.
                    flaw = Flaw::default();
                }
            }
            _ => {}
        }
        if !matches!(object, Object::Stream(_)) {
            match self.behind(end)? {
                Behind::LastWord => {}
                Behind::NextPiece => flaw.is_ragged = true,
                Behind::More => flaw.has_more = true,
            }
        }
        Ok(Piece::Object(Found {
            id,
            offset,
            object,
            flaw: flaw.is_any().then_some(flaw),
        }))
    }

    /// What stands behind an object that is no stream.
    fn behind(&mut self, at: u64) -> Result<Behind, Refusal> {
        let file_end = self.view.len();
        let window = self.view.from(at, STOP_BYTES_MAX)?;
        let window = window.get(..STOP_BYTES_MAX).unwrap_or(window);
        let has_file_end = at + window.len() as u64 == file_end;
        let window = [window, b" "].concat();
        let mut lexer = self.pdf.lexer(&window);
        if lexer.keyword(b"endobj") {
            return Ok(Behind::LastWord);
        }
        let rest = window.get(lexer.position()..).unwrap_or_default();
        let is_end = has_file_end && b"endobj".starts_with(rest.trim_ascii_end());
        let begins_piece = ENDS.iter().any(|word| lexer.keyword(word));
        Ok(if is_end || begins_piece || lexer.object_header().is_ok() {
            Behind::NextPiece
        } else {
            Behind::More
        })
    }

    /// Where the data of a stream end: where its length says, if `endstream` stands there, else at
    /// the next word that ends a stream or an object.
    fn data(&mut self, begin: u64, dictionary: &Dictionary) -> Result<Data, Refusal> {
        let lengths = self.lengths(begin, dictionary)?;
        let ends = lengths
            .into_iter()
            .filter_map(|length| begin.checked_add(length));
        let (within, beyond): (Vec<_>, Vec<_>) = ends.partition(|&end| end < self.view.len());
        for &end in &within {
            if ends_at(self.pdf, end)? {
                return Ok(Data {
                    behind: end,
                    end: Some(end),
                    is_as_said: true,
                    may_reach_beyond: false,
                });
            }
        }
        let data = |behind, end| Data {
            behind,
            end,
            is_as_said: false,
            may_reach_beyond: !beyond.is_empty() || is_unclear(dictionary),
        };
        let found = self.end_from(begin)?;
        let Some((behind, is_of_stream)) = found else {
            return Ok(data(self.view.len(), None));
        };
        // Where nothing but the word itself is lost the length is right.
        let is_near = |end: &&u64| **end <= behind && behind - **end <= LOST_WORD_BYTES_MAX;
        let said = within.iter().find(|end| !is_of_stream && is_near(end));
        let end = match said {
            Some(end) => *end,
            None => before_end_of_line(self.pdf, begin, behind)?,
        };
        Ok(data(behind, Some(end)))
    }

    /// Where a stream ends, or the object that it is, at the latest; whether it is the stream.
    fn end_from(&mut self, mut at: u64) -> Result<Option<(u64, bool)>, Refusal> {
        while let Some((place, is_of_stream)) = self.view.find(at, END_OF_STREAM.len(), end_in)? {
            if !is_of_stream || ends_stream(self.view.from(place, ENDS_STREAM_BYTES)?) {
                return Ok(Some((place, is_of_stream)));
            }
            at = place + 1;
        }
        Ok(None)
    }

    /// What a stream's length may be. If it is an object of its own, that may stand further on, where
    /// what is in a stream's data cannot be told from it yet.
    fn lengths(&mut self, begin: u64, dictionary: &Dictionary) -> Result<Vec<u64>, Refusal> {
        let number = match dictionary.get(b"Length") {
            Ok(Object::Integer(length)) => return Ok(u64::try_from(*length).into_iter().collect()),
            Ok(Object::Reference((number, _))) => *number,
            _ => return Ok(Vec::new()),
        };
        if let Some(length) = self.numbers.get(&number) {
            return Ok(vec![*length]);
        }
        if self.ahead.is_none() {
            self.ahead = Some(look_ahead(self.pdf, begin)?);
        }
        let ahead = self.ahead.as_ref().and_then(|ahead| ahead.get(&number));
        Ok(ahead.cloned().unwrap_or_default())
    }
}

/// What stands behind an object.
enum Behind {
    /// `endobj`.
    LastWord,
    /// What the file goes on with, or its end: the last word is lost.
    NextPiece,
    /// Something else. Some readers take that for the object.
    More,
}

/// Where the data of a stream end.
struct Data {
    /// Where the walk goes on.
    behind: u64,
    /// Their end, unless the file ends first.
    end: Option<u64>,
    /// Whether that is where the stream's length has it.
    is_as_said: bool,
    /// Whether somebody may read a length out of it that leads beyond the file.
    may_reach_beyond: bool,
}

/// Whether the length of a stream is no integer, and some readers make one of it.
fn is_unclear(dictionary: &Dictionary) -> bool {
    let length = dictionary.get(b"Length").unwrap_or(&Object::Null);
    !matches!(
        length,
        Object::Integer(_) | Object::Reference(_) | Object::Null
    )
}

/// Before the end of line that belongs to the word that stands there (7.3.8.1).
fn before_end_of_line(pdf: &Pdf<'_>, begin: u64, word: u64) -> Result<u64, Refusal> {
    let before = begin.max(word.saturating_sub(2));
    let length = usize::try_from(word - before).unwrap_or_default();
    let before = source::read(pdf.source(), before, length)?;
    Ok(match &*before {
        [b'\r', b'\n'] => word - 2,
        [.., b'\r' | b'\n'] => word - 1,
        _ => word,
    })
}

/// Takes the dictionary of a trailer, with where it ends.
fn trailer(
    lexer: &mut Lexer<'_>,
    _window: &[u8],
    begin: u64,
) -> Result<(Dictionary, u64), LexError> {
    let dictionary = lexer.dictionary()?;
    Ok((dictionary, begin + lexer.position() as u64))
}

/// What a file may go on with behind its objects.
const ENDS: [&[u8]; 3] = [b"xref", b"trailer", b"startxref"];

/// What is looked at of an object at first.
const FIRST_BYTES: usize = 4 << 10;

/// What stands for `endstream`, and the ends of lines around it.
const LOST_WORD_BYTES_MAX: u64 = 16;
