//! Reading a form with files: each file goes straight to the spool, none is ever whole in memory.

use std::io;
use std::path::Path;

use axum::extract::multipart::{Field, MultipartError};
use http::StatusCode;
use sha2::{Digest as _, Sha256};
use tempfile::NamedTempFile;
use thiserror::Error;
use tokio::fs::File;
use tokio::io::{AsyncWriteExt as _, BufWriter};

use super::parts::Parts;
use crate::model::Sha256Digest;
use crate::sealing::SpooledFile;

/// The field that carries files; every other one is text.
const FILE_FIELD: &str = "file";
/// How much is gathered before the disk is asked: 256 KiB.
const WRITE_BYTES: usize = 256 << 10;

/// How much a form may hold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FormLimits {
    /// Files.
    pub(crate) files_max: usize,
    /// Bytes of all files together.
    pub(crate) files_bytes: u64,
    /// Text fields.
    pub(crate) fields_max: usize,
    /// Bytes of one text field.
    pub(crate) field_bytes: usize,
}

/// A form that was read to its end.
#[derive(Default)]
pub(crate) struct Form {
    fields: Vec<(String, String)>,
    /// The files in their order. What is dropped is removed from the disk.
    pub(crate) files: Vec<SpooledFile>,
}

/// Why a form cannot be read.
#[derive(Debug, Error)]
pub(crate) enum FormError {
    /// It is not a form with files, ends too early or repeats a field.
    #[error("the form is malformed")]
    Malformed,
    /// The files or their number are beyond their limit.
    #[error("the form is too large")]
    TooLarge,
    /// There are more text fields than are taken.
    #[error("there are too many text fields")]
    TooManyFields,
    /// A text field is longer than any that is taken; its name.
    #[error("a text field is too long")]
    FieldTooLong(String),
    /// The spool cannot be written.
    #[error("the file could not be kept")]
    Spool(#[from] io::Error),
}

impl Form {
    /// Reads a form, its files into `spool`.
    pub(crate) async fn read(
        Parts(mut parts): Parts,
        spool: &Path,
        limits: FormLimits,
    ) -> Result<Self, FormError> {
        let mut form = Self::default();
        let mut bytes_left = limits.files_bytes;
        while let Some(mut part) = parts.next_field().await? {
            let name = part.name().ok_or(FormError::Malformed)?.to_owned();
            if name == FILE_FIELD {
                // What a browser sends for a file input that was left empty.
                let unnamed = part.file_name().is_none_or(str::is_empty);
                if form.files.len() == limits.files_max && !unnamed {
                    return Err(FormError::TooLarge);
                }
                let file = spooled(&mut part, spool, bytes_left).await?;
                if unnamed && file.len == 0 {
                    continue;
                }
                if form.files.len() == limits.files_max {
                    return Err(FormError::TooLarge);
                }
                bytes_left -= file.len;
                form.files.push(file);
            } else {
                if form.fields.len() == limits.fields_max {
                    return Err(FormError::TooManyFields);
                }
                match text(&mut part, limits.field_bytes).await? {
                    Some(value) => form.fields.push((name, value)),
                    None => return Err(FormError::FieldTooLong(name)),
                }
            }
        }
        Ok(form)
    }

    /// A field's value without the white space around it; `None` where it is absent or empty, an
    /// error where it stands twice.
    pub(crate) fn field(&self, name: &str) -> Result<Option<&str>, FormError> {
        let mut values = self.fields.iter().filter(|(field, _)| field == name);
        let value = values
            .next()
            .map(|(_, value)| value.trim())
            .filter(|value| !value.is_empty());
        if values.next().is_some() {
            Err(FormError::Malformed)
        } else {
            Ok(value)
        }
    }

    /// The names of the text fields.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|(name, _)| name.as_str())
    }
}

impl From<MultipartError> for FormError {
    fn from(error: MultipartError) -> Self {
        if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
            Self::TooLarge
        } else {
            Self::Malformed
        }
    }
}

async fn spooled(
    part: &mut Field<'_>,
    spool: &Path,
    bytes_max: u64,
) -> Result<SpooledFile, FormError> {
    let (file, path) = NamedTempFile::with_prefix_in("upload-", spool)?.into_parts();
    let mut writer = BufWriter::with_capacity(WRITE_BYTES, File::from_std(file));
    let mut digest = Sha256::new();
    let mut len = 0;
    while let Some(chunk) = part.chunk().await? {
        len += chunk.len() as u64;
        if len > bytes_max {
            return Err(FormError::TooLarge);
        }
        digest.update(&chunk);
        writer.write_all(&chunk).await?;
    }
    writer.flush().await?;
    Ok(SpooledFile {
        path,
        sha256: Sha256Digest::from_bytes(digest.finalize().into()),
        len,
    })
}

/// The text of a field; nothing where it is longer than that.
async fn text(part: &mut Field<'_>, bytes_max: usize) -> Result<Option<String>, FormError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = part.chunk().await? {
        if bytes.len() + chunk.len() > bytes_max {
            return Ok(None);
        }
        bytes.extend_from_slice(&chunk);
    }
    let text = String::from_utf8(bytes).map_err(|_| FormError::Malformed)?;
    Ok(Some(text))
}

#[cfg(test)]
mod tests {
    use axum::extract::FromRequest as _;
    use http::Request;

    use super::{Form, FormError, FormLimits, Parts};

    const LIMITS: FormLimits = FormLimits {
        files_max: 2,
        files_bytes: 10,
        fields_max: 2,
        field_bytes: 5,
    };

    async fn read(parts: &[(&str, Option<&str>, &str)]) -> Result<Form, FormError> {
        let mut body = String::new();
        for (name, file, content) in parts {
            let file = file.map_or_else(String::new, |file| format!("; filename=\"{file}\""));
            let head = format!("Content-Disposition: form-data; name=\"{name}\"{file}");
            body.extend(["--X\r\n", &head, "\r\n\r\n", content, "\r\n"]);
        }
        let request = Request::post("/")
            .header("content-type", "multipart/form-data; boundary=X")
            .body((body + "--X--\r\n").into())
            .unwrap();
        let parts = Parts::from_request(request, &()).await.ok().unwrap();
        Form::read(parts, &std::env::temp_dir(), LIMITS).await
    }

    #[tokio::test]
    async fn files_go_to_the_spool_and_leave_it_when_dropped() {
        let form = read(&[("title", None, " ab "), ("file", Some("a"), "12345")])
            .await
            .unwrap();
        assert_eq!(form.field("title").unwrap(), Some("ab"));
        assert_eq!(form.field("other").unwrap(), None);
        let path = form.files[0].path.to_path_buf();
        assert_eq!(std::fs::read(&path).unwrap(), b"12345");
        assert_eq!(
            form.files[0].sha256,
            crate::model::Sha256Digest::of(b"12345")
        );
        drop(form);
        assert!(!path.exists());
    }

    #[tokio::test]
    async fn each_limit_holds_at_n_and_breaks_at_n_plus_one() {
        let file = |content| ("file", Some("a"), content);
        assert!(read(&[file("12345"), file("12345")]).await.is_ok());
        let too_large = |form| matches!(form, Err(FormError::TooLarge));
        assert!(too_large(read(&[file("12345"), file("123456")]).await));
        assert!(too_large(read(&[file("1"), file("2"), file("3")]).await));
        assert!(
            read(&[("a", None, "12345"), ("b", None, "1")])
                .await
                .is_ok()
        );
        assert!(matches!(
            read(&[("a", None, "123456")]).await,
            Err(FormError::FieldTooLong(name)) if name == "a"
        ));
        assert!(matches!(
            read(&[("a", None, ""), ("b", None, ""), ("c", None, "")]).await,
            Err(FormError::TooManyFields)
        ));
    }

    #[tokio::test]
    async fn an_input_left_empty_is_no_file_and_a_field_stands_once() {
        let form = read(&[("file", Some("a"), "1"), ("file", Some(""), "")])
            .await
            .unwrap();
        assert_eq!(form.files.len(), 1);
        let form = read(&[("a", None, "1"), ("a", None, "2")]).await.unwrap();
        assert!(matches!(form.field("a"), Err(FormError::Malformed)));
    }
}
