//! Where a request was sent from: the defence of sessions against forms of other sites.

use http::header::ORIGIN;
use http::{HeaderMap, Uri};

const SEC_FETCH_SITE: &str = "sec-fetch-site";

/// Whether a request that changes something was sent by a page of this service. A browser that
/// says `Sec-Fetch-Site` decides; for older ones `Origin` must be the public address. Neither:
/// no, since every browser sends one of the two with a form.
pub(crate) fn is_own(headers: &HeaderMap, public_url: &str) -> bool {
    let text = |name: &str| {
        headers
            .get(name)
            .map(|value| value.to_str().unwrap_or_default())
    };
    match (text(SEC_FETCH_SITE), text(ORIGIN.as_str())) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => same_origin(origin, public_url),
        (None, None) => false,
    }
}

/// Whether two addresses have scheme, host and port in common (RFC 6454 §5).
fn same_origin(one: &str, other: &str) -> bool {
    let origin = |address: &str| {
        let uri: Uri = address.parse().ok()?;
        let scheme = uri.scheme_str()?.to_ascii_lowercase();
        let standard = if scheme == "https" { 443 } else { 80 };
        let port = uri.port_u16().unwrap_or(standard);
        Some((scheme, uri.host()?.to_ascii_lowercase(), port))
    };
    origin(one).is_some() && origin(one) == origin(other)
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::is_own;

    fn own(headers: &[(&'static str, &'static str)]) -> bool {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect();
        is_own(&headers, "https://tra.example/")
    }

    #[test]
    fn what_the_browser_says_of_the_site_decides() {
        assert!(own(&[("sec-fetch-site", "same-origin")]));
        for site in ["same-site", "cross-site", "none", ""] {
            assert!(
                !own(&[("sec-fetch-site", site), ("origin", "https://tra.example")]),
                "{site}"
            );
        }
    }

    #[test]
    fn else_the_origin_must_be_ours_to_the_letter() {
        assert!(own(&[("origin", "https://tra.example")]));
        assert!(own(&[("origin", "https://TRA.example:443")]));
        for origin in [
            "null",
            "http://tra.example",
            "https://tra.example:8443",
            "https://a.tra.example",
            "",
        ] {
            assert!(!own(&[("origin", origin)]), "{origin}");
        }
        assert!(!own(&[]));
    }
}
