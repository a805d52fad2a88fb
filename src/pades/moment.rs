//! The forms in which signatures and certificates tell time.

use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

use super::asn1::read::Value;
use super::asn1::tag;

/// Reads a PDF date (ISO 32000-2 §7.9.4): `D:YYYYMMDDHHmmSS+07'00'`, where all behind the year may
/// be left out and the last apostrophe often is.
pub(super) fn pdf_date(text: &str) -> Option<OffsetDateTime> {
    let mut rest = Digits(text.strip_prefix("D:").unwrap_or(text).trim_end());
    let year = rest.take(4)?;
    let date = (year, rest.take(2).unwrap_or(1), rest.take(2).unwrap_or(1));
    let clock = [rest.take(2), rest.take(2), rest.take(2)].map(Option::unwrap_or_default);
    at(date, clock, offset(rest.0)?)
}

fn offset(text: &str) -> Option<UtcOffset> {
    let Some(sign) = text.chars().next() else {
        return Some(UtcOffset::UTC);
    };
    let mut rest = Digits(text.get(1..)?);
    if sign == 'Z' {
        return Some(UtcOffset::UTC);
    }
    let hours = i8::try_from(rest.take(2)?).ok()?;
    rest.0 = rest.0.trim_start_matches('\'');
    let minutes = i8::try_from(rest.take(2).unwrap_or_default()).ok()?;
    match sign {
        '+' => UtcOffset::from_hms(hours, minutes, 0).ok(),
        '-' => UtcOffset::from_hms(-hours, -minutes, 0).ok(),
        _ => None,
    }
}

/// Reads a `UTCTime` or `GeneralizedTime` in the forms of RFC 5280 §4.1.2.5 and RFC 3161 §2.4.2:
/// in UTC, with seconds, perhaps with a fraction: without it a time-stamp would seem older than it
/// is. Of the fraction nine digits count.
pub(super) fn asn1_time(value: Value<'_>) -> Option<OffsetDateTime> {
    let text = std::str::from_utf8(value.content).ok()?.strip_suffix('Z')?;
    let mut rest = Digits(text);
    let year = match value.tag {
        tag::UTC_TIME => match rest.take(2)? {
            year @ 0..50 => 2000 + year,
            year => 1900 + year,
        },
        tag::GENERALIZED_TIME => rest.take(4)?,
        _ => return None,
    };
    let date = (year, rest.take(2)?, rest.take(2)?);
    let clock = [rest.take(2)?, rest.take(2)?, rest.take(2)?];
    let whole = at(date, clock, UtcOffset::UTC)?;
    match rest.0.strip_prefix('.') {
        Some(digits) => whole.replace_nanosecond(nanoseconds(digits)?).ok(),
        None => rest.0.is_empty().then_some(whole),
    }
}

/// The nanoseconds of the digits behind the point.
fn nanoseconds(digits: &str) -> Option<u32> {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let nine: String = digits.chars().chain("000000000".chars()).take(9).collect();
    nine.parse().ok()
}

fn at(date: (u16, u16, u16), clock: [u16; 3], offset: UtcOffset) -> Option<OffsetDateTime> {
    let small = |number: u16| u8::try_from(number).ok();
    let (year, month, day) = date;
    let month = Month::try_from(small(month)?).ok()?;
    let date = Date::from_calendar_date(i32::from(year), month, small(day)?).ok()?;
    let [hour, minute, second] = clock;
    let time = Time::from_hms(small(hour)?, small(minute)?, small(second)?).ok()?;
    Some(PrimitiveDateTime::new(date, time).assume_offset(offset))
}

/// Text that numbers of a fixed width are taken from.
struct Digits<'t>(&'t str);

impl Digits<'_> {
    fn take(&mut self, width: usize) -> Option<u16> {
        let (digits, rest) = self.0.split_at_checked(width)?;
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        self.0 = rest;
        digits.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::{asn1_time, pdf_date};
    use crate::pades::asn1::read::Walk;
    use crate::pades::asn1::{tag, value};

    #[test]
    fn pdf_dates_are_read_in_every_length() {
        for (text, time) in [
            ("D:20261123140509+07'00'", datetime!(2026-11-23 14:05:09 +7)),
            ("D:20261123140509+07'00", datetime!(2026-11-23 14:05:09 +7)),
            (
                "D:20261123140509-03'30'",
                datetime!(2026-11-23 14:05:09 -3:30),
            ),
            (
                "D:20261123140509Z00'00'",
                datetime!(2026-11-23 14:05:09 UTC),
            ),
            ("20261123140509", datetime!(2026-11-23 14:05:09 UTC)),
            ("D:202611", datetime!(2026-11-01 0:00 UTC)),
            ("D:2026", datetime!(2026-01-01 0:00 UTC)),
        ] {
            assert_eq!(pdf_date(text), Some(time), "{text}");
        }
        for text in [
            "",
            "D:",
            "D:20261323",
            "D:20261123140509+7",
            "D:20261123146009",
            "D:2026é1",
        ] {
            assert_eq!(pdf_date(text), None, "{text}");
        }
    }

    #[test]
    fn asn1_times_are_read_in_utc_only() {
        let read =
            |kind, text: &str| asn1_time(Walk::over(&value(kind, text.as_bytes())).any().unwrap());
        let time = datetime!(2026-11-23 07:05:09 UTC);
        assert_eq!(read(tag::UTC_TIME, "261123070509Z"), Some(time));
        assert_eq!(read(tag::GENERALIZED_TIME, "20261123070509Z"), Some(time));
        assert_eq!(
            read(tag::GENERALIZED_TIME, "20261123070509.25Z"),
            Some(datetime!(2026-11-23 07:05:09.25 UTC))
        );
        assert_eq!(read(tag::GENERALIZED_TIME, "20261123140509+0700"), None);
        assert_eq!(read(tag::UTC_TIME, "2611230705Z"), None);
        assert_eq!(read(tag::GENERALIZED_TIME, "20261123070509.2+Z"), None);
    }
}
