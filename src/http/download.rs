//! The answer that carries a file: ranges, a strong validator, a name.

use std::ops::Range;

use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use http::header::{
    ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG,
    IF_RANGE, RANGE,
};
use http::{HeaderMap, HeaderValue, StatusCode};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tokio_util::io::ReaderStream;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::problem::Problem;
use crate::model::Sha256Digest;

/// What is sent of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// All of it.
    Whole,
    /// The bytes from `first` to `last`, both included.
    Part {
        /// The first byte, from 0.
        first: u64,
        /// The last byte.
        last: u64,
    },
    /// A range that the file does not have.
    Unsatisfiable,
}

impl Wanted {
    /// Reads `Range` and `If-Range` (RFC 9110 §13.1.5, §14.2). One range of bytes is honoured;
    /// whatever else is asked for, the whole file is a correct answer.
    pub(crate) fn of(headers: &HeaderMap, sha256: &Sha256Digest, len: u64) -> Self {
        let condition = headers.get(IF_RANGE).map(HeaderValue::as_bytes);
        if condition.is_some_and(|tag| tag != entity_tag(sha256).as_bytes()) {
            return Self::Whole;
        }
        headers
            .get(RANGE)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("bytes="))
            .map_or(Self::Whole, |range| Self::parse(range.trim(), len))
    }

    /// The range to read, half-open; `None` for all of it.
    pub(crate) fn range(self) -> Option<Range<u64>> {
        match self {
            Self::Part { first, last } => Some(first..last + 1),
            Self::Whole | Self::Unsatisfiable => None,
        }
    }

    /// How the file is shown inline or saved, its type, its validator and what of it follows.
    pub(crate) fn head(self, file: &Named<'_>) -> (StatusCode, HeaderMap) {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        header(&mut headers, ETAG, &entity_tag(file.sha256));
        let len = file.len;
        match self {
            Self::Unsatisfiable => {
                header(&mut headers, CONTENT_RANGE, &format!("bytes */{len}"));
                return (StatusCode::RANGE_NOT_SATISFIABLE, headers);
            }
            Self::Whole => headers.insert(CONTENT_LENGTH, HeaderValue::from(len)),
            Self::Part { first, last } => {
                header(
                    &mut headers,
                    CONTENT_RANGE,
                    &format!("bytes {first}-{last}/{len}"),
                );
                headers.insert(CONTENT_LENGTH, HeaderValue::from(last - first + 1))
            }
        };
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/pdf"));
        header(
            &mut headers,
            CONTENT_DISPOSITION,
            &disposition(file.manner, file.name),
        );
        let part = matches!(self, Self::Part { .. });
        (
            if part {
                StatusCode::PARTIAL_CONTENT
            } else {
                StatusCode::OK
            },
            headers,
        )
    }

    fn parse(range: &str, len: u64) -> Self {
        let number = |text: &str| {
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            digits.then(|| text.parse().unwrap_or(u64::MAX))
        };
        let end = len.saturating_sub(1);
        match range
            .split_once('-')
            .map(|(first, last)| (first, number(first), last, number(last)))
        {
            Some((_, Some(first), "", _)) if first < len => Self::Part { first, last: end },
            Some((_, Some(first), _, Some(last))) if first > last => Self::Whole,
            Some((_, Some(first), _, Some(last))) if first < len => Self::Part {
                first,
                last: last.min(end),
            },
            Some((_, Some(_), "", _) | (_, Some(_), _, Some(_))) => Self::Unsatisfiable,
            Some(("", _, _, Some(suffix))) if suffix == 0 || len == 0 => Self::Unsatisfiable,
            Some(("", _, _, Some(suffix))) => Self::Part {
                first: len.saturating_sub(suffix),
                last: end,
            },
            _ => Self::Whole,
        }
    }
}

/// A file as it is announced.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Named<'f> {
    /// Its name with suffix.
    pub(crate) name: &'f str,
    /// Its digest.
    pub(crate) sha256: &'f Sha256Digest,
    /// Its size in bytes.
    pub(crate) len: u64,
    /// Shown or saved.
    pub(crate) manner: Manner,
}

/// Whether the browser shows a file or saves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Saved: always so for requesters.
    Attachment,
    /// Shown: the clerk's view.
    Inline,
}

/// An archive that was made for this request, saved under a plain name.
pub(crate) async fn archive(name: &str, file: std::fs::File) -> Result<Response, Problem> {
    let file = tokio::fs::File::from_std(file);
    let len = file.metadata().await.map_err(|_| Problem::unavailable())?;
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/zip"));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(len.len()));
    let disposition = disposition(Manner::Attachment, name);
    header(&mut headers, CONTENT_DISPOSITION, &disposition);
    let bytes = Body::from_stream(ReaderStream::new(file));
    Ok((StatusCode::OK, headers, bytes).into_response())
}

fn entity_tag(sha256: &Sha256Digest) -> String {
    format!("\"{sha256}\"")
}

fn header(headers: &mut HeaderMap, name: http::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// `Content-Disposition` by RFC 6266 with the Vietnamese name by RFC 8187 and one of plain letters
/// for old browsers. Letters that could end the value or steer a terminal or a path do not pass.
fn disposition(manner: Manner, name: &str) -> String {
    let manner = match manner {
        Manner::Attachment => "attachment",
        Manner::Inline => "inline",
    };
    let name: String = name.nfc().filter(|letter| !is_unsafe(*letter)).collect();
    let plain = plain(&name);
    let full = utf8_percent_encode(&name, NOT_ATTR_CHAR);
    format!("{manner}; filename=\"{plain}\"; filename*=UTF-8''{full}")
}

/// Everything but `attr-char` of RFC 8187 §3.2.1.
const NOT_ATTR_CHAR: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

fn is_unsafe(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '/' | '\\' | ':' | '"' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The name in plain letters: `Giấy đăng ký.pdf` becomes `Giay dang ky.pdf`.
fn plain(name: &str) -> String {
    name.nfd()
        .filter(|letter| !is_combining_mark(*letter))
        .map(|letter| match letter {
            'đ' => 'd',
            'Đ' => 'D',
            ' '..='~' => letter,
            _ => '_',
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use http::header::{IF_RANGE, RANGE};

    use super::{Manner, Wanted, disposition};
    use crate::model::Sha256Digest;

    fn wanted(range: &str, len: u64) -> Wanted {
        let mut headers = HeaderMap::new();
        headers.insert(RANGE, range.parse().unwrap());
        Wanted::of(&headers, &Sha256Digest::of(b""), len)
    }

    #[test]
    fn one_range_of_bytes_is_honoured_and_anything_else_is_the_whole() {
        assert_eq!(wanted("bytes=0-0", 10), Wanted::Part { first: 0, last: 0 });
        assert_eq!(wanted("bytes=3-", 10), Wanted::Part { first: 3, last: 9 });
        assert_eq!(wanted("bytes=9-99", 10), Wanted::Part { first: 9, last: 9 });
        assert_eq!(wanted("bytes=-4", 10), Wanted::Part { first: 6, last: 9 });
        assert_eq!(wanted("bytes=-40", 10), Wanted::Part { first: 0, last: 9 });
        for odd in [
            "bytes=0-1,3-4",
            "bytes=5-4",
            "bytes=a-b",
            "bytes=",
            "bytes=-",
            "lines=1-2",
        ] {
            assert_eq!(wanted(odd, 10), Wanted::Whole, "{odd}");
        }
        for outside in [
            "bytes=10-",
            "bytes=10-20",
            "bytes=-0",
            "bytes=99999999999999999999-",
        ] {
            assert_eq!(wanted(outside, 10), Wanted::Unsatisfiable, "{outside}");
        }
    }

    #[test]
    fn a_range_of_another_file_is_the_whole_of_this_one() {
        let sha256 = Sha256Digest::of(b"this");
        let mut headers = HeaderMap::new();
        headers.insert(RANGE, "bytes=1-2".parse().unwrap());
        headers.insert(IF_RANGE, format!("\"{sha256}\"").parse().unwrap());
        assert_eq!(
            Wanted::of(&headers, &sha256, 9),
            Wanted::Part { first: 1, last: 2 }
        );
        assert_eq!(
            Wanted::of(&headers, &Sha256Digest::of(b"that"), 9),
            Wanted::Whole
        );
        headers.insert(IF_RANGE, format!("W/\"{sha256}\"").parse().unwrap());
        assert_eq!(Wanted::of(&headers, &sha256, 9), Wanted::Whole);
    }

    #[test]
    fn a_vietnamese_name_is_sent_in_both_ways_and_nothing_slips_out_of_it() {
        assert_eq!(
            disposition(Manner::Attachment, "Giấy đăng ký.pdf"),
            "attachment; filename=\"Giay dang ky.pdf\"; \
             filename*=UTF-8''Gi%E1%BA%A5y%20%C4%91%C4%83ng%20k%C3%BD.pdf"
        );
        let odd = disposition(Manner::Inline, "a\"; x=\r\nb\u{202e}/../c");
        assert_eq!(
            odd,
            "inline; filename=\"a; x=b..c\"; filename*=UTF-8''a%3B%20x%3Db..c"
        );
    }
}
