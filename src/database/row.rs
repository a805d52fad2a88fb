//! Columns as values of the model.

use std::str::FromStr;

use serde::de::DeserializeOwned;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;
use time::OffsetDateTime;

use super::DatabaseError;
use crate::model::Sha256Digest;

/// Milliseconds since 1970-01-01T00:00Z.
pub(super) fn millis(time: OffsetDateTime) -> i64 {
    i64::try_from(time.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
}

/// The time of some milliseconds, in UTC.
pub(super) fn from_millis(millis: i64) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(millis) * 1_000_000).ok()
}

/// Typed access to a row's columns by name.
pub(super) trait Columns {
    fn text(&self, name: &'static str) -> Result<String, DatabaseError>;
    fn text_option(&self, name: &'static str) -> Result<Option<String>, DatabaseError>;
    fn integer(&self, name: &'static str) -> Result<i64, DatabaseError>;
    fn integer_option(&self, name: &'static str) -> Result<Option<i64>, DatabaseError>;
    fn blob(&self, name: &'static str) -> Result<Vec<u8>, DatabaseError>;

    /// A word or an id.
    fn parsed<T: FromStr>(&self, name: &'static str) -> Result<T, DatabaseError> {
        self.text(name)?
            .parse()
            .map_err(|_| DatabaseError::Malformed(name))
    }

    fn parsed_option<T: FromStr>(&self, name: &'static str) -> Result<Option<T>, DatabaseError> {
        let text = self.text_option(name)?;
        text.map(|text| text.parse().map_err(|_| DatabaseError::Malformed(name)))
            .transpose()
    }

    fn json<T: DeserializeOwned>(&self, name: &'static str) -> Result<T, DatabaseError> {
        serde_json::from_str(&self.text(name)?).map_err(|_| DatabaseError::Malformed(name))
    }

    fn time(&self, name: &'static str) -> Result<OffsetDateTime, DatabaseError> {
        from_millis(self.integer(name)?).ok_or(DatabaseError::Malformed(name))
    }

    fn time_option(&self, name: &'static str) -> Result<Option<OffsetDateTime>, DatabaseError> {
        let millis = self.integer_option(name)?;
        millis
            .map(|millis| from_millis(millis).ok_or(DatabaseError::Malformed(name)))
            .transpose()
    }

    fn bytes32(&self, name: &'static str) -> Result<[u8; 32], DatabaseError> {
        self.blob(name)?
            .try_into()
            .map_err(|_| DatabaseError::Malformed(name))
    }

    fn digest(&self, name: &'static str) -> Result<Sha256Digest, DatabaseError> {
        self.bytes32(name).map(Sha256Digest::from_bytes)
    }

    fn number<T: TryFrom<i64>>(&self, name: &'static str) -> Result<T, DatabaseError> {
        T::try_from(self.integer(name)?).map_err(|_| DatabaseError::Malformed(name))
    }

    fn flag(&self, name: &'static str) -> Result<bool, DatabaseError> {
        Ok(self.integer(name)? != 0)
    }
}

impl Columns for SqliteRow {
    fn text(&self, name: &'static str) -> Result<String, DatabaseError> {
        Ok(self.try_get(name)?)
    }

    fn text_option(&self, name: &'static str) -> Result<Option<String>, DatabaseError> {
        Ok(self.try_get(name)?)
    }

    fn integer(&self, name: &'static str) -> Result<i64, DatabaseError> {
        Ok(self.try_get(name)?)
    }

    fn integer_option(&self, name: &'static str) -> Result<Option<i64>, DatabaseError> {
        Ok(self.try_get(name)?)
    }

    fn blob(&self, name: &'static str) -> Result<Vec<u8>, DatabaseError> {
        Ok(self.try_get(name)?)
    }
}
