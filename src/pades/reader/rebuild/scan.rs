//! One walk over a file from its header to its end, for all that calls itself an object or a
//! trailer. What stands in an object's strings and in a stream's data is none.

use std::collections::HashMap;

use lopdf::{Dictionary, Object, ObjectId};

use crate::pades::error::Refusal;
use crate::pades::reader::lexer::{LexError, Lexer};
use crate::pades::reader::objects::{Placed, place};
use crate::pades::reader::view::View;
use crate::pades::reader::{Pdf, is_space};

/// An object where it stands in the file.
pub(super) struct Found {
    pub(super) id: ObjectId,
    pub(super) offset: u64,
    pub(super) object: Object,
}

/// What the walk comes upon.
pub(super) enum Piece {
    Object(Found),
    /// The dictionary behind `trailer`, and where it begins.
    Trailer(Dictionary, u64),
}

/// The walk.
pub(super) struct Scan<'p, 's> {
    pdf: &'p Pdf<'s>,
    view: View<'p, 's>,
    at: u64,
    /// Objects that are numbers: the lengths of streams may be such.
    numbers: HashMap<u32, u64>,
    /// The numbers that stand further on in the file, once somebody wanted one of them.
    ahead: Option<HashMap<u32, Vec<u64>>>,
    /// Bytes that were looked at in vain: what is no object may look like the beginning of a long one.
    wasted: usize,
    has_left_out: bool,
}

/// What makes the walk stop.
#[derive(Clone, Copy)]
enum Stop {
    Comment,
    /// The word `obj`, behind two numbers that begin so many bytes before it.
    Header(usize),
    Trailer,
    /// The word that says that a file is encrypted.
    Encryption,
}

impl<'p, 's> Scan<'p, 's> {
    pub(super) fn new(pdf: &'p Pdf<'s>) -> Self {
        Self {
            pdf,
            view: View::new(pdf),
            at: pdf.header_offset(),
            numbers: HashMap::new(),
            ahead: None,
            wasted: 0,
            has_left_out: false,
        }
    }

    /// Whether something so far looked like an object or trailer and could not be read.
    pub(super) fn has_left_out(&self) -> bool {
        self.has_left_out
    }

    /// The next object or trailer.
    ///
    /// # Errors
    /// `PdfTooComplex` when the file is more work than the limits allow, `PdfEncrypted` where what
    /// cannot be read speaks of encryption.
    pub(super) fn next(&mut self) -> Result<Option<Piece>, Refusal> {
        while let Some(stop) = self.stop()? {
            match stop {
                Stop::Comment => self.skip_line()?,
                // Within an object or trailer that cannot be read.
                Stop::Encryption => return Err(Refusal::PdfEncrypted),
                Stop::Header(before) => {
                    let begin = self.at - before as u64;
                    self.pdf.budget.spend_object()?;
                    self.at += b"obj".len() as u64;
                    if let Some(placed) = self.parse(begin, place)? {
                        return self.take(begin, placed).map(Some);
                    }
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
    fn stop(&mut self) -> Result<Option<Stop>, Refusal> {
        let found = self.view.find(self.at, HEADER_BYTES_MAX, stop_in)?;
        let (at, stop) = found.unzip();
        self.at = at.unwrap_or(self.view.len());
        Ok(stop)
    }

    /// Goes on behind this line.
    fn skip_line(&mut self) -> Result<(), Refusal> {
        let is_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
        let end = |piece: &[u8]| Some((piece.iter().position(is_end)?, ()));
        let found = self.view.find(self.at, 0, end)?;
        self.at = found.map_or(self.view.len(), |(end, ())| end);
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
        self.wasted += looked_at;
        if self.wasted > WASTED_BYTES_MAX {
            return Err(Refusal::PdfTooComplex("too much is no object".into()));
        }
        Ok(None)
    }

    fn take(&mut self, offset: u64, placed: Placed) -> Result<Piece, Refusal> {
        let Placed { id, object, end } = placed;
        self.at = end;
        match &object {
            Object::Integer(number) => {
                if let Ok(number) = u64::try_from(*number) {
                    self.numbers.insert(id.0, number);
                }
            }
            Object::Stream(stream) => self.at = self.end_of_data(end, &stream.dict)?,
            _ => {}
        }
        Ok(Piece::Object(Found { id, offset, object }))
    }

    /// Where the data of a stream end: where its length says, if `endstream` stands there, else at
    /// the next word that ends a stream or an object.
    fn end_of_data(&mut self, begin: u64, dictionary: &Dictionary) -> Result<u64, Refusal> {
        for length in self.lengths(begin, dictionary)? {
            let end = begin.checked_add(length);
            if let Some(end) = end.filter(|&end| end < self.view.len())
                && self.ends_at(end)?
            {
                return Ok(end);
            }
        }
        let found = self.view.find(begin, b"endstream".len(), end_in)?;
        Ok(found.map_or(self.view.len(), |(end, ())| end))
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
            self.ahead = Some(self.look_ahead(begin)?);
        }
        let ahead = self.ahead.as_ref().and_then(|ahead| ahead.get(&number));
        Ok(ahead.cloned().unwrap_or_default())
    }

    /// Every `N G obj 123 endobj` from here on.
    fn look_ahead(&self, begin: u64) -> Result<HashMap<u32, Vec<u64>>, Refusal> {
        let mut scan = Self::new(self.pdf);
        scan.at = begin;
        let mut found: HashMap<u32, Vec<u64>> = HashMap::new();
        while let Some(stop) = scan.stop()? {
            let begin = scan.at;
            scan.at += 1;
            let Stop::Header(before) = stop else { continue };
            let window = scan.view.from(begin - before as u64, FIRST_BYTES)?;
            let mut lexer = scan.pdf.lexer(window);
            let Ok((number, _)) = lexer.object_header() else {
                continue;
            };
            if let Ok(length) = lexer.unsigned()
                && lexer.keyword(b"endobj")
            {
                scan.pdf.budget.spend_object()?;
                let lengths = found.entry(number).or_default();
                if lengths.len() < LENGTHS_MAX {
                    lengths.push(length);
                }
            }
        }
        Ok(found)
    }

    fn ends_at(&self, end: u64) -> Result<bool, Refusal> {
        let take = (self.view.len() - end).min(END_BYTES_MAX);
        let mut bytes = vec![0; usize::try_from(take).unwrap_or_default()];
        self.pdf.source().read_at(end, &mut bytes)?;
        let word = bytes.iter().position(|&byte| !is_space(byte));
        let word = bytes.get(word.unwrap_or_default()..).unwrap_or_default();
        Ok(word.starts_with(b"endstream"))
    }
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

/// The first place at which the walk stops.
fn stop_in(piece: &[u8]) -> Option<(usize, Stop)> {
    let mut at = 0;
    loop {
        let rest = piece.get(at..)?;
        let place = at
            + rest
                .iter()
                .position(|&byte| matches!(byte, b'%' | b'o' | b't' | b'/'))?;
        let (before, rest) = piece.split_at_checked(place)?;
        let stop = match rest {
            [b'%', ..] => Some(Stop::Comment),
            [b'o', b'b', b'j', ..] => header_before(before).map(Stop::Header),
            [b'/', ..] => rest.starts_with(b"/Encrypt").then_some(Stop::Encryption),
            _ => rest.starts_with(b"trailer").then_some(Stop::Trailer),
        };
        match stop {
            Some(stop) => return Some((place, stop)),
            None => at = place + 1,
        }
    }
}

/// How many bytes the two numbers take that these bytes end with.
fn header_before(bytes: &[u8]) -> Option<usize> {
    let bytes = bytes.get(bytes.len().saturating_sub(HEADER_BYTES_MAX)..)?;
    let digits = |bytes: &[u8]| {
        let behind = bytes.iter().rposition(|byte| !byte.is_ascii_digit());
        behind.map_or(0, |last| last + 1)
    };
    let spaces = |bytes: &[u8]| {
        let behind = bytes.iter().rposition(|&byte| !is_space(byte));
        behind.map_or(0, |last| last + 1)
    };
    let generation = bytes.get(..spaces(bytes))?;
    let between = generation.get(..digits(generation))?;
    let number = between.get(..spaces(between))?;
    let begin = digits(number);
    let are_numbers =
        between.len() < generation.len() && number.len() < between.len() && begin < number.len();
    are_numbers.then(|| bytes.len() - begin)
}

/// Where a stream ends, or the object that it is, at the latest.
fn end_in(piece: &[u8]) -> Option<(usize, ())> {
    let mut at = 0;
    loop {
        let rest = piece.get(at..)?;
        let place = at + rest.iter().position(|&byte| byte == b'e')?;
        let rest = piece.get(place..)?;
        if rest.starts_with(b"endstream") || rest.starts_with(b"endobj") {
            return Some((place, ()));
        }
        at = place + 1;
    }
}

/// Both numbers of an object and the white space behind them take no more.
const HEADER_BYTES_MAX: usize = 64;

/// What is looked at of an object at first.
const FIRST_BYTES: usize = 4 << 10;

/// White space before `endstream` and the word itself.
const END_BYTES_MAX: u64 = 32;

/// A number that stands in a file more often than this is no stream's length.
const LENGTHS_MAX: usize = 16;

/// So many bytes may be looked at in vain.
const WASTED_BYTES_MAX: usize = 64 << 20;
