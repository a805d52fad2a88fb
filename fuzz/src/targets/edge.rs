//! What stands at the edge of the service: headers, forms, dossier codes,
//! manifests.

use std::io;
use std::net::{IpAddr, SocketAddr};

use bytes::Bytes;
use futures_util::{FutureExt as _, stream};
use http::header::{ACCEPT_LANGUAGE, COOKIE, IF_RANGE, RANGE};
use http::{HeaderMap, HeaderName, HeaderValue};
use multer::Multipart;

use crate::cli;
use crate::dossier::DossierCode;
use crate::http::probe::{self, Language, Proxies, Wanted};
use crate::model::Sha256Digest;

/// Dossier codes: what is displayed is read back as the same.
pub(super) fn code(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    if let Ok(code) = DossierCode::parse(text) {
        let again = DossierCode::parse(code.as_str()).expect("its own form is a code");
        assert_eq!(again.as_str(), code.as_str());
        assert_eq!(again.profile(), code.profile());
        let _ = (code.date(), code.unit());
        assert!(!format!("{code:?}").contains(code.as_str()));
    }
}

/// `Range` and `If-Range` of a file: eight octets for its length, then the lines. What is sent lies
/// within it.
pub(super) fn range(bytes: &[u8]) {
    let Some((len, lines)) = bytes.split_first_chunk::<8>() else {
        return;
    };
    let len = u64::from_be_bytes(*len);
    let mut lines = lines.split(|byte| *byte == b'\n');
    let mut headers = HeaderMap::new();
    for name in [RANGE, IF_RANGE] {
        insert(&mut headers, name, lines.next());
    }
    let wanted = Wanted::of(&headers, &Sha256Digest::of(b""), len);
    match wanted {
        Wanted::Part { first, last } => {
            assert!(first <= last && last < len, "{first}-{last} of {len}");
            assert_eq!(wanted.range(), Some(first..last + 1));
        }
        Wanted::Whole | Wanted::Unsatisfiable => assert_eq!(wanted.range(), None),
    }
}

/// `X-Forwarded-For`: an octet for the peer, then the lines. A stranger speaks for itself, and
/// nothing that stands left of a client changes who it is.
pub(super) fn forwarded(bytes: &[u8]) {
    let Some((&peer, lines)) = bytes.split_first() else {
        return;
    };
    let proxies = ["10.0.0.0/8", "2001:db8::/32"].map(|network| network.parse().unwrap());
    let proxies = Proxies::new(proxies.into());
    let strangers: IpAddr = [192, 0, 2, 9].into();
    let peer = if peer.is_multiple_of(4) {
        strangers
    } else {
        [10, 0, 0, peer].into()
    };
    let connection = SocketAddr::new(peer, 1);
    let lines: Vec<&[u8]> = lines.split(|byte| *byte == b'\n').collect();
    let client = proxies.client(connection, &forwarded_for(&lines));
    assert_eq!(client, client.to_canonical());
    assert!(proxies.include(peer) || client == peer);
    if !proxies.include(client) {
        let more = [&[&b"198.51.100.7"[..]], &lines[..]].concat();
        assert_eq!(proxies.client(connection, &forwarded_for(&more)), client);
    }
}

fn forwarded_for(lines: &[&[u8]]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in lines {
        if let Ok(line) = HeaderValue::from_bytes(line) {
            headers.append("x-forwarded-for", line);
        }
    }
    headers
}

/// `Accept-Language` and the cookie: Vietnamese, where it is asked for first and without a weight.
pub(super) fn language(bytes: &[u8]) {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let mut headers = HeaderMap::new();
    insert(&mut headers, ACCEPT_LANGUAGE, lines.next());
    let accepted = Language::of(&headers);
    assert_eq!(accepted, Language::accepted(&headers));
    insert(&mut headers, COOKIE, lines.next());
    assert_eq!(Language::accepted(&headers), accepted);
    let chosen = Language::of(&headers);
    assert_eq!(Language::from_tag(chosen.tag()), Some(chosen));
    let first = [b"vi,", bytes.split(|byte| *byte == b'\n').next().unwrap()].concat();
    if let Ok(first) = HeaderValue::from_bytes(&first) {
        headers.insert(ACCEPT_LANGUAGE, first);
        assert_eq!(Language::accepted(&headers), Language::Vietnamese);
    }
}

fn insert(headers: &mut HeaderMap, name: HeaderName, line: Option<&[u8]>) {
    if let Some(Ok(line)) = line.map(HeaderValue::from_bytes) {
        headers.insert(name, line);
    }
}

/// A form with files: an octet for the pieces that it comes in, then its body. Wherever the pieces
/// end, the verdict on the heads is the same, and none is longer for the parser behind.
pub(super) fn form(bytes: &[u8]) {
    let Some((&piece, body)) = bytes.split_first() else {
        return;
    };
    let passes =
        |piece: usize| probe::heads_pass(BOUNDARY, HEAD_BYTES_MAX, body.chunks(piece.max(1)));
    let whole = passes(body.len());
    assert_eq!(passes(usize::from(piece)), whole, "in pieces of {piece}");
    if !whole {
        return;
    }
    let body = Bytes::copy_from_slice(body);
    let mut form = Multipart::new(stream::once(async { Ok::<_, io::Error>(body) }), BOUNDARY);
    // All of the body is there: nothing has to be waited for.
    while let Some(Ok(Some(field))) = form.next_field().now_or_never() {
        let headers = field.headers().iter();
        let len: usize = headers
            .map(|(name, value)| name.as_str().len() + value.len())
            .sum();
        assert!(len <= HEAD_BYTES_MAX, "a head of {len} bytes");
        if !matches!(field.bytes().now_or_never(), Some(Ok(_))) {
            return;
        }
    }
}

/// The manifest of a batch: a line that is taken has what a result needs, and what is said of
/// another repeats nothing of it. Of the columns' names one is named, and not at any length.
pub(super) fn manifest(bytes: &[u8]) {
    let is_short = |why: &String| why.chars().count() < 80;
    let is_harmless = |why: &String| why.is_ascii() && is_short(why);
    match cli::probe::manifest(bytes) {
        Ok(lines) => {
            assert!(!lines.is_empty());
            let sound = lines.iter().all(|line| match line {
                Ok((fields, files)) => *fields > 0 && *files > 0,
                Err(why) => is_harmless(why),
            });
            assert!(sound, "{lines:?}");
        }
        Err(why) => assert!(is_short(&why), "{why}"),
    }
}

const BOUNDARY: &str = "B";
/// Short, so that a fuzzer's form can have one that is too long.
const HEAD_BYTES_MAX: usize = 64;
