//! The answer that carries a file: what of it, a strong validator, a name.

use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use http::header::{
    ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG,
};
use http::{HeaderMap, HeaderValue, StatusCode};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tokio_util::io::ReaderStream;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::problem::Problem;
use super::range::{Wanted, entity_tag};
use crate::model::Sha256Digest;

impl Wanted {
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
    use super::{Manner, disposition};

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
