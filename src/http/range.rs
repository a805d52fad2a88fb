//! Which bytes of a file a request asks for.

use std::ops::Range;

use http::header::{IF_RANGE, RANGE};
use http::{HeaderMap, HeaderValue};

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

/// A strong validator: the file's digest.
pub(super) fn entity_tag(sha256: &Sha256Digest) -> String {
    format!("\"{sha256}\"")
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use http::header::{IF_RANGE, RANGE};

    use super::Wanted;
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
}
