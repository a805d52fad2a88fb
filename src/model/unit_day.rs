//! A unit's day, which the dossier codes of that day have in common.

use std::fmt;

use serde::{Deserialize, Serialize};
use time::Date;

time::serde::format_description!(day, Date, "[year]-[month]-[day]");

/// The unit that received a dossier and the day on which it did, as a dossier code tells both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitDay {
    /// The day.
    #[serde(with = "day")]
    pub day: Date,
    /// The unit's own code, `H13.12`; empty in records that tell the day alone.
    #[serde(default)]
    pub unit: String,
}

/// `H13.12-2026-11-23`.
impl fmt::Display for UnitDay {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}-{}", self.unit, self.day)
    }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn a_record_that_tells_the_day_alone_is_read() {
        let read: UnitDay = serde_json::from_str(r#"{"day":"2026-11-23"}"#).unwrap();
        let told = UnitDay {
            day: date!(2026 - 11 - 23),
            unit: String::new(),
        };
        assert_eq!(read, told);
    }
}
