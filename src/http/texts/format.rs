//! Dates, times and sizes as people write them.

use fluent_bundle::FluentArgs;
use time::{Date, OffsetDateTime};

use super::{Language, Texts};
use crate::model::in_viet_nam;

/// `23/11/2026` in Vietnamese, `23 November 2026` in English.
pub(crate) fn day(language: Language, day: Date) -> String {
    let (year, month, day) = day.to_calendar_date();
    match language {
        Language::Vietnamese => format!("{day:02}/{:02}/{year}", u8::from(month)),
        Language::English => format!("{day} {month} {year}"),
    }
}

/// The day of a moment, the same way.
pub(crate) fn date(language: Language, at: OffsetDateTime) -> String {
    day(language, in_viet_nam(at).date())
}

/// `14:05`, the time of Viet Nam.
pub(crate) fn time(at: OffsetDateTime) -> String {
    let at = in_viet_nam(at);
    format!("{:02}:{:02}", at.hour(), at.minute())
}

/// `14:05:09`, where the second matters: a signature's time.
pub(crate) fn exact_time(at: OffsetDateTime) -> String {
    let at = in_viet_nam(at);
    format!("{:02}:{:02}:{:02}", at.hour(), at.minute(), at.second())
}

/// The attribute of `<time datetime>`: RFC 3339 in the time of Viet Nam.
pub(crate) fn machine(at: OffsetDateTime) -> String {
    in_viet_nam(at)
        .format(&time::format_description::well_known::Rfc3339)
        .unwrap_or_default()
}

/// `1,2 MB` in Vietnamese, `1.2 MB` in English; by 1024, as the officers' computers count.
pub(crate) fn size(language: Language, bytes: u64) -> String {
    const KIB: u64 = 1 << 10;
    const MIB: u64 = 1 << 20;
    const GIB: u64 = 1 << 30;
    let (unit, scale) = match bytes {
        0..KIB => return format!("{bytes} byte"),
        KIB..MIB => ("kB", KIB),
        MIB..GIB => ("MB", MIB),
        _ => ("GB", GIB),
    };
    let tenths = (bytes * 10 + scale / 2) / scale;
    let comma = match language {
        Language::Vietnamese => ',',
        Language::English => '.',
    };
    match (tenths / 10, tenths % 10) {
        (whole, 0) | (whole @ 100.., _) => format!("{whole} {unit}"),
        (whole, tenth) => format!("{whole}{comma}{tenth} {unit}"),
    }
}

/// `45 phút`, `4 giờ 45 phút` in Vietnamese, `45 minutes`, `4 hours 45 minutes` in English.
pub(crate) fn wait(language: Language, minutes: u64) -> String {
    let parts = [("wait-hours", minutes / 60), ("wait-minutes", minutes % 60)];
    let told = parts.into_iter().filter(|(_, count)| *count > 0);
    let told = told.map(|(id, count)| {
        let mut values = FluentArgs::new();
        values.set("count", count);
        Texts::shipped().filled(language, id, &values)
    });
    told.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_moment_is_written_in_the_time_of_viet_nam() {
        let at = datetime!(2026-11-23 18:05:09 UTC);
        assert_eq!(date(Language::Vietnamese, at), "24/11/2026");
        assert_eq!(date(Language::English, at), "24 November 2026");
        assert_eq!(time(at), "01:05");
        assert_eq!(exact_time(at), "01:05:09");
        assert_eq!(machine(at), "2026-11-24T01:05:09+07:00");
    }

    #[test]
    fn the_end_of_all_time_can_be_written() {
        let at = datetime!(9999-12-31 23:59:59 UTC);
        assert_eq!(date(Language::Vietnamese, at), "31/12/9999");
    }

    #[test]
    fn a_long_wait_is_told_in_hours_and_minutes() {
        for (minutes, vietnamese, english) in [
            (1, "1 phút", "1 minute"),
            (59, "59 phút", "59 minutes"),
            (60, "1 giờ", "1 hour"),
            (61, "1 giờ 1 phút", "1 hour 1 minute"),
            (285, "4 giờ 45 phút", "4 hours 45 minutes"),
            (1_440, "24 giờ", "24 hours"),
        ] {
            assert_eq!(wait(Language::Vietnamese, minutes), vietnamese);
            assert_eq!(wait(Language::English, minutes), english);
        }
    }

    #[test]
    fn a_size_has_the_comma_of_its_language() {
        assert_eq!(size(Language::Vietnamese, 1_234_567), "1,2 MB");
        assert_eq!(size(Language::English, 1_234_567), "1.2 MB");
        assert_eq!(size(Language::English, 999), "999 byte");
        assert_eq!(size(Language::English, 2 << 20), "2 MB");
        assert_eq!(size(Language::Vietnamese, 209_715_200), "200 MB");
    }
}
