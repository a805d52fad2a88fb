//! Which language a person reads.

use http::HeaderMap;
use http::header::{ACCEPT_LANGUAGE, COOKIE};

/// The languages of the texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Language {
    /// Tiếng Việt, the default.
    #[default]
    Vietnamese,
    /// English.
    English,
}

impl Language {
    /// The cookie that keeps a person's own choice.
    pub const COOKIE: &'static str = "lang";

    /// What a request asks for: the choice in the cookie, else `Accept-Language`.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        cookie(headers, Self::COOKIE)
            .and_then(Self::from_tag)
            .unwrap_or_else(|| Self::accepted(headers))
    }

    /// What `Accept-Language` asks for (RFC 9110 §12.5.4): the better weighed of the two, and
    /// Vietnamese where neither or both alike are named. Frames of portals and programs use this
    /// one: they carry no cookie.
    #[must_use]
    pub fn accepted(headers: &HeaderMap) -> Self {
        let wish = headers
            .get(ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok());
        let weight = |language: Self| {
            wish.into_iter()
                .flat_map(|wish| wish.split(','))
                .filter_map(ranged)
                .filter(|(tag, _)| Self::from_tag(tag) == Some(language))
                .map(|(_, weight)| weight)
                .fold(0.0, f32::max)
        };
        if weight(Self::English) > weight(Self::Vietnamese) {
            Self::English
        } else {
            Self::Vietnamese
        }
    }

    /// The language of a tag such as `vi` or `en-GB`.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        match tag
            .split(['-', '_'])
            .next()?
            .trim()
            .to_ascii_lowercase()
            .as_str()
        {
            "vi" => Some(Self::Vietnamese),
            "en" => Some(Self::English),
            _ => None,
        }
    }

    /// The tag: `vi`, `en`.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::Vietnamese => "vi",
            Self::English => "en",
        }
    }

    /// The one that the language switch offers.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Vietnamese => Self::English,
            Self::English => Self::Vietnamese,
        }
    }

    /// Its name in itself.
    #[must_use]
    pub fn own_name(self) -> &'static str {
        match self {
            Self::Vietnamese => "Tiếng Việt",
            Self::English => "English",
        }
    }
}

/// One range of `Accept-Language` and its weight, from 0 to 1; any other counts as none.
fn ranged(part: &str) -> Option<(&str, f32)> {
    let mut pieces = part.split(';');
    let tag = pieces.next()?.trim();
    let weight = pieces
        .find_map(|piece| piece.trim().strip_prefix("q="))
        .map_or(Some(1.0), |number| number.trim().parse().ok());
    let weight = weight.filter(|weight| (0.0..=1.0).contains(weight));
    Some((tag, weight.unwrap_or_default()))
}

/// The value of a cookie by its exact name.
pub(crate) fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get_all(COOKIE)
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::Language;

    fn asks(name: &'static str, value: &'static str) -> Language {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_static(value));
        Language::of(&headers)
    }

    #[test]
    fn the_better_weighed_language_wins_and_vietnamese_a_tie() {
        assert_eq!(asks("accept-language", "en-GB,en;q=0.8"), Language::English);
        assert_eq!(
            asks("accept-language", "en;q=0.3, vi-VN;q=0.5"),
            Language::Vietnamese
        );
        assert_eq!(asks("accept-language", "vi,en"), Language::Vietnamese);
        assert_eq!(
            asks("accept-language", "fr, de;q=0.5"),
            Language::Vietnamese
        );
        for odd in ["en;q=nonsense", "vi, en;q=1.7", "vi, en;q=inf", "en;q=NaN"] {
            assert_eq!(asks("accept-language", odd), Language::Vietnamese, "{odd}");
        }
        assert_eq!(Language::of(&HeaderMap::new()), Language::Vietnamese);
    }

    #[test]
    fn a_choice_in_the_cookie_counts_more() {
        let mut headers = HeaderMap::new();
        headers.insert("accept-language", HeaderValue::from_static("en"));
        headers.insert("cookie", HeaderValue::from_static("slang=en; lang=vi"));
        assert_eq!(Language::of(&headers), Language::Vietnamese);
        assert_eq!(asks("cookie", "lang=klingon"), Language::Vietnamese);
    }
}
