//! Dossier codes: however one is typed it is one code, and two official codes never become one.

use std::sync::LazyLock;

use proptest::prelude::*;
use trao::dossier::{DossierCode, Profile, code_beginning};
use trao::secrets::KeyRing;

/// Official codes of both shapes, with real days.
fn official() -> impl Strategy<Value = String> {
    let day = (0..50_u32, 1..=12_u32, 1..=28_u32);
    let vn_2018 = (0..1000_u32, 0..100_u32, 0..100_u32, letter(), 0..100_u32, day.clone(), 0..10_000_u32)
        .prop_map(|(third, second, first, top, n, (year, month, day), number)| {
            format!(
                "{third:03}.{second:02}.{first:02}.{top}{n:02}-{year:02}{month:02}{day:02}-{number:04}"
            )
        });
    let below = proptest::collection::vec(0..1000_u32, 0..=3);
    let vn_2020 = (
        letter(),
        0..100_u32,
        below,
        day,
        any::<bool>(),
        4..=7_usize,
        0..10_000_u32,
    )
        .prop_map(
            |(top, n, below, (year, month, day), is_long, digits, number)| {
                let below: Vec<String> = below.iter().map(|part| format!(".{part}")).collect();
                let below = below.concat();
                let century = if is_long { "20" } else { "" };
                format!("{top}{n:02}{below}-{century}{year:02}{month:02}{day:02}-{number:0digits$}")
            },
        );
    prop_oneof![vn_2018, vn_2020]
}

fn letter() -> impl Strategy<Value = char> {
    proptest::char::range('A', 'Z')
}

/// A letter as people type it, scan it or paste it: full-width, in lower case, another
/// dash, with a letter behind it that nobody sees.
fn typed(letter: char, way: u8) -> String {
    let wide = |letter: char| char::from_u32(u32::from(letter) + 0xfee0).unwrap();
    match (letter, way % 7) {
        ('-', 1) => "–".to_owned(),
        ('-', 2) => " − ".to_owned(),
        ('-', 3) => "\u{2010}".to_owned(),
        ('.', 1) => "..".to_owned(),
        ('.', 2) => ". ".to_owned(),
        (letter, 3) if letter.is_ascii_graphic() => wide(letter).to_string(),
        (letter, 4) => letter.to_ascii_lowercase().to_string(),
        (letter, 5) => format!("{letter}\u{200b}"),
        (letter, 6) => format!("{letter}\u{fe0f}"),
        (letter, _) => letter.to_string(),
    }
}

proptest! {
    #[test]
    fn parsing_what_was_parsed_changes_nothing(text in "\\PC{0,70}") {
        if let Ok(code) = DossierCode::parse(&text) {
            let again = DossierCode::parse(code.as_str()).unwrap();
            prop_assert_eq!(again.as_str(), code.as_str());
            prop_assert_eq!(again.profile(), code.profile());
        }
    }

    #[test]
    fn what_looks_like_a_code_parses_to_itself(text in "[A-Za-z0-9./ -]{0,70}") {
        if let Ok(code) = DossierCode::parse(&text) {
            let again = DossierCode::parse(code.as_str()).unwrap();
            prop_assert_eq!(again.as_str(), code.as_str());
        }
    }

    #[test]
    fn an_official_code_is_itself(code in official()) {
        let parsed = DossierCode::parse(&code).unwrap();
        prop_assert_eq!(parsed.as_str(), code.as_str());
        prop_assert_ne!(parsed.profile(), Profile::Free);
        prop_assert!(parsed.date().is_some() && code.starts_with(parsed.unit().unwrap()));
    }

    #[test]
    fn however_it_is_typed_it_is_one_code(
        code in official(),
        ways in proptest::collection::vec(any::<u8>(), 40),
    ) {
        let typed: String = code.chars().zip(ways).map(|(letter, way)| typed(letter, way)).collect();
        let parsed = DossierCode::parse(&format!("  {typed}\t")).unwrap();
        prop_assert_eq!(parsed.as_str(), code.as_str());
    }

    #[test]
    fn two_official_codes_never_become_one(one in official(), other in official()) {
        let (a, b) = (DossierCode::parse(&one).unwrap(), DossierCode::parse(&other).unwrap());
        prop_assert_eq!(one == other, a == b);
    }

    #[test]
    fn a_code_with_another_digit_is_another_code(
        code in official(),
        at in any::<prop::sample::Index>(),
        digit in 0..10_u8,
    ) {
        let digits: Vec<usize> = code
            .bytes()
            .enumerate()
            .filter_map(|(at, byte)| byte.is_ascii_digit().then_some(at))
            .collect();
        let mut bytes = code.clone().into_bytes();
        bytes[*at.get(&digits)] = b'0' + digit;
        let other = String::from_utf8(bytes).unwrap();
        let parsed = DossierCode::parse(&code).unwrap();
        // With another digit the day may not exist any more; then it is no code at all.
        if let Ok(other_parsed) = DossierCode::parse(&other) {
            prop_assert_eq!(code == other, parsed == other_parsed);
        }
    }

    #[test]
    fn what_has_an_official_shape_needs_a_real_day(
        month in 13..100_u32, day in 1..=28_u32, number in 0..10_000_u32,
    ) {
        let code = format!("H13.12-26{month:02}{day:02}-{number:04}");
        prop_assert!(DossierCode::parse(&code).is_err());
    }

    /// It stays what was typed, a code of no official shape.
    #[test]
    fn a_letter_is_never_swapped_in_silence(
        code in official(),
        at in any::<prop::sample::Index>(),
        is_small: bool,
    ) {
        let alike: Vec<usize> = code
            .bytes()
            .enumerate()
            .filter_map(|(at, byte)| matches!(byte, b'0' | b'1').then_some(at))
            .collect();
        prop_assume!(!alike.is_empty());
        let at = *at.get(&alike);
        let letter = match (&code[at..=at], is_small) {
            ("0", _) => "O",
            (_, true) => "l",
            (_, false) => "I",
        };
        let mut misread = code.clone();
        misread.replace_range(at..=at, letter);
        let parsed = DossierCode::parse(&misread).unwrap();
        prop_assert_eq!(parsed.as_str(), misread.to_uppercase());
        prop_assert_eq!(parsed.profile(), Profile::Free);
    }

    /// Not only what can be seen: every character, wherever it stands in a code.
    #[test]
    fn no_text_at_all_is_taken_for_two_codes(
        code in official(),
        strange in proptest::collection::vec(any::<char>(), 0..3),
        at in any::<prop::sample::Index>(),
    ) {
        let at = at.index(code.len() + 1);
        let text = [&code[..at], &strange.iter().collect::<String>(), &code[at..]].concat();
        if let Ok(parsed) = DossierCode::parse(&text) {
            let again = DossierCode::parse(parsed.as_str()).unwrap();
            prop_assert_eq!(&again, &parsed);
            prop_assert!(parsed.as_str().is_ascii(), "{}", parsed.as_str());
        }
    }

    /// What the database looks a code up by: one code has one index, another has another, and
    /// nothing of it under another key.
    #[test]
    fn one_code_has_one_index(
        code in official(),
        other in official(),
        ways in proptest::collection::vec(any::<u8>(), 40),
    ) {
        let typed: String = code.chars().zip(ways).map(|(letter, way)| typed(letter, way)).collect();
        let index = |text: &str| RING.code_index(DossierCode::parse(text).unwrap().as_str());
        prop_assert_eq!(index(&typed), index(&code));
        prop_assert_eq!(index(&other) == index(&code), other == code);
        prop_assert_ne!(KeyRing::generate().code_index(&code).bytes, index(&code).bytes);
    }
}

static RING: LazyLock<KeyRing> = LazyLock::new(KeyRing::generate);

/// Too short, too long, of other letters, with a day that does not exist: refused alike.
#[test]
fn what_is_no_code_is_refused_and_never_guessed_at() {
    let long = "A".repeat(62);
    let raw = " ".repeat(257);
    for text in [
        "",
        " ",
        "?",
        "H13",
        "-H13.12",
        ".H13.12",
        "H13_12-261123",
        "Hồ sơ 123",
        &long,
        &raw,
        "H13.12-260230-0001",
        "H13.12-261123-001",
        "000.00.12.H13-261123-00001",
        "\0\0\0\0\0\0",
        "O13.12-260230-0001",
        "H13\0.12-261123-0001",
        "H13.12-261123-0001\u{1b}",
        "H13.12\u{9f}-261123-0001",
    ] {
        let refused = DossierCode::parse(text).expect_err(text);
        assert_eq!(refused.to_string(), "this is not a dossier code");
    }
}

#[test]
fn a_control_character_hides_no_code_in_a_text() {
    for plain in ["H13.12-261123-0001", "HOSO/123"] {
        let code = DossierCode::parse(plain).unwrap();
        let (begin, end) = plain.split_at(3);
        assert!(code.is_within(&format!("Giấy {begin}\0\u{9f}{end}")));
    }
    assert!(code_beginning("H13\0.12").is_err());
    assert!(code_beginning("H13 .12").is_err());
    assert_eq!(code_beginning("h13.12").unwrap(), "H13.12");
}
